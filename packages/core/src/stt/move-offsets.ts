import type { STTFact } from './stt-events.ts';

/** A fact with its offsets as `move` makes them: those of a provider as those of all that was written. */
export function moveOffsets(
  fact: STTFact,
  move: (offsetMs: number | undefined) => number | undefined,
): STTFact {
  switch (fact.type) {
    case 'speech-start':
      return { ...fact, offsetMs: move(fact.offsetMs) };
    case 'transcript':
      return {
        ...fact,
        speechStartMs: move(fact.speechStartMs),
        speechEndMs: move(fact.speechEndMs),
        settledMs: move(fact.settledMs),
      };
    case 'turn-end':
    case 'turn-resumed':
    case 'audio-added':
    case 'error':
      return fact;
  }
}
