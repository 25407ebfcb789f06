import { ProviderError } from '@vision-agents/core';

/** The `provider` label of everything in this package. */
export const PROVIDER = 'silero';

/** The error for a model file that is not there or cannot be read. */
export function modelUnreadable(cause: unknown): ProviderError {
  return setupError(
    'model_unreadable',
    'the model file cannot be read; install the package again, or name a file with the option `modelPath`',
    cause,
  );
}

/** The error for a file that is no Silero model of version 5 or 6. */
export function modelInvalid(cause?: unknown): ProviderError {
  return setupError('model_invalid', 'the file is no Silero model of version 5 or 6', cause);
}

/** The error for a machine on which the runtime does not load, such as one with musl. */
export function runtimeUnavailable(cause?: unknown): ProviderError {
  return setupError('runtime_unavailable', 'onnxruntime-node does not load on this machine', cause);
}

/** Trying again cannot help: the same files are there. */
function setupError(code: string, message: string, cause: unknown): ProviderError {
  return new ProviderError({ provider: PROVIDER, type: 'bad_request', code, message, cause });
}
