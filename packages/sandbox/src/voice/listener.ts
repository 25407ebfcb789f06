import { SignReader, startSign } from './alphabet.ts';
import { defaultChordMs, edgeShare, signOfTones, toneCount, tonesOf } from './chord.ts';
import { ToneBank } from './tone-bank.ts';

/** A character recognised in audio. Offsets are in ms from the first sample heard. */
export interface HeardCharacter {
  text: string;
  startMs: number;
  endMs: number;
}

/** What to listen with, and whom to tell. Callbacks run inside `write`. */
export interface ListenerOptions {
  /** Sampling rate in Hz of what is written; at least 8000. */
  sampleRateHz: number;
  /** Length of one chord in ms, as the speaker was told. Default 80. */
  chordMs?: number;
  /** An utterance began. Known about a chord after it happened. */
  onSpeechStart?: (offsetMs: number) => void;
  /** A character was recognised, at the end of its last chord. */
  onCharacter?: (character: HeardCharacter) => void;
  /** The utterance is over. Known half a chord after it happened. */
  onSpeechEnd?: (offsetMs: number) => void;
}

/** Quieter than -50 dBFS is silence, whatever it sounds like. */
const silencePower = 1e-5;
/** Tones this much quieter than those of the utterance's first chord (-9 dB) are a pause. */
const pauseShare = 0.125;
/** How much of the power must lie in two tones to be taken for the voice: 1 is a clean chord. */
const chordPurity = 0.55;

interface Chord {
  sign: number;
  /** Power of its two tones. */
  power: number;
  /** The part of all power that is in its two tones. */
  purity: number;
}

