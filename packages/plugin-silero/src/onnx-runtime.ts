import { runtimeUnavailable } from './silero-error.ts';

/** A block of numbers with a shape. */
export interface Tensor {
  readonly data: unknown;
}

/** A model in memory, ready to run. */
export interface InferenceSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
}

/**
 * What is used here of `onnxruntime-node`, whose last version without an install script is published
 * without its types. https://onnxruntime.ai/docs/api/js/
 */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: object): Promise<InferenceSession>;
  };
  readonly Tensor: {
    new (type: 'float32', data: Float32Array, shape: readonly number[]): Tensor;
    new (type: 'int64', data: BigInt64Array, shape: readonly number[]): Tensor;
  };
}

/**
 * Loads the runtime.
 * @throws ProviderError `runtime_unavailable` where its binary does not load
 */
export async function loadRuntime(): Promise<OnnxRuntime> {
  try {
    // @ts-expect-error It has no types, see above.
    const loaded: unknown = await import('onnxruntime-node');
    if (isOnnxRuntime(loaded)) return loaded;
  } catch (error) {
    throw runtimeUnavailable(error);
  }
  throw runtimeUnavailable();
}

function isOnnxRuntime(loaded: unknown): loaded is OnnxRuntime {
  // A module's namespace is no instance of `Object`.
  return (
    typeof loaded === 'object' &&
    loaded !== null &&
    'InferenceSession' in loaded &&
    'Tensor' in loaded
  );
}
