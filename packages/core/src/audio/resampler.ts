/** Half the filter's length in zero crossings: 16 keep aliases about 70 dB down. */
const ZERO_CROSSINGS = 16;

/**
 * Changes the sample rate of a stream, piece by piece: a windowed-sinc filter whose state is carried
 * from one piece to the next, so that the joints are not audible. One per stream and direction.
 * It delays the stream by {@link ZERO_CROSSINGS} samples of the slower rate.
 */
export class Resampler {
  readonly #inputRateHz: number;
  readonly #outputRateHz: number;
  readonly #phases: Float32Array[];
  readonly #step: number;
  readonly #taps: number;
  #history: Float32Array;
  #position = 0;

  constructor(inputRateHz: number, outputRateHz: number) {
    this.#inputRateHz = inputRateHz;
    this.#outputRateHz = outputRateHz;
    const divisor = greatestCommonDivisor(inputRateHz, outputRateHz);
    const phaseCount = outputRateHz / divisor;
    this.#step = inputRateHz / divisor;
    const cutoff = Math.min(1, outputRateHz / inputRateHz);
    const halfWidth = Math.ceil(ZERO_CROSSINGS / cutoff);
    this.#taps = halfWidth * 2;
    this.#phases = Array.from({ length: phaseCount }, (_, phase) =>
      filterPhase(phase / phaseCount, halfWidth, cutoff),
    );
    this.#history = new Float32Array(this.#taps - 1);
  }

  /** The next piece at the output rate; may be empty when the input was very short. */
  push(samples: Int16Array): Int16Array {
    if (this.#inputRateHz === this.#outputRateHz) return samples;
    const input = new Float32Array(this.#history.length + samples.length);
    input.set(this.#history);
    input.set(samples, this.#history.length);

    const phaseCount = this.#phases.length;
    const available = samples.length * phaseCount - this.#position;
    const output = new Int16Array(Math.max(0, Math.ceil(available / this.#step)));
    for (let index = 0; index < output.length; index++) {
      const at = this.#position + index * this.#step;
      const start = Math.floor(at / phaseCount);
      const filter = this.#phases[at % phaseCount] ?? [];
      let sum = 0;
      for (let tap = 0; tap < this.#taps; tap++) {
        sum += (input[start + tap] ?? 0) * (filter[tap] ?? 0);
      }
      output[index] = Math.max(-32_768, Math.min(32_767, Math.round(sum)));
    }
    this.#position += output.length * this.#step - samples.length * phaseCount;
    this.#history = input.slice(input.length - this.#history.length);
    return output;
  }
}

function filterPhase(fraction: number, halfWidth: number, cutoff: number): Float32Array {
  const taps = Float32Array.from({ length: halfWidth * 2 }, (_, tap) => {
    const distance = tap - (halfWidth - 1) - fraction;
    const window = 0.5 + 0.5 * Math.cos((Math.PI * distance) / halfWidth);
    return sinc(distance * cutoff) * cutoff * (Math.abs(distance) < halfWidth ? window : 0);
  });
  const gain = taps.reduce((sum, tap) => sum + tap, 0);
  return taps.map((tap) => tap / gain);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
