import { text } from 'node:stream/consumers';

import type { GoogleGenAI } from '@google/genai';
import type { ProviderError } from '@vision-agents/core';
import { WebSocket } from 'ws';

import { closedError, protocolError, refusedError } from './gemini-error.ts';

/** What the SDK wants to hear of a socket. */
interface SocketCallbacks {
  onopen(): void;
  onmessage(event: { readonly data: string }): void;
  onclose(event: { readonly code: number; readonly reason: string }): void;
}

/** What becomes of a socket besides what the SDK is told. */
export interface SocketListener {
  readonly onOpen: (socket: WebSocket) => void;
  /** What came is no JSON, of which the SDK would let the process die. */
  readonly onUnreadable: () => void;
  /** It is closed, or never opened. Called once. */
  readonly onClosed: (error: ProviderError) => void;
}

/**
 * Has a client of the SDK open its Live sessions over sockets of ours. The SDK's own give nothing to close
 * while they open, hide why they were refused, and compress audio.
 * @throws ProviderError when the SDK has no place for them any more
 */
export function useOwnSockets(client: GoogleGenAI, listener: SocketListener): void {
  const field = 'webSocketFactory';
  if (!Reflect.has(client.live, field)) {
    throw protocolError('sdk', 'the installed version of @google/genai does not fit');
  }
  const create = (url: string, headers: Record<string, string>, callbacks: SocketCallbacks) => {
    let socket: WebSocket | undefined;
    return {
      connect: () => void (socket = openSocket(url, headers, callbacks, listener)),
      send: (message: string) => socket?.send(message),
      close: () => socket?.close(),
    };
  };
  Reflect.set(client.live, field, { create });
}

function openSocket(
  url: string,
  headers: Record<string, string>,
  callbacks: SocketCallbacks,
  listener: SocketListener,
): WebSocket {
  // Without a path in its base URL the SDK asks for `//ws/…`.
  const address = url.replace(/^(wss?:\/\/[^/]+)\/+/, '$1/');
  const options = { headers, perMessageDeflate: false, closeTimeout: 1000 };
  const socket = new WebSocket(address, options);
  let cause: unknown;
  let refusal: ProviderError | undefined;
  socket.on('error', (error) => (cause ??= error));
  socket.once('unexpected-response', (_request, response) => {
    const refused = (body: string): void => {
      refusal = refusedError(response.statusCode ?? 0, body);
      socket.terminate();
    };
    text(response).then(refused, () => refused(''));
  });
  socket.once('close', (code, bytes) => {
    const reason = bytes.toString();
    listener.onClosed(refusal ?? closedError(code, reason, cause));
    callbacks.onclose({ code, reason });
  });
  socket.once('open', () => callbacks.onopen());
  // The service sends its JSON in binary frames.
  socket.on('message', (data: Buffer) => {
    const json = data.toString();
    if (isJson(json)) callbacks.onmessage({ data: json });
    else listener.onUnreadable();
  });
  listener.onOpen(socket);
  return socket;
}

function isJson(message: string): boolean {
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
