import { pcmBytes } from '../audio/audio-frame.ts';
import type { Clock } from '../clock/clock.ts';
import type { ConnectContext } from '../stream/component-context.ts';
import type { TTSConnection, TTSTimeouts } from '../tts/tts.ts';
import { TTS } from '../tts/tts.ts';
import { pause } from './pause.ts';
import { Script } from './script.ts';

/** One thing that a scripted voice does for a sentence. */
export type TTSStep =
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

/** What a scripted voice is set up with. */
export interface ScriptedTTSOptions extends TTSTimeouts {
  /** @default one that succeeds at once */
  readonly opening?: TTSOpening | undefined;
  /** The rate of its audio, in Hz. @default 16000 */
  readonly sampleRateHz?: number | undefined;
}

/** A voice that speaks by the script: the sentences in the order in which they have to come. */
export class ScriptedTTS extends TTS {
  readonly provider = 'scripted';
  readonly model = 'scripted-tts';
  readonly script: Script<ScriptedSpeech>;
  /** The texts that came, in order. */
  readonly texts: string[] = [];
  /** The signal of each synthesis. */
  readonly signals: AbortSignal[] = [];
  /** How many connections are open. */
  openConnections = 0;
  readonly #opening: TTSOpening;
  readonly #sampleRateHz: number;

  constructor(speeches: readonly ScriptedSpeech[], options: ScriptedTTSOptions = {}) {
    super(options);
    this.#opening = options.opening ?? {};
    this.#sampleRateHz = options.sampleRateHz ?? 16_000;
    this.script = new Script('ScriptedTTS', speeches);
  }

  protected async connect(context: ConnectContext): Promise<TTSConnection> {
    const { delayMs = 0, error } = this.#opening;
    if (delayMs > 0) await pause(context.clock, delayMs, context.signal);
    if (error !== undefined) throw error;
    this.openConnections += 1;
    const socketClosed = context.socketOpened();
    let isClosed = false;
    return {
      sampleRateHz: this.#sampleRateHz,
      synthesize: (text, signal) => this.#synthesize(text, signal, context.clock),
      close: async () => {
        if (isClosed) return;
        isClosed = true;
        this.openConnections -= 1;
        socketClosed();
      },
    };
  }

  async *#synthesize(text: string, signal: AbortSignal, clock: Clock): AsyncIterable<Uint8Array> {
    this.texts.push(text);
    this.signals.push(signal);
    const speech = this.script.next(`text "${text}"`);
    if (speech.text !== text) this.script.mismatch(`text "${text}" instead of "${speech.text}"`);
    for (const step of speech.steps) {
      if (step.type === 'wait') await pause(clock, step.ms, signal);
      else if (step.type === 'throw') throw step.error;
      else yield pcm(step.ms, step.level, this.#sampleRateHz);
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
