import type { DeepgramClient, DeepgramTransport } from '@deepgram/sdk';
import type { ConnectContext } from '@vision-agents/core';
import { WEB_SOCKET_OPTIONS } from '@vision-agents/core';
import { WebSocket } from 'ws';

/** What it takes to reach Deepgram. */
export interface TransportSettings {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly connectTimeoutMs: number;
}

/** The SDK's own ideas of how to connect, of which none may come true. */
interface ConnectOptions {
  readonly reconnectAttempts: 0;
  readonly connectionTimeoutInSeconds: number;
}

/** A stream of the SDK's, to be written to, and the socket below it, to be read from. */
interface Transport<Stream> {
  readonly stream: Stream;
  /** Connecting. */
  readonly client: WebSocket;
}

/**
 * Has Deepgram's SDK connect over a socket of ours. The SDK's own hides close codes and the bodies of
 * refusals, and reconnects into a new session without a word.
 * @throws the reason of the context's signal when that is aborted
 */
export async function openTransport<Stream extends { connect(): unknown }>(
  { apiKey, baseUrl, connectTimeoutMs }: TransportSettings,
  { signal }: ConnectContext,
  connect: (client: DeepgramClient, options: ConnectOptions) => Promise<Stream>,
): Promise<Transport<Stream>> {
  const sdk = await import('@deepgram/sdk');
  signal.throwIfAborted();
  const created = Promise.withResolvers<WebSocket>();
  const client = new sdk.DeepgramClient({
    apiKey,
    baseUrl,
    maxRetries: 0,
    transportFactory: (url, headers) => {
      try {
        const socket = openSocket(url, headers);
        created.resolve(socket);
        return faceOf(socket);
      } catch (error) {
        created.reject(error);
        throw error;
      }
    },
  });
  const stream = await connect(client, {
    reconnectAttempts: 0,
    // Ours must be the one that strikes, since the SDK's is reported as a close without a reason.
    connectionTimeoutInSeconds: connectTimeoutMs / 1000 + 1,
  });
  stream.connect();
  return { stream, client: await created.promise };
}

function openSocket(url: string, headers: Record<string, string>): WebSocket {
  return new WebSocket(url, { ...WEB_SOCKET_OPTIONS, headers });
}

/** A socket as the SDK sees it. */
function faceOf(socket: WebSocket): DeepgramTransport {
  return {
    send: (data) => {
      if (!(data instanceof Blob)) socket.send(data);
    },
    close: (code, reason) => socket.close(sendableCode(code), reason),
    isOpen: () => socket.readyState === WebSocket.OPEN,
    onOpen: (listener) => void socket.on('open', listener),
    // Messages are read from the socket: the SDK makes blobs of audio, which are read out of order.
    onMessage: () => undefined,
    onError: (listener) => void socket.on('error', listener),
    onClose: (listener) =>
      void socket.on('close', (code, reason) => listener({ code, reason: reason.toString() })),
  };
}

/** 1005 and 1006 say that there was no code: they cannot be sent. */
function sendableCode(code: number | undefined): number {
  return code === undefined || code === 1005 || code === 1006 ? 1000 : code;
}
