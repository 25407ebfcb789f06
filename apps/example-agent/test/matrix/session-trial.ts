import { setTimeout as sleep } from 'node:timers/promises';

import type { Realtime, RealtimeEvent, RealtimeSession } from '@vision-agents/core';

import { answerTo } from './answer-trial.ts';
import { SoundOfWords } from './sound-of-words.ts';
import type { Came, OpenTrial, Setting, Trial } from './trial.ts';

/** How long what was used may be told after the end of an answer. */
const USAGE_MS = 1000;

/** Tries a model that hears and speaks: it is asked in writing, and what it says is listened to. */
export function converses(create: (setting: Setting) => Realtime): OpenTrial {
  return async (setting) => {
    const { metrics, logger, clock, signal } = setting;
    const session = await create(setting).open(
      { instructions: '' },
      { metrics, logger, clock, signal },
    );
    return new SessionTrial(session);
  };
}

class SessionTrial implements Trial {
  readonly #session: RealtimeSession;
  readonly #events: AsyncIterator<RealtimeEvent>;
  #isAlive = true;
  #isUsageTold = false;

  constructor(session: RealtimeSession) {
    this.#session = session;
    this.#events = session[Symbol.asyncIterator]();
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  wholeOf(words: string): string {
    return answerTo(words);
  }

  async operate(words: string, onFirst?: () => void): Promise<Came> {
    const sound = new SoundOfWords();
    const errors: unknown[] = [];
    this.#isUsageTold = false;
    this.#session.sendText(words);
    try {
      for (;;) {
        const next = await this.#events.next();
        this.#isAlive = next.done !== true;
        if (next.done === true || next.value.type === 'response-end') break;
        const event = next.value;
        if (event.type === 'error') errors.push(event.error);
        if (event.type === 'usage') this.#isUsageTold = true;
        if (event.type !== 'audio') continue;
        sound.add(event.frame);
        onFirst?.();
      }
    } catch (error) {
      this.#isAlive = false;
      errors.push(error);
    }
    return { heard: sound.words, errors };
  }

  async close(): Promise<void> {
    const rest = this.#listenOn();
    if (this.#isAlive && !this.#isUsageTold) await Promise.race([rest.usage, sleep(USAGE_MS)]);
    await this.#session.close();
    await rest.end;
  }

  #listenOn(): { usage: Promise<void>; end: Promise<void> } {
    const usage = Promise.withResolvers<void>();
    const listen = async (): Promise<void> => {
      try {
        for (;;) {
          const next = await this.#events.next();
          if (next.done === true) return;
          if (next.value.type === 'usage') usage.resolve();
        }
      } catch {
        // It was told to whom it concerned.
      } finally {
        usage.resolve();
      }
    };
    return { usage: usage.promise, end: listen() };
  }
}
