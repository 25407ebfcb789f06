import type { TurnDetection, TurnFact } from '@vision-agents/core';
import { TurnDetector } from '@vision-agents/core';

/** Louder than this (root mean square) is the voice of the sandbox, of which no trained detector knows. */
const SPEECH_LEVEL = 500;
/** After so long a silence a turn is over. */
const SILENCE_MS = 300;

/** Finds turns by loudness alone. */
export class LoudnessDetector extends TurnDetector {
  readonly provider = 'loudness';
  readonly sampleRateHz = 16_000;

  protected connect(report: (fact: TurnFact) => void): Promise<TurnDetection> {
    let heardMs = 0;
    let speechEndMs: number | undefined;
    const send = (samples: Int16Array): void => {
      const startMs = heardMs;
      heardMs += (samples.length / this.sampleRateHz) * 1000;
      if (levelOf(samples) >= SPEECH_LEVEL) {
        if (speechEndMs === undefined) report({ type: 'speech-start', offsetMs: startMs });
        speechEndMs = heardMs;
      } else if (speechEndMs !== undefined && heardMs - speechEndMs >= SILENCE_MS) {
        report({ type: 'turn-end', eager: false, speechEndMs });
        speechEndMs = undefined;
      }
    };
    return Promise.resolve({ send, close: () => Promise.resolve() });
  }
}

function levelOf(samples: Int16Array): number {
  const sum = samples.reduce((total, sample) => total + sample * sample, 0);
  return Math.sqrt(sum / Math.max(1, samples.length));
}
