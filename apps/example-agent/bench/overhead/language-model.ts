import type { LLM, LLMRequest } from '@vision-agents/core';
import type { SandboxAddresses } from '@vision-agents/sandbox';

import type { MeasuredComponent, Operation } from './component.ts';

/** What every model is asked. */
export const INSTRUCTIONS = 'You answer in one sentence.';
export const QUESTION = 'Hello!';

const REQUEST: LLMRequest = {
  instructions: INSTRUCTIONS,
  messages: [{ role: 'user', text: QUESTION }],
};

/** What differs between models. */
interface Model {
  readonly sdk: string;
  readonly bare: (sandbox: SandboxAddresses) => Operation;
  readonly plugin: (sandbox: SandboxAddresses) => LLM;
}

/** A model that answers a question in text. */
export function languageModel({ sdk, bare, plugin }: Model): MeasuredComponent {
  return {
    sdk,
    until: 'first token',
    operationsAConnection: Infinity,
    counter: 'llm_requests_total',
    bare: async (sandbox) => ({ operate: bare(sandbox), close: keepNothing }),
    async plugin(sandbox, context) {
      const llm = plugin(sandbox);
      return {
        async operate(stopwatch) {
          for await (const event of llm.respond(REQUEST, context)) {
            if (event.type === 'text') stopwatch.stop();
          }
        },
        close: keepNothing,
      };
    },
  };
}

/** Its connections are kept by what it sends requests with. */
async function keepNothing(): Promise<void> {}
