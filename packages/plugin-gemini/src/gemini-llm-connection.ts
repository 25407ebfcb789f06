import type {
  GenerateContentParameters,
  GenerateContentResponse,
  GoogleGenAI,
} from '@google/genai';
import type { LLMEvent } from '@vision-agents/core';

import { geminiError } from './gemini-error.ts';
import type { LLMSettings } from './gemini-options.ts';
import { endReasonOf, parseChunk } from './gemini-wire.ts';

/** How long a server may take to close an answer whose last event is there. */
const CLOSING_MS = 1000;

/** How to reach the Gemini API. */
export type ClientSettings = Pick<LLMSettings, 'apiKey' | 'baseUrl' | 'apiVersion'> &
  Partial<Pick<LLMSettings, 'fetch'>>;

/** A client of the Gemini API, with everything in the SDK switched off that hides time. */
export async function createClient(settings: ClientSettings): Promise<GoogleGenAI> {
  const { apiKey, baseUrl, apiVersion, fetch } = settings;
  const { GoogleGenAI } = await import('@google/genai');
  // Neither `retryOptions` nor `timeout`: waiting and trying again are core's, and the SDK leaves the
  // timer of a `timeout` armed after the answer.
  const httpOptions = { baseUrl, ...(fetch !== undefined && { fetch }) };
  return new GoogleGenAI({ apiKey, vertexai: false, apiVersion, httpOptions });
}

/**
 * Sends one request and yields what comes of it. Aborting `signal`, or leaving the loop, closes the
 * HTTP request, which is the only way to stop the model: the SDK reads on after a `break`.
 * @throws ProviderError
 */
export async function* streamAnswer(
  client: GoogleGenAI,
  parameters: (abortSignal: AbortSignal) => GenerateContentParameters,
  signal: AbortSignal,
): AsyncGenerator<LLMEvent, void, undefined> {
  signal.throwIfAborted();
  const http = new AbortController();
  const abort = (): void => http.abort();
  signal.addEventListener('abort', abort, { once: true });
  let isComplete = false;
  let isReading = false;
  let hasToolCalls = false;
  try {
    const chunks = await client.models.generateContentStream(parameters(http.signal));
    isReading = true;
    for (;;) {
      const result = await chunks.next();
      if (result.done === true) return;
      const { events, finishReason } = parseChunk(result.value);
      hasToolCalls ||= events.some(({ type }) => type === 'tool-call');
      yield* events;
      if (finishReason === undefined) continue;
      const reason = endReasonOf(finishReason, hasToolCalls);
      isComplete = true;
      signal.removeEventListener('abort', abort);
      void readToEnd(chunks, http);
      yield { type: 'end', reason };
      return;
    }
  } catch (error) {
    throw geminiError(error, isReading);
  } finally {
    signal.removeEventListener('abort', abort);
    if (!isComplete) http.abort();
  }
}

/**
 * Reads what follows the last event of an answer: nothing but its close, without which the connection
 * cannot serve the next turn. Never throws.
 */
async function readToEnd(
  chunks: AsyncIterator<GenerateContentResponse>,
  http: AbortController,
): Promise<void> {
  const timer = setTimeout(() => http.abort(), CLOSING_MS).unref();
  try {
    while ((await chunks.next()).done !== true);
  } catch {
    // The answer is complete; how the connection ended is of no interest.
  } finally {
    clearTimeout(timer);
  }
}
