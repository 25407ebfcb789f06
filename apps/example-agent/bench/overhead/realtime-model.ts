import type { Realtime } from '@vision-agents/core';
import type { SandboxAddresses } from '@vision-agents/sandbox';

import type { Client, MeasuredComponent } from './component.ts';
import { INSTRUCTIONS, QUESTION } from './language-model.ts';

/** Told of an answer. */
interface Listener {
  /** So many bytes of it can be played. */
  audio(byteCount: number): void;
  /** Nothing more of it comes. */
  ended(): void;
}

/** A session that answers texts in speech. */
interface Session {
  ask(question: string): void;
  close(): Promise<void>;
}

/** What differs between models. */
interface RealtimeModel {
  readonly sdk: string;
  readonly bare: (sandbox: SandboxAddresses, listener: Listener) => Promise<Session>;
  readonly plugin: (sandbox: SandboxAddresses) => Realtime;
}

/** A model that answers a text in speech. */
export function realtimeModel({ sdk, bare, plugin }: RealtimeModel): MeasuredComponent {
  return {
    sdk,
    until: 'first audio',
    operationsAConnection: Infinity,
    counter: 'realtime_responses_total',
    bare: (sandbox) => asker((listener) => bare(sandbox, listener)),
    plugin: (sandbox, context) =>
      asker(async (listener) => {
        const session = await plugin(sandbox).open({ instructions: INSTRUCTIONS }, context);
        const listen = async (): Promise<void> => {
          for await (const event of session) {
            if (event.type === 'audio') listener.audio(event.frame.samples.byteLength);
            if (event.type === 'response-end') listener.ended();
          }
        };
        const listening = listen();
        return {
          ask: (question) => session.sendText(question),
          async close() {
            await session.close();
            await listening;
          },
        };
      }),
  };
}

/** Somebody who asks one question after another. */
async function asker(connect: (listener: Listener) => Promise<Session>): Promise<Client> {
  let listener: Listener | undefined;
  const session = await connect({
    audio: (byteCount) => listener?.audio(byteCount),
    ended: () => listener?.ended(),
  });
  return {
    async operate(stopwatch) {
      const { promise, resolve } = Promise.withResolvers<void>();
      listener = {
        audio: (byteCount) => byteCount > 0 && stopwatch.stop(),
        ended: resolve,
      };
      session.ask(QUESTION);
      await promise;
    },
    close: () => session.close(),
  };
}