/** Recognises what {@link speak} said, from the audio alone, in pieces of any size. */
export class Listener {
  readonly #bank: ToneBank;
  readonly #options: ListenerOptions;
  readonly #chordMs: number;
  readonly #reader = new SignReader();
  #oddByte: number | undefined;
  #best: { purity: number; startMs: number; sign: number } | undefined;
  /** Where the next chord begins, while an utterance is heard. */
  #gridMs: number | undefined;
  #level = 0;
  #previousSign = startSign;
  #characterStartMs: number | undefined;
  #speechEndMs = 0;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#bank = new ToneBank(options.sampleRateHz);
    this.#chordMs = options.chordMs ?? defaultChordMs;
  }

  /** Milliseconds heard so far. */
  get audioMs(): number {
    return this.#bank.audioMs;
  }

  /** An utterance is being heard. */
  get speaking(): boolean {
    return this.#gridMs !== undefined;
  }

  /** Milliseconds since the last utterance ended (or since the first sample); 0 while one is heard. */
  get silenceMs(): number {
    return this.speaking ? 0 : this.audioMs - this.#speechEndMs;
  }

  /** Listens to samples. */
  writeSamples(samples: Int16Array): void {
    for (const sample of samples) this.#hear(sample);
  }

  /** Listens to bytes of s16le audio; a piece may end in the middle of a sample. */
  write(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (this.#oddByte === undefined) this.#oddByte = byte;
      else {
        this.#hear(((this.#oddByte | (byte << 8)) << 16) >> 16);
        this.#oddByte = undefined;
      }
    }
  }

  #hear(sample: number): void {
    if (!this.#bank.push(sample)) return;
    if (this.#gridMs === undefined) this.#seek();
    else this.#follow(this.#gridMs);
  }

  /** Outside an utterance: finds the stretch of one chord's length that is most like a chord. */
  #seek(): void {
    const now = this.#bank.blocks;
    const startMs = now - this.#chordMs;
    if (this.#bank.power(startMs, now) > silencePower) {
      const { sign, purity } = this.#chord(startMs, now);
      if (purity > Math.max(chordPurity, this.#best?.purity ?? 0)) {
        this.#best = { sign, purity, startMs };
      }
    }
    if (this.#best === undefined || now < this.#best.startMs + this.#chordMs * 1.2) return;
    const { sign, startMs: roughMs } = this.#best;
    this.#best = undefined;
    const centre = this.#centreOf(roughMs);
    this.#level = this.#chord(...centre).power;
    const onsetMs =
      roughMs + this.#quarterMs - this.#lengthAround(sign, roughMs, centre) - this.#edgeMs / 2;
    this.#gridMs = onsetMs;
    this.#reader.reset();
    this.#characterStartMs = onsetMs;
    // An utterance that lost its start (packet loss, an underrun) goes on with what can be heard of it.
    this.#options.onSpeechStart?.(onsetMs);
    this.#accept(sign, onsetMs);
  }

  /** Inside an utterance: reads the next chord once it is complete. */
  #follow(gridMs: number): void {
    const now = this.#bank.blocks;
    const from = Math.round(gridMs);
    if (now === from + Math.round(this.#chordMs / 2)) {
      if (this.#isPause(from + Math.ceil(this.#edgeMs), now)) this.#finish(from);
    } else if (now === from + this.#chordMs) {
      const centre = this.#centreOf(from);
      if (this.#isPause(...centre)) {
        this.#finish(from);
        return;
      }
      const { sign } = this.#chord(...centre);
      const startMs = gridMs + this.#slip(sign, from);
      if (sign === startSign) this.#restart(startMs);
      this.#accept(sign, startMs);
    }
  }

  #isPause(fromMs: number, toMs: number): boolean {
    return this.#chord(fromMs, toMs).power < Math.max(silencePower, this.#level * pauseShare);
  }

  /** Two utterances without a pause between them. */
  #restart(startMs: number): void {
    this.#options.onSpeechEnd?.(startMs);
    this.#reader.reset();
    this.#characterStartMs = startMs;
    this.#options.onSpeechStart?.(startMs);
  }

  #accept(sign: number, startMs: number): void {
    const endMs = startMs + this.#chordMs;
    this.#gridMs = endMs;
    this.#previousSign = sign;
    if (sign === startSign) return;
    const text = this.#reader.read(sign);
    this.#characterStartMs ??= startMs;
    if (text === undefined) return;
    this.#options.onCharacter?.({ text, startMs: this.#characterStartMs, endMs });
    this.#characterStartMs = undefined;
  }

  #finish(gridMs: number): void {
    const sign = this.#previousSign;
    const length = this.#lengthAround(sign, gridMs, this.#centreOf(gridMs - this.#chordMs));
    this.#gridMs = undefined;
    this.#best = undefined;
    this.#speechEndMs = gridMs - this.#quarterMs + length + this.#edgeMs / 2;
    this.#options.onSpeechEnd?.(this.#speechEndMs);
  }

  /** How much later than expected the boundary before this chord came, smoothed. Clocks drift, and packets come late. */
  #slip(sign: number, boundaryMs: number): number {
    const before = tonesOf(this.#previousSign);
    const after = tonesOf(sign);
    const [from, to] = [boundaryMs - this.#quarterMs, boundaryMs + this.#quarterMs];
    let old = 0;
    let young = 0;
    for (const index of [0, 1] as const) {
      if (before[index] === after[index]) continue;
      old += this.#bank.weight(before[index], from, to);
      young += this.#bank.weight(after[index], from, to);
    }
    if (old + young === 0) return 0;
    const slipMs = (this.#quarterMs * (old - young)) / (old + young);
    return slipMs * (Math.abs(slipMs) > this.#chordMs / 16 ? 0.8 : 0.2);
  }

  /** How many ms of a chord lie within a quarter of a chord around its beginning or end, soft edge not counted. */
  #lengthAround(sign: number, edgeMs: number, centre: [number, number]): number {
    let around = 0;
    let steady = 0;
    for (const tone of tonesOf(sign)) {
      around += this.#bank.weight(tone, edgeMs - this.#quarterMs, edgeMs + this.#quarterMs);
      steady += this.#bank.weight(tone, ...centre) / (centre[1] - centre[0]);
    }
    return around / steady;
  }

  #chord(fromMs: number, toMs: number): Chord {
    const half = toneCount / 2;
    let low = 0;
    let high = half;
    const weights = Array.from({ length: toneCount }, (_, tone) =>
      this.#bank.weight(tone, fromMs, toMs),
    );
    for (let tone = 1; tone < half; tone += 1) {
      if (weights[tone]! > weights[low]!) low = tone;
      if (weights[half + tone]! > weights[high]!) high = half + tone;
    }
    const durationMs = toMs - fromMs;
    const power = (weights[low]! ** 2 + weights[high]! ** 2) / (2 * durationMs ** 2);
    // Two equal tones are wanted: one alone, however pure, is a beep.
    const balanced = Math.min(weights[low]!, weights[high]!) * 4 > weights[low]! + weights[high]!;
    const purity = balanced ? power / this.#bank.power(fromMs, toMs) : 0;
    return { sign: signOfTones(low, high), power, purity };
  }

  #centreOf(startMs: number): [number, number] {
    const margin = Math.ceil(this.#chordMs / 8);
    return [startMs + margin, startMs + this.#chordMs - margin];
  }

  get #quarterMs(): number {
    return Math.round(this.#chordMs / 4);
  }

  get #edgeMs(): number {
    return this.#chordMs * edgeShare;
  }
}
