import { setImmediate } from 'node:timers/promises';

import type { Logger, TurnDetection, TurnFact } from '@vision-agents/core';
import { createConsoleLogger } from '@vision-agents/core';

import { PROVIDER } from './silero-error.ts';
import { WINDOW_MS, WINDOW_SAMPLES } from './silero-wire.ts';
import type { TurnBoundaries } from './turn-boundaries.ts';

/** How much audio may wait to be judged: 2 s. */
const MAX_WAITING_WINDOWS: number = Math.floor(2000 / WINDOW_MS);

/** What a detection is made of. */
export interface DetectionParts {
  /** Judges the next window of this stream; one at a time. */
  readonly probabilityOf: (samples: Int16Array) => Promise<number>;
  readonly boundaries: TurnBoundaries;
  readonly report: (fact: TurnFact) => void;
  /** @default core's console logger */
  readonly logger?: Logger;
}

interface Window {
  readonly samples: Int16Array;
  readonly offsetMs: number;
}

/**
 * Cuts one participant's audio into windows and has them judged, one after the other, each in a turn
 * of the event loop of its own, so that no audio waits for the model.
 */
export class SileroTurnDetection implements TurnDetection {
  readonly #parts: DetectionParts;
  readonly #logger: Logger;
  #filling = new Int16Array(WINDOW_SAMPLES);
  #filled = 0;
  #offsetMs = 0;
  #waiting: Window[] = [];
  #judging: Promise<void> | undefined;
  #hasDropped = false;
  #hasFailed = false;
  #closed = false;

  constructor(parts: DetectionParts) {
    this.#parts = parts;
    this.#logger = parts.logger ?? createConsoleLogger();
  }

  send(samples: Int16Array): void {
    if (this.#closed) return;
    for (let from = 0; from < samples.length;) {
      const piece = samples.subarray(from, from + WINDOW_SAMPLES - this.#filled);
      this.#filling.set(piece, this.#filled);
      this.#filled += piece.length;
      from += piece.length;
      if (this.#filled === WINDOW_SAMPLES) this.#enqueue();
    }
    if (this.#waiting.length > 0) this.#judging ??= this.#judge();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting = [];
    // A listener that threw was reported where it did.
    await this.#judging?.catch(() => undefined);
  }

  #enqueue(): void {
    this.#waiting.push({ samples: this.#filling, offsetMs: this.#offsetMs });
    this.#offsetMs += WINDOW_MS;
    this.#filling = new Int16Array(WINDOW_SAMPLES);
    this.#filled = 0;
    if (this.#waiting.length <= MAX_WAITING_WINDOWS) return;
    this.#waiting.shift();
    if (this.#hasDropped) return;
    this.#hasDropped = true;
    const message = 'the machine is too slow to look for turns: audio was dropped';
    this.#logger.warn({ provider: PROVIDER }, message);
  }

  async #judge(): Promise<void> {
    try {
      while (!this.#closed) {
        const window = this.#waiting.shift();
        if (!window) return;
        await setImmediate();
        const probability = await this.#probabilityOf(window);
        // It may have been closed in the meantime.
        if (this.#closed) return;
        const fact = this.#parts.boundaries.next(window.offsetMs, probability);
        if (fact) this.#parts.report(fact);
      }
    } finally {
      this.#judging = undefined;
    }
  }

  /** A window that cannot be judged is silence: a turn in progress ends, rather than never. */
  async #probabilityOf({ samples }: Window): Promise<number> {
    try {
      return await this.#parts.probabilityOf(samples);
    } catch (error) {
      if (!this.#hasFailed) {
        this.#hasFailed = true;
        this.#logger.error({ provider: PROVIDER, error }, 'audio could not be searched for turns');
      }
      return 0;
    }
  }
}
