import { httpError, serverError, STREAM_ENDED } from './mcp-error.ts';

/** The longest answer that is read, in bytes: as much as the SDK takes from a process. */
const MAX_ANSWER_BYTES = 10 * 1024 * 1024;

type RequestId = string | number;

/** What matters here of a JSON-RPC message that is sent. */
interface SentMessage {
  readonly id?: RequestId;
  /** The request that this notification cancels. */
  readonly cancels?: RequestId;
}

/**
 * A `fetch` for the SDK's transport that knows when an answer will not come any more. The transport
 * itself leaves a request waiting whose event stream ends without an answer, and leaves the stream
 * open of a request that was cancelled.
 */
export function answeringFetch(server: string, send: typeof fetch): typeof fetch {
  const requests = new Map<RequestId, AbortController>();
  return async (url, init = {}) => {
    // The stream for what the server says by itself: nothing of that is of use in a call, and it
    // would hold a socket. 405 is what a server answers that offers none.
    if (init.method === 'GET') return new Response(null, { status: 405 });
    if (init.method !== 'POST') return send(url, init);
    const { id, cancels } = sentMessage(init.body);
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    init.signal?.addEventListener('abort', abort, { once: true });
    if (init.signal?.aborted) abort();
    if (id !== undefined) requests.set(id, controller);
    const release = (): void => {
      init.signal?.removeEventListener('abort', abort);
      if (id !== undefined) requests.delete(id);
    };
    try {
      const response = await send(url, { ...init, signal: controller.signal });
      if (response.status < 400) return withBody(server, response, id, release);
      await response.body?.cancel();
      throw httpError(server, response.status);
    } catch (error) {
      release();
      throw error;
    } finally {
      if (cancels !== undefined) requests.get(cancels)?.abort();
    }
  };
}

function withBody(
  server: string,
  response: Response,
  id: RequestId | undefined,
  release: () => void,
): Response {
  const { body, status, headers } = response;
  if (body === null || id === undefined || !response.ok) {
    release();
    return response;
  }
  const isStream = headers.get('content-type')?.includes('text/event-stream') ?? false;
  const chunks = bounded(server, body, release);
  const source = isStream ? withLastWord(chunks, id) : chunks;
  return new Response(ReadableStream.from(source), { status, headers });
}

async function* bounded(
  server: string,
  body: ReadableStream<Uint8Array>,
  release: () => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let length = 0;
  try {
    for await (const chunk of body) {
      length += chunk.length;
      if (length > MAX_ANSWER_BYTES) {
        const problem = `its answer is longer than ${MAX_ANSWER_BYTES} bytes`;
        throw serverError(server, { type: 'protocol', code: 'answer_too_long', problem });
      }
      yield chunk;
    }
  } finally {
    release();
  }
}

/**
 * Ends an event stream with an error for its request, in the stream itself: if the answer came before,
 * nobody waits for the request any more and the error is dropped.
 */
async function* withLastWord(
  chunks: AsyncIterable<Uint8Array>,
  id: RequestId,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* chunks;
  } catch {
    // Breaking off is the same as ending: the error below tells it to the one that waits.
  }
  const error = { code: -32_000, message: 'the stream ended', data: STREAM_ENDED };
  const message = JSON.stringify({ jsonrpc: '2.0', id, error });
  // The empty line ends an event that was cut in the middle.
  yield new TextEncoder().encode(`\n\ndata: ${message}\n\n`);
}

function sentMessage(body: unknown): SentMessage {
  if (typeof body !== 'string') return {};
  const message: unknown = JSON.parse(body);
  const id = idIn(message, 'id');
  if (id !== undefined) return { id };
  const isCancellation =
    isObject(message) && message['method'] === 'notifications/cancelled' && 'params' in message;
  const cancels = isCancellation ? idIn(message['params'], 'requestId') : undefined;
  return cancels === undefined ? {} : { cancels };
}

function idIn(value: unknown, key: string): RequestId | undefined {
  const id = isObject(value) ? value[key] : undefined;
  return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
