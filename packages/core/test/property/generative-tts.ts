import type { ConnectContext, TTSConnection } from '../../src/index.ts';
import { pcmBytes, ProviderError, TTS } from '../../src/index.ts';
import type { ManualClock } from '../../src/testing/index.ts';
import { pause } from '../../src/testing/index.ts';
import type { VoicePlan } from './conversation-plan.ts';
import type { ServedOutcome } from './served.ts';
import { outcomeOf, planFor } from './served.ts';

/** A fraction, so that nothing else happens at the very moment at which it is over. */
const TIMEOUT_MS = 2999.25;
export const SAMPLES_A_MS = 16;

/** One synthesis as the voice saw it. */
export interface ServedSpeech {
  readonly text: string;
  /** The value of all its samples: by it a frame tells which sentence it is of. */
  readonly level: number;
  /** All of its samples, if nothing cuts it off. */
  readonly plannedSamples: number;
  samples: number;
  chunks: number;
  outcome: ServedOutcome | undefined;
}

/** A voice that does what the plan says, and keeps what it served. */
export class GenerativeTTS extends TTS {
  readonly provider = 'generative';
  readonly model = 'generative-tts';
  readonly speeches: ServedSpeech[] = [];
  openConnections = 0;
  /** Overrides the plan from the next synthesis on. */
  final: VoicePlan | undefined;
  readonly #voices: readonly VoicePlan[];
  readonly #clock: ManualClock;
  readonly #opens: boolean;

  constructor(voices: readonly VoicePlan[], clock: ManualClock, opens: boolean) {
    super({ firstAudioTimeoutMs: TIMEOUT_MS, stallTimeoutMs: TIMEOUT_MS });
    this.#voices = voices;
    this.#clock = clock;
    this.#opens = opens;
  }

  protected async connect(context: ConnectContext): Promise<TTSConnection> {
    await pause(context.clock, 5, context.signal);
    if (!this.#opens) throw ProviderError.fromStatus(this.provider, 401);
    this.openConnections += 1;
    const socketClosed = context.socketOpened();
    let isOpen = true;
    return {
      sampleRateHz: 1000 * SAMPLES_A_MS,
      synthesize: (text, signal) => this.#synthesize(text, signal),
      close: async () => {
        if (!isOpen) return;
        isOpen = false;
        this.openConnections -= 1;
        socketClosed();
      },
    };
  }

  async *#synthesize(text: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const plan = this.final ?? planFor(this.#voices, this.speeches.length);
    const durationMs = Math.max(1, Math.round(plan.msACharacter * text.length));
    const speech: ServedSpeech = {
      text,
      level: this.speeches.length + 1,
      plannedSamples: durationMs * SAMPLES_A_MS,
      samples: 0,
      chunks: 0,
      outcome: undefined,
    };
    this.speeches.push(speech);
    let waitsSinceMs = this.#clock.now();
    try {
      for (let sentMs = 0; sentMs < durationMs; sentMs += plan.chunkMs) {
        await pause(
          this.#clock,
          Math.max(1, sentMs === 0 ? plan.firstAfterMs : plan.everyMs),
          signal,
        );
        if (speech.chunks === plan.failsAfter) {
          if (plan.end === 'stall') await pause(this.#clock, 2 * TIMEOUT_MS, signal);
          if (plan.end === 'error') speech.outcome = 'error';
          if (plan.end === 'error') throw ProviderError.fromStatus(this.provider, 500);
        }
        if (plan.end === 'silent') break;
        const samples = Math.min(plan.chunkMs, durationMs - sentMs) * SAMPLES_A_MS;
        speech.samples += samples;
        speech.chunks += 1;
        yield pcmBytes(new Int16Array(samples).fill(speech.level));
        waitsSinceMs = this.#clock.now();
      }
      if (plan.end === 'odd') yield new Uint8Array(1);
      speech.outcome = plan.end === 'odd' || plan.end === 'silent' ? 'error' : 'completed';
    } finally {
      const hasTimedOut = this.#clock.now() - waitsSinceMs >= TIMEOUT_MS;
      speech.outcome ??= outcomeOf(signal, hasTimedOut);
    }
  }
}
