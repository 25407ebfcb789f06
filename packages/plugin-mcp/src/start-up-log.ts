import type { Readable } from 'node:stream';

/** The most characters that are logged at a time. */
const MAX_LENGTH = 2000;

/** Shorter values are too common to be looked for. */
const MIN_SECRET_LENGTH = 8;

/**
 * Reads what a process writes to its standard error, for as long as it writes: a full pipe would stop
 * it. What comes before the returned function is called is logged, without the values that the
 * process was given; what comes later may be about what was said in the call.
 */
export function logStartUp(
  stderr: Readable,
  secrets: readonly string[],
  log: (text: string) => void,
): () => void {
  let isStarting = true;
  const hidden = secrets.filter(({ length }) => length >= MIN_SECRET_LENGTH);
  stderr.on('data', (chunk: unknown) => {
    if (!isStarting) return;
    const text = hidden.reduce((rest, secret) => rest.replaceAll(secret, '***'), String(chunk));
    log(text.trimEnd().slice(0, MAX_LENGTH));
  });
  return () => {
    isStarting = false;
  };
}
