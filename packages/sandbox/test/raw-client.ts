import { once } from 'node:events';

import { WebSocket, type ClientOptions } from 'ws';

/** A raw client of a socket that keeps all it is told. */
export class RawClient {
  readonly ws: WebSocket;
  readonly texts: string[] = [];
  readonly messages: Record<string, unknown>[] = [];
  readonly arrivals: number[] = [];
  readonly closed: Promise<number>;
  #wake: () => void = () => undefined;

  constructor(url: string, options: ClientOptions = {}) {
    this.ws = new WebSocket(url.replace(/^http/, 'ws'), options);
    this.closed = new Promise((resolve) => {
      this.ws.on('close', (code) => {
        resolve(code);
        this.#wake();
      });
    });
    this.ws.on('error', () => undefined);
    this.ws.on('message', (data: Buffer) => {
      this.texts.push(data.toString());
      this.arrivals.push(performance.now());
      try {
        const value: unknown = JSON.parse(data.toString());
        if (typeof value === 'object') this.messages.push({ ...value });
      } catch {
        // Kept among the texts.
      }
      this.#wake();
    });
  }

  async open(): Promise<this> {
    await once(this.ws, 'open');
    return this;
  }

  send(message: Record<string, unknown>): void {
    this.ws.send(JSON.stringify(message));
  }

  /** The first message that fits, now or later; the test's time-out is the limit. */
  async message(
    fits: (message: Record<string, unknown>) => boolean,
  ): Promise<Record<string, unknown>> {
    for (;;) {
      const found = this.messages.find(fits);
      if (found !== undefined) return found;
      if (this.ws.readyState === WebSocket.CLOSED) throw new Error('closed before the message');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** How a handshake was refused. */
export async function refusal(
  url: string,
  options: ClientOptions = {},
): Promise<{ status: number; headers: Record<string, unknown>; body: unknown }> {
  const ws = new WebSocket(url.replace(/^http/, 'ws'), options);
  ws.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    ws.once('open', () => reject(new Error('was not refused')));
    ws.once('unexpected-response', (_request, response) => {
      let text = '';
      response.on('data', (piece: Buffer) => (text += piece.toString()));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: JSON.parse(text) as unknown,
        }),
      );
    });
  });
}
