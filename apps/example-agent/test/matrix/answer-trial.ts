import type { LLM } from '@vision-agents/core';
import { InterruptedError } from '@vision-agents/core';

import type { Came, OpenTrial, Setting, Trial } from './trial.ts';

/** What the sandbox's model says to words. */
export function answerTo(words: string): string {
  return `You said ${words}, and that is all there is to say.`;
}

/** Tries a language model: it is asked, and its answer is read to the end. */
export function answers(create: (setting: Setting) => LLM): OpenTrial {
  return (setting) => {
    setting.signal?.throwIfAborted();
    return Promise.resolve(new AnswerTrial(create(setting), setting));
  };
}

class AnswerTrial implements Trial {
  readonly isAlive = true;
  readonly #llm: LLM;
  readonly #setting: Setting;
  readonly #end = new AbortController();

  constructor(llm: LLM, setting: Setting) {
    this.#llm = llm;
    this.#setting = setting;
  }

  wholeOf(words: string): string {
    return answerTo(words);
  }

  async operate(words: string, onFirst?: () => void, stop?: AbortSignal): Promise<Came> {
    const came: Came = { heard: '', errors: [] };
    const { metrics, logger, clock } = this.#setting;
    const signal = AbortSignal.any([this.#end.signal, ...(stop ? [stop] : [])]);
    const request = { instructions: '', messages: [{ role: 'user', text: words }] } as const;
    try {
      for await (const event of this.#llm.respond(request, { metrics, logger, clock, signal })) {
        if (event.type !== 'text') continue;
        came.heard += event.text;
        onFirst?.();
      }
    } catch (error) {
      came.errors.push(error);
    }
    return came;
  }

  close(): Promise<void> {
    this.#end.abort(new InterruptedError());
    return Promise.resolve();
  }
}
