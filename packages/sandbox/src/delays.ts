/** A delay in ms: fixed, or drawn evenly from a range for each operation. */
export type Delay = number | readonly [minMs: number, maxMs: number];

/** How long the simulated providers take. */
export interface Delays {
  /** Audio time from the end of the last word to Flux's `EndOfTurn`; 60 ms or more, which is what recognition needs. Default 400. */
  endOfTurnMs: Delay;
  /** The same to `EagerEndOfTurn`. Default 250. */
  eagerEndOfTurnMs: Delay;
  /** Scribe and OpenAI's transcription: a commit, their own or the client's → the transcript. Default 100. */
  commitMs: Delay;
  /** Request received → first chunk with text or a tool call. Default 200. */
  firstTokenMs: Delay;
  /** Request received → terminal chunk. Default 400. */
  completeMs: Delay;
  /** Text handed over → first audio. Default 120. */
  firstAudioMs: Delay;
  /** Text handed over → last audio. Default 300. */
  lastAudioMs: Delay;
}

/** What applies where nothing is configured. */
const defaultDelays: Delays = {
  endOfTurnMs: 400,
  eagerEndOfTurnMs: 250,
  commitMs: 100,
  firstTokenMs: 200,
  completeMs: 400,
  firstAudioMs: 120,
  lastAudioMs: 300,
};

/** Whether a value from outside is a set of delays. */
export function isDelays(value: unknown): value is Partial<Delays> {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).every(
    ([name, delay]) =>
      name in defaultDelays &&
      [delay].flat().every((ms) => typeof ms === 'number' && ms >= 0) &&
      (!Array.isArray(delay) || delay.length === 2),
  );
}

/** A generator of numbers from 0 to 1 (mulberry32): the same seed gives the same run. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws the delay of each operation. */
export class DelaySource {
  readonly #random: () => number;
  #delays: Delays;

  constructor(delays: Partial<Delays>, random: () => number) {
    this.#delays = { ...defaultDelays, ...delays };
    this.#random = random;
  }

  /** Changes some delays for the operations to come. */
  configure(delays: Partial<Delays>): void {
    this.#delays = { ...this.#delays, ...delays };
  }

  /** One delay, in ms. */
  draw(name: keyof Delays): number {
    const delay = this.#delays[name];
    if (typeof delay === 'number') return delay;
    const [minMs, maxMs] = delay;
    return minMs + this.#random() * (maxMs - minMs);
  }

  /** Two delays counted from the same moment, the second never before the first. */
  drawPair(first: keyof Delays, last: keyof Delays): [firstMs: number, lastMs: number] {
    const firstMs = this.draw(first);
    return [firstMs, Math.max(firstMs, this.draw(last))];
  }
}
