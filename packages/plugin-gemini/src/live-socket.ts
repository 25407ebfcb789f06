import type { GoogleGenAI } from '@google/genai';
import { WEB_SOCKET_OPTIONS } from '@vision-agents/core';
import { WebSocket } from 'ws';

import { protocolError } from './gemini-error.ts';

/** What the SDK wants to hear of a socket. */
interface SocketCallbacks {
  onopen(): void;
  onmessage(event: { readonly data: string }): void;
}

/** A socket that the SDK has asked for, connecting. */
export interface LiveSocket {
  readonly client: WebSocket;
  /** Hands a message to the SDK. It must be JSON: of any other the SDK would let the process die. */
  readonly receive: (json: string) => void;
}

/**
 * Has a client of the SDK open its Live sessions over sockets of ours. The SDK's own give nothing to close
 * while they open, hide why they were refused, and compress audio.
 * @throws ProviderError when the SDK has no place for them any more
 */
export function useOwnSockets(sdk: GoogleGenAI, onSocket: (socket: LiveSocket) => void): void {
  const field = 'webSocketFactory';
  if (!Reflect.has(sdk.live, field)) {
    throw protocolError('sdk', 'the installed version of @google/genai does not fit');
  }
  const create = (url: string, headers: Record<string, string>, callbacks: SocketCallbacks) => {
    let client: WebSocket | undefined;
    return {
      connect: () => {
        // Without a path in its base URL the SDK asks for `//ws/…`.
        const address = url.replace(/^(wss?:\/\/[^/]+)\/+/, '$1/');
        client = new WebSocket(address, { ...WEB_SOCKET_OPTIONS, headers });
        client.once('open', () => callbacks.onopen());
        onSocket({ client, receive: (data) => callbacks.onmessage({ data }) });
      },
      send: (message: string) => client?.send(message),
      close: () => client?.close(),
    };
  };
  Reflect.set(sdk.live, field, { create });
}
