import type { Participant } from '../../../src/index.ts';

/** Somebody in the call with a microphone. */
export interface RealtimeCaller {
  readonly participant: Participant;
  /** The value of all samples while they talk: by it the model knows whom it hears. */
  readonly level: number;
  isPresent: boolean;
  isTalking: boolean;
}

/** When a caller fell silent, as the world knows it, and as the model can tell it. */
export interface Hush {
  readonly session: unknown;
  readonly offsetMs: number;
  readonly atMs: number;
}

/** What the model told of as one thing that was said. */
export interface Utterance {
  readonly who: string | undefined;
  readonly startToldAtMs: number;
  /** When its end was told, and when it was, where the model told that. */
  endToldAtMs: number | undefined;
  endedAtMs: number | undefined;
  /** How many turns were over when it had begun. */
  turnsAtStart: number | undefined;
}

/** Final words that the model told of. */
export interface UnderstoodWords {
  readonly text: string;
  readonly atMs: number;
  readonly who: string | undefined;
  /** Whether they were still there. */
  readonly isThere: boolean;
  /** Whether the turn that they are of was certainly not over. */
  readonly isInTime: boolean;
}
