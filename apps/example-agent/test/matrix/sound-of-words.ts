import type { AudioFrame } from '@vision-agents/core';
import { Listener, WordCollector } from '@vision-agents/sandbox';

/** The words that can be heard in audio: proof that it is whole and in order. */
export class SoundOfWords {
  readonly #words = new WordCollector();
  #listener: Listener | undefined;

  /** Everything heard so far; something that is no word yet is a dot. */
  get words(): string {
    const words = this.#words.words.map(({ word }) => word).join(' ');
    return words === '' && this.#listener !== undefined ? '.' : words;
  }

  add({ samples, sampleRateHz }: AudioFrame): void {
    this.#listener ??= new Listener({
      sampleRateHz,
      onCharacter: (character) => void this.#words.add(character),
    });
    this.#listener.writeSamples(samples);
  }
}
