import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import type { InferenceSession, OnnxRuntime, Tensor } from './onnx-runtime.ts';
import { loadRuntime } from './onnx-runtime.ts';
import { modelInvalid, modelUnreadable } from './silero-error.ts';
import {
  encodeWindow,
  INPUT_SHAPE,
  isSilero,
  parseProbability,
  SAMPLE_RATE_HZ,
  STATE_SHAPE,
} from './silero-wire.ts';

/** A model that is loaded. It remembers nothing, and can be asked about any number of streams. */
export interface Model {
  readonly session: InferenceSession;
  readonly Tensor: OnnxRuntime['Tensor'];
}

/** 50 MB and 200 ms each, so that a process has one of each file, whatever the number of calls. */
const models = new Map<string, Promise<Model>>();

/**
 * The model in a file, by default the one that is installed with this package. It stays loaded.
 * @throws ProviderError `model_unreadable`, `model_invalid` or `runtime_unavailable`
 */
export async function loadModel(path: string = installedModel()): Promise<Model> {
  const known = models.get(path);
  if (known) return known;
  const loading = load(path);
  models.set(path, loading);
  try {
    return await loading;
  } catch (error) {
    models.delete(path);
    throw error;
  }
}

/** Judges the windows of one stream, in their order: what it has heard so far counts. */
export class SpeechMeter {
  readonly #model: Model;
  readonly #sampleRate: Tensor;
  #state: Tensor;
  #input: Float32Array | undefined;

  constructor(model: Model) {
    this.#model = model;
    this.#sampleRate = new model.Tensor('int64', BigInt64Array.of(BigInt(SAMPLE_RATE_HZ)), []);
    this.#state = this.#silence();
  }

  /**
   * The probability, 0 to 1, that there is speech in the next window. One at a time.
   * @throws Error when the runtime does; the next window is then judged as the first
   */
  async probabilityOf(samples: Int16Array): Promise<number> {
    const { session, Tensor: TensorClass } = this.#model;
    this.#input = encodeWindow(samples, this.#input);
    try {
      const { output, stateN } = await session.run({
        input: new TensorClass('float32', this.#input, INPUT_SHAPE),
        state: this.#state,
        sr: this.#sampleRate,
      });
      const probability = parseProbability(output?.data);
      if (probability === undefined || stateN === undefined) throw modelInvalid();
      this.#state = stateN;
      return probability;
    } catch (error) {
      this.#state = this.#silence();
      this.#input = undefined;
      throw error;
    }
  }

  #silence(): Tensor {
    const values = new Float32Array(STATE_SHAPE.reduce((size, length) => size * length));
    return new this.#model.Tensor('float32', values, STATE_SHAPE);
  }
}

/** Version 5: it finds the end of the same speech closer to where it is than version 6 does. */
function installedModel(): string {
  const require = createRequire(import.meta.url);
  try {
    return require.resolve('@ricky0123/vad-web/dist/silero_vad_v5.onnx');
  } catch (error) {
    throw modelUnreadable(error);
  }
}

async function load(path: string): Promise<Model> {
  const [bytes, runtime] = await Promise.all([read(path), loadRuntime()]);
  const session = await createSession(runtime, bytes);
  if (!isSilero(session.inputNames, session.outputNames)) throw modelInvalid();
  return { session, Tensor: runtime.Tensor };
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw modelUnreadable(error);
  }
}

async function createSession(runtime: OnnxRuntime, bytes: Uint8Array): Promise<InferenceSession> {
  try {
    return await runtime.InferenceSession.create(bytes, {
      // The graph is too small to be shared among threads.
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 3, // errors: it warns of hundreds of constants that it does not need
    });
  } catch (error) {
    throw modelInvalid(error);
  }
}
