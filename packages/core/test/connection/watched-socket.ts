import { getEventListeners } from 'node:events';

import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';

import type { ConnectContext, ProviderError, ProviderSocketParts } from '../../src/index.ts';
import { ConnectionErrors, ProviderSocket, WEB_SOCKET_OPTIONS } from '../../src/index.ts';
import { ManualClock, RecordingLogger } from '../../src/testing/index.ts';
import { serveWebSockets } from './servers.ts';

export const errors: ConnectionErrors = new ConnectionErrors({
  provider: 'someone',
  readRefusal: (body) => ({ name: /"code":"(\w+)"/.exec(body)?.[1] }),
});

type WatchedParts = Partial<Pick<ProviderSocketParts, 'onMessage' | 'onClosed' | 'errors'>>;

/** A socket to a server of the test's, on a clock that the test turns, with all that it tells. */
export class WatchedSocket {
  readonly clock: ManualClock = new ManualClock();
  readonly logger: RecordingLogger = new RecordingLogger();
  readonly #controller = new AbortController();
  readonly context: ConnectContext;
  readonly client: WebSocket;
  readonly socket: ProviderSocket;
  readonly messages: string[] = [];
  /** What `onClosed` was told, with how many messages had come by then. */
  readonly endings: { readonly error: ProviderError; readonly messageCount: number }[] = [];
  /** How many sockets are counted as open. */
  openCount = 0;

  constructor(to: string | WebSocket, parts: WatchedParts = {}) {
    this.client = typeof to === 'string' ? new WebSocket(to, WEB_SOCKET_OPTIONS) : to;
    this.context = {
      clock: this.clock,
      logger: this.logger,
      signal: this.#controller.signal,
      socketOpened: () => {
        this.openCount += 1;
        return () => (this.openCount -= 1);
      },
      reconnected: () => {
        throw new Error('a socket replaces nothing');
      },
    };
    this.socket = new ProviderSocket({
      client: this.client,
      context: this.context,
      errors: parts.errors ?? errors,
      onMessage: (data, isBinary) => {
        this.messages.push(isBinary ? data.toString('hex') : data.toString());
        parts.onMessage?.(data, isBinary);
      },
      onClosed: (error) => {
        this.endings.push({ error, messageCount: this.messages.length });
        parts.onClosed?.(error);
      },
    });
    onTestFinished(() => this.client.terminate());
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** What would keep the process or the call busy after the close: nothing, as it should be. */
  get leftovers(): object {
    return {
      timers: this.clock.pendingTimers,
      listeners: getEventListeners(this.context.signal, 'abort').length,
      openSockets: this.openCount,
    };
  }
}

export const NOTHING_LEFT = { timers: 0, listeners: 0, openSockets: 0 };

/** An opened socket, and the server's side of it. */
export async function connected(
  parts: WatchedParts = {},
): Promise<{ watched: WatchedSocket; peer: WebSocket }> {
  const met = Promise.withResolvers<WebSocket>();
  const watched = new WatchedSocket(await serveWebSockets(met.resolve), parts);
  await watched.socket.opened(5000);
  return { watched, peer: await met.promise };
}

/** What a promise is rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}
