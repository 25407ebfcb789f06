import { randomBytes } from 'node:crypto';

import type { ReasoningItem, ResponsesRequest } from './responses-request.ts';

/** Remembers what the model thought before it called a function, and holds clients to giving it back. */
export class ReasoningMemory {
  readonly #issued = new Map<string, ReasoningItem>();
  /** By the call that was made right after it. */
  readonly #beforeCall = new Map<string, ReasoningItem>();

  /** A thought, encrypted where the client asks for it. */
  issue(isEncrypted: boolean): ReasoningItem {
    const item: ReasoningItem = {
      type: 'reasoning',
      id: `rs_${randomBytes(12).toString('hex')}`,
      summary: [],
      ...(isEncrypted ? { encrypted_content: randomBytes(24).toString('base64') } : {}),
    };
    this.#issued.set(item.id, item);
    return item;
  }

  /** A thought led to this call. */
  ledTo(item: ReasoningItem, callId: string): void {
    this.#beforeCall.set(callId, item);
  }

  /** What is wrong with the thoughts in a request, if anything. */
  check({ input, store }: ResponsesRequest): string | undefined {
    for (const [index, item] of input.entries()) {
      if (item.type === 'reasoning') {
        const issued = this.#issued.get(item.id);
        const isStored = store !== false && item.encrypted_content === undefined;
        if (!isStored && issued?.encrypted_content !== item.encrypted_content) {
          return 'A reasoning item was not found, or its encrypted content was changed.';
        }
        const next = input[index + 1];
        if (
          next === undefined ||
          next.type === 'reasoning' ||
          next.type === 'function_call_output'
        ) {
          return 'A reasoning item was provided without its required following item.';
        }
      } else if (item.type === 'function_call') {
        const thought = this.#beforeCall.get(item.call_id);
        const isThere = input
          .slice(0, index)
          .some((before) => before.type === 'reasoning' && before.id === thought?.id);
        if (thought?.encrypted_content !== undefined && !isThere) {
          return 'A function call was provided without its required reasoning item.';
        }
      }
    }
    return undefined;
  }
}
