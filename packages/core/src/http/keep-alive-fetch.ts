import type { IncomingMessage } from 'node:http';
import http from 'node:http';
import https from 'node:https';

import { GIANT_MESSAGE } from '../errors/error-type.ts';

/** Longer than people talk between two answers, shorter than servers keep idle connections. */
const IDLE_MS = 60_000;

/** How long an answer may take to end that is not read any further. */
const ENDING_MS = 1000;

/** No event of an answer, nor the page of a refusal, has a part of this; the parsers of SDKs take any. */
const MAX_MESSAGE_BYTES = 1024 * 1024;
const LINE_FEED = 10;

const STATUSES_WITHOUT_BODY = new Set([204, 205, 304]);

/**
 * A `fetch` for the SDKs of plugins, whose idle connections stay open for a minute. Node's own closes
 * them after 4 s, which in a conversation would make nearly every turn pay for TCP and TLS before its
 * first token. A message of more than 1 MiB breaks an answer off. Does what an SDK needs of `fetch`: text bodies, no redirects. An abort closes the
 * connection; whoever leaves an answer just before its end, as SDKs do at a mark in it, keeps it.
 */
export function keepAliveFetch(): typeof fetch {
  const agentOptions = { keepAlive: true, timeout: IDLE_MS };
  const plain = { request: http.request, agent: new http.Agent(agentOptions) };
  const secure = { request: https.request, agent: new https.Agent(agentOptions) };
  return async (input, init = {}) => {
    const { signal } = init;
    signal?.throwIfAborted();
    const url = new URL(input instanceof Request ? input.url : input);
    const { request, agent } = url.protocol === 'https:' ? secure : plain;
    const outgoing = request(url, {
      agent,
      method: init.method ?? 'GET',
      headers: Object.fromEntries(new Headers(init.headers)),
    });
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    // Not by the option `signal`, which would bind the socket, that outlives the request, as well. And
    // without an error, which a socket emits unheard when its answer is there but not yet read.
    signal?.addEventListener('abort', () => outgoing.destroy(), { once: true });
    outgoing.once('response', resolve);
    // Stays for good: an error after the headers shows in the body, but would end the process unheard.
    outgoing.on('error', reject);
    outgoing.end(init.body);
    const incoming = await promise;
    const status = incoming.statusCode ?? 0;
    const hasBody = !STATUSES_WITHOUT_BODY.has(status);
    if (!hasBody) incoming.resume();
    return new Response(hasBody ? bodyOf(incoming) : null, {
      status,
      headers: headersOf(incoming),
    });
  };
}

async function* bodyOf(incoming: IncomingMessage): AsyncGenerator<Uint8Array, void, undefined> {
  const type = incoming.headers['content-type'] ?? '';
  const isStream = type.startsWith('text/event-stream');
  const isText = isStream || /^(?:text\/|application\/json)/.test(type);
  let messageBytes = 0;
  try {
    const chunks: AsyncIterable<Uint8Array> = incoming.iterator({ destroyOnReturn: false });
    for await (const chunk of chunks) {
      const lineEnd = isStream ? chunk.lastIndexOf(LINE_FEED) : -1;
      messageBytes = lineEnd === -1 ? messageBytes + chunk.length : chunk.length - lineEnd;
      if (isText && messageBytes > MAX_MESSAGE_BYTES) throw giantMessageError(incoming);
      yield chunk;
    }
  } finally {
    if (!incoming.readableEnded && !incoming.destroyed) {
      const timer = setTimeout(() => incoming.destroy(), ENDING_MS).unref();
      incoming.once('close', () => clearTimeout(timer)).resume();
    }
  }
}

/** What goes on is not read: it may have no end. */
function giantMessageError(incoming: IncomingMessage): Error {
  incoming.destroy();
  return Object.assign(new Error(`a message of more than ${MAX_MESSAGE_BYTES} bytes`), {
    code: GIANT_MESSAGE,
  });
}

function headersOf(incoming: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(incoming.headersDistinct)) {
    for (const value of values) headers.append(name, value);
  }
  return headers;
}
