import { setTimeout as pause } from 'node:timers/promises';

import type { STT } from '@vision-agents/core';
import { silence } from '@vision-agents/core';
import type { SandboxAddresses } from '@vision-agents/sandbox';
import { speak } from '@vision-agents/sandbox';

import type { Client, MeasuredComponent } from './component.ts';

const WORD = 'hi';
const FRAME_MS = 20;
/** What is said before what is timed is heard by then. */
const HEARD_MS = 8;
/** How far ahead of time speech may be: it is not said at the pace of people. */
const AHEAD_MS = 2500;

/** A connection that takes frames of speech. */
interface Ears {
  send(samples: Int16Array): void;
  close(): Promise<void>;
}

/** What differs between recognisers. */
interface Recogniser {
  readonly sdk: string;
  /** The rate that the provider takes, in Hz. */
  readonly sampleRateHz: number;
  /** The silence that makes a transcript final, in milliseconds. */
  readonly silenceMs: number;
  /** Tells `hear` the final transcripts. */
  readonly bare: (sandbox: SandboxAddresses, hear: (text: string) => void) => Promise<Ears>;
  readonly plugin: (sandbox: SandboxAddresses) => STT;
}

/** Speech to text that hears one word after another. */
export function recogniser(parts: Recogniser): MeasuredComponent {
  const { sdk, sampleRateHz, silenceMs, bare, plugin } = parts;
  const word = wordOf(sampleRateHz, silenceMs);
  const audioMs = (word.before.length + word.timed.length) * FRAME_MS;
  return {
    sdk,
    until: 'final transcript',
    operationsAConnection: Math.floor(AHEAD_MS / audioMs),
    counter: 'stt_transcripts_total',
    bare: (sandbox) => speaker(word, (hear) => bare(sandbox, hear)),
    plugin: (sandbox, context) =>
      speaker(word, async (hear) => {
        const stream = await plugin(sandbox).open(context);
        const listen = async (): Promise<void> => {
          for await (const event of stream) {
            if (event.type === 'transcript' && event.final) hear(event.text);
          }
        };
        const listening = listen();
        return {
          send: (samples) => stream.write({ samples, sampleRateHz }),
          async close() {
            await stream.close();
            await listening;
          },
        };
      }),
  };
}

/** The word as microphones deliver it, in frames. */
interface Word {
  /** All but the last frame of speech. */
  readonly before: readonly Int16Array[];
  /** The last frame of speech, and the silence after it. */
  readonly timed: readonly Int16Array[];
}

function wordOf(sampleRateHz: number, silenceMs: number): Word {
  const speech = speak(WORD, { sampleRateHz });
  const length = (FRAME_MS * sampleRateHz) / 1000;
  // The frame more is for a recogniser that hears the end a little later.
  const rest = silence(silenceMs + FRAME_MS, sampleRateHz).samples;
  const frames = (samples: Int16Array): Int16Array[] =>
    Array.from({ length: samples.length / length }, (_, index) =>
      samples.subarray(index * length, (index + 1) * length),
    );
  return {
    before: frames(speech.subarray(0, -length)),
    timed: [...frames(speech.subarray(-length)), ...frames(rest)],
  };
}

/** Somebody who says the word and waits for its transcript. */
async function speaker(
  { before, timed }: Word,
  connect: (hear: (text: string) => void) => Promise<Ears>,
): Promise<Client> {
  let hear: ((text: string) => void) | undefined;
  const ears = await connect((text) => hear?.(text));
  return {
    async operate(stopwatch) {
      const { promise, resolve } = Promise.withResolvers<string>();
      hear = (text) => {
        stopwatch.stop();
        resolve(text);
      };
      for (const frame of before) ears.send(frame);
      await pause(HEARD_MS);
      stopwatch.start();
      for (const frame of timed) ears.send(frame);
      const text = await promise;
      if (text !== WORD) throw new Error(`"${text}" was heard instead of "${WORD}"`);
    },
    close: () => ears.close(),
  };
}
