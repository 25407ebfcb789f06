import { randomBytes } from 'node:crypto';

import type { TruthLedger } from '../truth.ts';
import type { Entry } from './brain-request.ts';

interface IssuedCall {
  name: string;
  args: string;
  answered: boolean;
}

/** A call as a model makes it. */
export interface MadeCall {
  id: string;
  name: string;
  /** JSON. */
  args: string;
}

/** Remembers the calls that the model made, and holds clients to giving them back as they were, each with its result. */
export class CallMemory {
  readonly #truth: TruthLedger;
  readonly #issued = new Map<string, IssuedCall>();

  constructor(truth: TruthLedger) {
    this.#truth = truth;
  }

  /** A call of a function, with a new id. */
  issue(name: string, args: Record<string, unknown>): MadeCall {
    const call = {
      id: `call_${randomBytes(12).toString('hex')}`,
      name,
      args: JSON.stringify(args),
    };
    this.#issued.set(call.id, { name, args: call.args, answered: false });
    return call;
  }

  /** What is wrong with the calls and results in a conversation, if anything; counts calls that were answered. */
  check(entries: readonly Entry[]): string | undefined {
    const open = new Set<string>();
    for (const entry of entries) {
      if (entry.role === 'call') {
        const issued = this.#issued.get(entry.id);
        if (issued?.name !== entry.name || issued.args !== entry.args) {
          return 'A function call was never made so.';
        }
        open.add(entry.id);
      } else if (entry.role === 'result') {
        const issued = this.#issued.get(entry.id);
        if (!open.delete(entry.id) || issued === undefined) {
          return 'No tool call found for function call output.';
        }
        if (!issued.answered) this.#truth.count('llm.tool_calls');
        issued.answered = true;
      }
    }
    return open.size > 0 ? 'No tool output found for a function call.' : undefined;
  }
}
