import type { LLMEvent } from '@vision-agents/core';

import { openAIError } from './openai-error.ts';
import type { AnswerReader } from './openai-wire.ts';

/**
 * How long a server may take to tell the usage and to close an answer whose last word is there. Nobody
 * waits for it with a word unsaid.
 */
const CLOSING_MS = 1000;

/** One request, as the SDK sends it. */
export type SendRequest = (signal: AbortSignal) => PromiseLike<AsyncIterable<unknown>>;

/**
 * Sends one request and yields what comes of it. Aborting `signal`, or leaving the loop, closes the
 * HTTP request, which is the only way to stop the model.
 * @throws ProviderError
 */
export async function* streamAnswer(
  provider: string,
  send: SendRequest,
  reader: AnswerReader,
  signal: AbortSignal,
): AsyncGenerator<LLMEvent, void, undefined> {
  signal.throwIfAborted();
  const http = new AbortController();
  const abort = (): void => http.abort();
  signal.addEventListener('abort', abort, { once: true });
  let closing: NodeJS.Timeout | undefined;
  let isReading = false;
  let isOver = false;
  try {
    const chunks = (await send(http.signal))[Symbol.asyncIterator]();
    isReading = true;
    while (!isOver) {
      const result = await nextOf(chunks, reader);
      if (result.done !== true) yield* reader.read(result.value);
      isOver = result.done === true || reader.isComplete;
      if (reader.endReason !== undefined) closing ??= setTimeout(abort, CLOSING_MS);
    }
    // Without a reason to end it was cut off, which core says.
    if (reader.endReason === undefined) return;
    signal.removeEventListener('abort', abort);
    void readToEnd(chunks, closing);
    closing = undefined;
    yield { type: 'end', reason: reader.endReason };
  } catch (error) {
    throw openAIError(provider, error, isReading);
  } finally {
    signal.removeEventListener('abort', abort);
    clearTimeout(closing);
    if (!isOver) http.abort();
  }
}

/** The next chunk. How an answer ends whose last word is there is of no interest. */
async function nextOf(
  chunks: AsyncIterator<unknown>,
  reader: AnswerReader,
): Promise<IteratorResult<unknown>> {
  try {
    return await chunks.next();
  } catch (error) {
    if (reader.endReason === undefined) throw error;
    return { done: true, value: undefined };
  }
}

/**
 * Reads what follows the last chunk of an answer: nothing but its close, without which the connection
 * cannot serve the next turn. Never throws.
 */
async function readToEnd(
  chunks: AsyncIterator<unknown>,
  closing: NodeJS.Timeout | undefined,
): Promise<void> {
  closing?.unref();
  try {
    while ((await chunks.next()).done !== true);
  } catch {
    // The answer is complete; how the connection ended is of no interest.
  } finally {
    clearTimeout(closing);
  }
}
