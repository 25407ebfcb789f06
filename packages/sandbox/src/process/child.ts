import process from 'node:process';

import { placeCall } from '../caller/place-call.ts';
import { startSandbox, type Sandbox } from '../start-sandbox.ts';
import { defaultChordMs } from '../voice/chord.ts';
import type { ChildMessage, CommandMessage } from './messages.ts';

let sandbox: Sandbox | undefined;
let chordMs = defaultChordMs;
const calls = new Map<number, { hangUp: AbortController; lastAnswer: AbortController }>();

function running(): Sandbox {
  if (sandbox === undefined) throw new Error('The sandbox has not been started.');
  return sandbox;
}

function send(message: ChildMessage<unknown>): void {
  process.send?.(message);
}

async function execute(message: CommandMessage): Promise<unknown> {
  switch (message.name) {
    case 'start': {
      chordMs = message.payload.chordMs ?? defaultChordMs;
      sandbox = await startSandbox(message.payload);
      const { url, deepgramUrl, elevenlabsUrl, geminiUrl, openaiUrl } = sandbox;
      return { url, deepgramUrl, elevenlabsUrl, geminiUrl, openaiUrl };
    }
    case 'truth':
      return running().truth();
    case 'inject':
      return running().inject(message.payload);
    case 'clearFaults':
      return running().clearFaults();
    case 'configure':
      return running().configure(message.payload);
    case 'hangUp':
      return calls.get(message.payload)?.hangUp.abort();
    case 'lastAnswer':
      return calls.get(message.payload)?.lastAnswer.abort();
    case 'placeCall': {
      const { id } = message;
      const call = { hangUp: new AbortController(), lastAnswer: new AbortController() };
      calls.set(id, call);
      try {
        return await placeCall({
          chordMs,
          ...message.payload,
          signal: call.hangUp.signal,
          lastAnswer: call.lastAnswer.signal,
          onEvent: (event) => send({ id, type: 'event', event }),
        });
      } finally {
        calls.delete(id);
      }
    }
  }
}

process.on('message', (message: CommandMessage) => {
  const { id } = message;
  execute(message).then(
    (result) => send({ id, type: 'result', result }),
    (error: unknown) =>
      send({ id, type: 'error', message: error instanceof Error ? error.message : String(error) }),
  );
});
// A parent that is gone has no use for its sandbox.
process.on('disconnect', () => process.exit());
// Ctrl-C reaches the whole group of processes; the parent ends its calls first and then this one.
process.on('SIGINT', () => undefined);
