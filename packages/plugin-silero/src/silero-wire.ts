/** The rate of the audio that the model is asked about, in Hz. */
export const SAMPLE_RATE_HZ = 16_000;

/** How many samples the model judges at a time, at {@link SAMPLE_RATE_HZ}. */
export const WINDOW_SAMPLES = 512;

/** How long a window sounds, in milliseconds: 32. */
export const WINDOW_MS: number = (WINDOW_SAMPLES / SAMPLE_RATE_HZ) * 1000;

/** How many samples before a window the model also wants to see, as Silero's own wrapper has it. */
const CONTEXT_SAMPLES = 64;

/** What goes into the model and what comes out, by the names of its graph. */
const INPUT_NAMES = ['input', 'state', 'sr'];
const OUTPUT_NAMES = ['output', 'stateN'];

/** The shape of what the model remembers from one window to the next. */
export const STATE_SHAPE: readonly number[] = [2, 1, 128];

/** The shape of what it is given with each window: the context, then the window. */
export const INPUT_SHAPE: readonly number[] = [1, CONTEXT_SAMPLES + WINDOW_SAMPLES];

/** What the model is given for one window; `previous` is what it was given for the one before. */
export function encodeWindow(
  samples: Int16Array,
  previous: Float32Array | undefined,
): Float32Array<ArrayBuffer> {
  const input = new Float32Array(CONTEXT_SAMPLES + WINDOW_SAMPLES);
  if (previous) input.set(previous.subarray(-CONTEXT_SAMPLES));
  for (let index = 0; index < WINDOW_SAMPLES; index++) {
    input[CONTEXT_SAMPLES + index] = (samples[index] ?? 0) / 32_768;
  }
  return input;
}

/** The probability in what the model returned; undefined where there is none. */
export function parseProbability(data: unknown): number | undefined {
  if (!(data instanceof Float32Array)) return undefined;
  const [probability = Number.NaN] = data;
  return probability >= 0 && probability <= 1 ? probability : undefined;
}

/** Whether a model takes and returns what versions 5 and 6 of Silero do. */
export function isSilero(inputNames: readonly string[], outputNames: readonly string[]): boolean {
  return (
    INPUT_NAMES.every((name) => inputNames.includes(name)) &&
    OUTPUT_NAMES.every((name) => outputNames.includes(name))
  );
}
