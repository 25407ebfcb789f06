import type { STT, STTEvent, STTStream } from '@vision-agents/core';
import { speak } from '@vision-agents/sandbox';

import type { Came, OpenTrial, Setting, Trial } from './trial.ts';

const SAMPLE_RATE_HZ = 16_000;
const FRAME_SAMPLES = 320;
const SILENCE_MS = 600;
const TICK_MS = 50;

/** Tries a speech to text: it is told words, then silence until they are answered. */
export function hears(create: (setting: Setting) => STT): OpenTrial {
  return async (setting) => {
    const { metrics, logger, clock, signal } = setting;
    return new HearingTrial(await create(setting).open({ metrics, logger, clock, signal }));
  };
}

class HearingTrial implements Trial {
  readonly #stream: STTStream;
  readonly #events: AsyncIterator<STTEvent>;
  #isAlive = true;

  constructor(stream: STTStream) {
    this.#stream = stream;
    this.#events = stream[Symbol.asyncIterator]();
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  wholeOf(words: string): string {
    return words;
  }

  async operate(words: string, onFirst?: () => void): Promise<Came> {
    const came: Came = { heard: '', errors: [] };
    this.#write(speak(words, { sampleRateHz: SAMPLE_RATE_HZ }));
    this.#write(silenceOf(SILENCE_MS));
    const microphone = setInterval(() => this.#write(silenceOf(TICK_MS)), TICK_MS);
    try {
      await this.#listen(came, onFirst);
    } catch (error) {
      this.#isAlive = false;
      came.errors.push(error);
    }
    clearInterval(microphone);
    return came;
  }

  close(): Promise<void> {
    return this.#stream.close();
  }

  async #listen(came: Came, onFirst?: () => void): Promise<void> {
    for (;;) {
      const next = await this.#events.next();
      if (next.done === true) {
        this.#isAlive = false;
        return;
      }
      const event = next.value;
      if (event.type === 'error') came.errors.push(event.error);
      else onFirst?.();
      if (event.type === 'transcript' && event.final) came.heard += event.text;
      if (event.type === 'turn-end' && !event.eager) return;
    }
  }

  /** At once, which is fine for so little. */
  #write(samples: Int16Array): void {
    for (let at = 0; at < samples.length; at += FRAME_SAMPLES) {
      const frame = samples.subarray(at, at + FRAME_SAMPLES);
      this.#stream.write({ samples: frame, sampleRateHz: SAMPLE_RATE_HZ });
    }
  }
}

function silenceOf(ms: number): Int16Array {
  return new Int16Array((ms * SAMPLE_RATE_HZ) / 1000);
}
