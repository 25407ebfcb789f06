import { randomBytes } from 'node:crypto';

import type { TruthLedger } from '../truth.ts';
import { partsOf, type GeminiPart, type GeminiRequest } from './gemini-request.ts';

interface IssuedCall {
  signature: string;
  answered: boolean;
}

/** Remembers the function calls the model made, and holds clients to giving them back as they were. */
export class ToolMemory {
  readonly #truth: TruthLedger;
  readonly #issued = new Map<string, IssuedCall>();

  constructor(truth: TruthLedger) {
    this.#truth = truth;
  }

  /** The part that calls a function, with a new id and signature. */
  issue(name: string, args: Record<string, unknown>): GeminiPart {
    const id = `fc_${this.#issued.size + 1}`;
    const signature = randomBytes(24).toString('base64');
    this.#issued.set(id, { signature, answered: false });
    return { functionCall: { name, args, id }, thoughtSignature: signature };
  }

  /** What is wrong with the calls and answers in a request, if anything; counts calls that were answered. */
  check(request: GeminiRequest): string | undefined {
    const parts = partsOf(request);
    const answers = parts.flatMap((part) => part.functionResponse ?? []);
    for (const { functionCall, thoughtSignature } of parts) {
      if (functionCall === undefined) continue;
      const issued = this.#issued.get(functionCall.id ?? '');
      if (issued === undefined) return 'Function call with an unknown id.';
      if (issued.signature !== thoughtSignature) {
        return 'Function call is missing its thought_signature, or it was changed.';
      }
      if (!answers.some(({ id }) => id === functionCall.id)) {
        return 'Please ensure that every function call is followed by a function response.';
      }
    }
    for (const { id = '' } of answers) {
      const issued = this.#issued.get(id);
      if (issued === undefined) return 'Function response with an unknown id.';
      if (!issued.answered) this.#truth.count('llm.tool_calls');
      issued.answered = true;
    }
    return undefined;
  }
}
