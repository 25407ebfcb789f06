import type { Clock, ConnectContext, TTSConnection } from '../../src/index.ts';
import { pcmBytes, TTS } from '../../src/index.ts';
import { pause, Script } from './script.ts';

/** One thing that a scripted voice does for a sentence. */
type TTSStep =
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'audio'; readonly ms: number; readonly level: number }
  | { readonly type: 'throw'; readonly error: Error };

/** One expected sentence and what becomes of it. */
export interface ScriptedSpeech {
  readonly text: string;
  readonly steps: readonly TTSStep[];
}

/** How the voice's connection opens. */
export interface TTSOpening {
  readonly delayMs?: number;
  readonly error?: Error;
}

/** A voice that speaks by the script: the sentences in the order in which they have to come. */
export class FakeTTS extends TTS {
  readonly provider = 'fake';
  readonly model = 'fake-tts';
  sampleRateHz = 16_000;
  readonly script: Script<ScriptedSpeech>;
  /** The texts that came, in order. */
  readonly texts: string[] = [];
  /** The signal of each synthesis. */
  readonly signals: AbortSignal[] = [];
  openConnections = 0;
  readonly #clock: Clock;
  readonly #opening: TTSOpening;

  constructor(clock: Clock, speeches: readonly ScriptedSpeech[], opening: TTSOpening = {}) {
    super();
    this.#clock = clock;
    this.#opening = opening;
    this.script = new Script('FakeTTS', speeches);
  }

  protected async connect(context: ConnectContext): Promise<TTSConnection> {
    const { delayMs = 0, error } = this.#opening;
    if (delayMs > 0) await pause(this.#clock, delayMs, context.signal);
    if (error !== undefined) throw error;
    this.openConnections += 1;
    const socketClosed = context.socketOpened();
    let isClosed = false;
    return {
      sampleRateHz: this.sampleRateHz,
      synthesize: (text, signal) => this.#synthesize(text, signal),
      close: async () => {
        if (isClosed) return;
        isClosed = true;
        this.openConnections -= 1;
        socketClosed();
      },
    };
  }

  async *#synthesize(text: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
    this.texts.push(text);
    this.signals.push(signal);
    const speech = this.script.next(`text "${text}"`);
    if (speech.text !== text) this.script.mismatch(`text "${text}" instead of "${speech.text}"`);
    for (const step of speech.steps) {
      if (step.type === 'wait') await pause(this.#clock, step.ms, signal);
      else if (step.type === 'throw') throw step.error;
      else yield pcm(step.ms, step.level, this.sampleRateHz);
    }
  }
}

interface SpeakingOptions {
  readonly afterMs?: number;
  readonly audioMs?: number;
  /** The value of every sample, by which a test knows the sentence again. */
  readonly level?: number;
}

/** A sentence whose audio of `audioMs` comes in one piece after `afterMs`. */
export function speaks(
  text: string,
  { afterMs = 0, audioMs = 100, level = 1000 }: SpeakingOptions = {},
): ScriptedSpeech {
  const steps: TTSStep[] = [{ type: 'audio', ms: audioMs, level }];
  if (afterMs > 0) steps.unshift({ type: 'wait', ms: afterMs });
  return { text, steps };
}

function pcm(ms: number, level: number, sampleRateHz: number): Uint8Array {
  return pcmBytes(new Int16Array((ms * sampleRateHz) / 1000).fill(level));
}
