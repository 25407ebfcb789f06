const MAX_CAUSES = 5;

/**
 * An error as it may stand in a log: its message, name and code, and of its causes the names and codes,
 * since what others write into messages is not ours to show. As pino's serializer of the field `error`
 * it keeps the headers and keys out that some SDKs hang on their errors.
 */
export function describeError(error: unknown): unknown {
  return error instanceof Error ? { message: error.message, ...nameOf(error, 0) } : error;
}

function nameOf(error: Error, depth: number): object {
  const code = 'code' in error ? error.code : undefined;
  const { name, cause } = error;
  return {
    name,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(cause instanceof Error && depth < MAX_CAUSES && { cause: nameOf(cause, depth + 1) }),
  };
}
