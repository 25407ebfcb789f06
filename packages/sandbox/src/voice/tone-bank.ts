import { toneCount, toneHz } from './chord.ts';

interface Table {
  /** cos and sin of every tone for every sample of one common period. */
  values: Float32Array;
  periodSamples: number;
}

const tables = new Map<number, Table>();

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function tableFor(sampleRateHz: number): Table {
  const known = tables.get(sampleRateHz);
  if (known !== undefined) return known;
  // Every tone is a multiple of 10 Hz, so all of them repeat together after a tenth of a second.
  const periodSamples = sampleRateHz / greatestCommonDivisor(sampleRateHz, 10);
  const values = new Float32Array(periodSamples * toneCount * 2);
  for (let sample = 0; sample < periodSamples; sample += 1) {
    for (let tone = 0; tone < toneCount; tone += 1) {
      const angle = (2 * Math.PI * toneHz(tone) * sample) / sampleRateHz;
      values[(sample * toneCount + tone) * 2] = Math.cos(angle);
      values[(sample * toneCount + tone) * 2 + 1] = Math.sin(angle);
    }
  }
  const table = { values, periodSamples };
  tables.set(sampleRateHz, table);
  return table;
}

/** Blocks of 1 ms that are remembered: the past that may still be asked about. */
const memoryMs = 1024;
const sumsPerBlock = toneCount * 2 + 2;

/**
 * A Goertzel filter for each tone, kept as running sums in blocks of 1 ms, so that the level of a tone can be asked for
 * any stretch of the last second, which is what finding the edges of a chord needs.
 */
export class ToneBank {
  readonly #sampleRateHz: number;
  readonly #table: Table;
  readonly #running = new Float64Array(sumsPerBlock);
  readonly #memory = new Float64Array(sumsPerBlock * memoryMs);
  #samples = 0;
  #blocks = 0;
  #phase = 0;

  constructor(sampleRateHz: number) {
    this.#sampleRateHz = sampleRateHz;
    this.#table = tableFor(sampleRateHz);
  }

  /** Whole milliseconds heard. */
  get blocks(): number {
    return this.#blocks;
  }

  /** Milliseconds heard, with the part of the last one. */
  get audioMs(): number {
    return (this.#samples * 1000) / this.#sampleRateHz;
  }

  /** Takes a sample (-32768 to 32767). True when a millisecond is full. */
  push(sample: number): boolean {
    const value = sample / 32_768;
    const running = this.#running;
    if (value !== 0) {
      const { values } = this.#table;
      const from = this.#phase * toneCount * 2;
      for (let index = 0; index < toneCount * 2; index += 1) {
        running[index]! += value * values[from + index]!;
      }
      running[toneCount * 2]! += value * value;
    }
    running[toneCount * 2 + 1]! += 1;
    this.#phase = (this.#phase + 1) % this.#table.periodSamples;
    this.#samples += 1;
    if (this.#samples * 1000 < (this.#blocks + 1) * this.#sampleRateHz) return false;
    this.#blocks += 1;
    this.#memory.set(running, (this.#blocks % memoryMs) * sumsPerBlock);
    return true;
  }

  #difference(index: number, fromMs: number, toMs: number): number {
    const at = (ms: number): number =>
      this.#memory[(Math.max(0, ms) % memoryMs) * sumsPerBlock + index]!;
    return at(toMs) - at(fromMs);
  }

  /** Amplitude of a tone in a stretch (whole ms, the end already heard), times the stretch's length in ms. */
  weight(tone: number, fromMs: number, toMs: number): number {
    const real = this.#difference(tone * 2, fromMs, toMs);
    const imaginary = this.#difference(tone * 2 + 1, fromMs, toMs);
    return (2000 * Math.hypot(real, imaginary)) / this.#sampleRateHz;
  }

  /** Mean power of everything in a stretch; a full-scale square wave has 1. */
  power(fromMs: number, toMs: number): number {
    const samples = this.#difference(toneCount * 2 + 1, fromMs, toMs);
    return samples === 0 ? 0 : this.#difference(toneCount * 2, fromMs, toMs) / samples;
  }
}
