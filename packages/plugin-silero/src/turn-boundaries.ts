import type { TurnFact } from '@vision-agents/core';

import type { TurnDetectorSettings } from './silero-options.ts';
import { WINDOW_MS } from './silero-wire.ts';

/** What decides where turns start and end. */
export type BoundarySettings = Omit<TurnDetectorSettings, 'modelPath'>;

/** `pausing`: the end has been told eagerly, and may yet be taken back. */
type Phase = 'silent' | 'speaking' | 'pausing';

/**
 * Makes turns of probabilities of speech. A voiced passage counts as speech once it has lasted
 * `minSpeechMs`, whether it begins a turn or goes on with one; what is shorter is a noise, and part
 * of the silence around it.
 */
export class TurnBoundaries {
  readonly #settings: BoundarySettings;
  #phase: Phase = 'silent';
  /** Where the voiced passage began that goes on; undefined between passages. */
  #voicedFromMs: number | undefined;
  #speechEndMs = 0;

  constructor(settings: BoundarySettings) {
    this.#settings = settings;
  }

  /** What is known with the next window, which begins at `offsetMs` of the audio. */
  next(offsetMs: number, probability: number): TurnFact | undefined {
    const { activationThreshold, deactivationThreshold, minSpeechMs } = this.#settings;
    const endMs = offsetMs + WINDOW_MS;
    const isVoiced = this.#voicedFromMs !== undefined;
    if (probability < (isVoiced ? deactivationThreshold : activationThreshold)) {
      this.#voicedFromMs = undefined;
      return this.#silentUntil(endMs);
    }
    this.#voicedFromMs ??= offsetMs;
    if (endMs - this.#voicedFromMs < minSpeechMs) return undefined;
    return this.#speechUntil(endMs, this.#voicedFromMs);
  }

  #speechUntil(endMs: number, passageStartMs: number): TurnFact | undefined {
    const before = this.#phase;
    this.#phase = 'speaking';
    this.#speechEndMs = endMs;
    switch (before) {
      case 'silent':
        return { type: 'speech-start', offsetMs: passageStartMs };
      case 'pausing':
        return { type: 'turn-resumed' };
      case 'speaking':
        return undefined;
    }
  }

  #silentUntil(endMs: number): TurnFact | undefined {
    if (this.#phase === 'silent') return undefined;
    const { endpointingMs, eagerEndpointingMs = Infinity } = this.#settings;
    const speechEndMs = this.#speechEndMs;
    const silenceMs = endMs - speechEndMs;
    if (silenceMs >= endpointingMs) {
      this.#phase = 'silent';
      return { type: 'turn-end', eager: false, speechEndMs };
    }
    if (this.#phase === 'speaking' && silenceMs >= eagerEndpointingMs) {
      this.#phase = 'pausing';
      return { type: 'turn-end', eager: true, speechEndMs };
    }
    return undefined;
  }
}
