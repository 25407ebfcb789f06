import type { TTS, TTSStream } from '@vision-agents/core';

import { SoundOfWords } from './sound-of-words.ts';
import type { Came, OpenTrial, Setting, Trial } from './trial.ts';

/** Tries a voice: it is given a text, and what it says is listened to. */
export function speaks(create: (setting: Setting) => TTS): OpenTrial {
  return async (setting) => {
    const { metrics, logger, clock, signal } = setting;
    return new VoiceTrial(await create(setting).open({ metrics, logger, clock, signal }));
  };
}

class VoiceTrial implements Trial {
  readonly isAlive = true;
  readonly #stream: TTSStream;

  constructor(stream: TTSStream) {
    this.#stream = stream;
  }

  wholeOf(words: string): string {
    return words;
  }

  async operate(words: string, onFirst?: () => void, signal?: AbortSignal): Promise<Came> {
    const sound = new SoundOfWords();
    const errors: unknown[] = [];
    try {
      for await (const frame of this.#stream.synthesize(words, signal)) {
        sound.add(frame);
        onFirst?.();
      }
    } catch (error) {
      errors.push(error);
    }
    return { heard: sound.words, errors };
  }

  close(): Promise<void> {
    return this.#stream.close();
  }
}
