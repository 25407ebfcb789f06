import { setTimeout as pause } from 'node:timers/promises';

import type { STT } from '@vision-agents/core';
import { silence } from '@vision-agents/core';
import type { SandboxAddresses } from '@vision-agents/sandbox';
import { speak } from '@vision-agents/sandbox';

import type { Client, MeasuredComponent } from './component.ts';

/** The rate of the speech in Hz, which every recogniser takes as it is. */
export const HEARING_RATE_HZ = 16_000;

const WORD = 'hi';
const FRAME_MS = 20;
const FRAME_LENGTH = (FRAME_MS * HEARING_RATE_HZ) / 1000;
/** What is said before what is timed is heard by then. */
const HEARD_MS = 8;
/** How far ahead of time speech may be: it is not said at the pace of people. */
const AHEAD_MS = 2500;

/** A connection that takes frames of speech. */
export interface Ears {
  send(samples: Int16Array): void;
  close(): Promise<void>;
}

/** What differs between recognisers. */
interface Recogniser {
  readonly sdk: string;
  /** The silence that makes a transcript final, in milliseconds. */
  readonly silenceMs: number;
  /** Tells `hear` the final transcripts. */
  readonly bare: (sandbox: SandboxAddresses, hear: (text: string) => void) => Promise<Ears>;
  readonly plugin: (sandbox: SandboxAddresses) => STT;
}

/** Speech to text that hears one word after another. */
export function recogniser({ sdk, silenceMs, bare, plugin }: Recogniser): MeasuredComponent {
  const frames = framesOf(silenceMs);
  return {
    sdk,
    until: 'final transcript',
    operationsAConnection: Math.floor(AHEAD_MS / (frames.length * FRAME_MS)),
    counter: 'stt_transcripts_total',
    bare: (sandbox) => speaker(frames, silenceMs, (hear) => bare(sandbox, hear)),
    plugin: (sandbox, context) =>
      speaker(frames, silenceMs, async (hear) => {
        const stream = await plugin(sandbox).open(context);
        const listen = async (): Promise<void> => {
          for await (const event of stream) {
            if (event.type === 'transcript' && event.final) hear(event.text);
          }
        };
        const listening = listen();
        return {
          send: (samples) => stream.write({ samples, sampleRateHz: HEARING_RATE_HZ }),
          async close() {
            await stream.close();
            await listening;
          },
        };
      }),
  };
}

/** The word and the silence after it, in frames as microphones deliver them. */
function framesOf(silenceMs: number): Int16Array[] {
  const speech = speak(WORD, { sampleRateHz: HEARING_RATE_HZ });
  const { samples: rest } = silence(silenceMs + FRAME_MS, HEARING_RATE_HZ);
  const samples = new Int16Array([...speech, ...rest]);
  return Array.from({ length: samples.length / FRAME_LENGTH }, (_, index) =>
    samples.subarray(index * FRAME_LENGTH, (index + 1) * FRAME_LENGTH),
  );
}

/** Somebody who says the word and waits for its transcript. */
async function speaker(
  frames: readonly Int16Array[],
  silenceMs: number,
  connect: (hear: (text: string) => void) => Promise<Ears>,
): Promise<Client> {
  let hear: ((text: string) => void) | undefined;
  const ears = await connect((text) => hear?.(text));
  const spokenCount = frames.length - (silenceMs + FRAME_MS) / FRAME_MS;
  return {
    async operate(stopwatch) {
      const { promise, resolve } = Promise.withResolvers<string>();
      hear = (text) => {
        stopwatch.stop();
        resolve(text);
      };
      for (const frame of frames.slice(0, spokenCount - 1)) ears.send(frame);
      await pause(HEARD_MS);
      stopwatch.start();
      for (const frame of frames.slice(spokenCount - 1)) ears.send(frame);
      const text = await promise;
      if (text !== WORD) throw new Error(`"${text}" was heard instead of "${WORD}"`);
    },
    close: () => ears.close(),
  };
}
