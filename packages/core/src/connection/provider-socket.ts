import type { ProviderError } from '../errors/provider-error.ts';
import type { ConnectContext } from '../stream/component-context.ts';
import { untilAborted } from '../stream/until-aborted.ts';
import type { ConnectionErrors } from './connection-errors.ts';
import { readStart } from './read-start.ts';
import type { WebSocketClient } from './web-socket.ts';

const OPEN = 1;
/** A page that says why is short. */
const MAX_REFUSAL_BYTES = 16_384;

/** What a socket is made of. */
export interface ProviderSocketParts {
  /** Connecting, with {@link WEB_SOCKET_OPTIONS}. */
  readonly client: WebSocketClient;
  readonly context: ConnectContext;
  readonly errors: ConnectionErrors;
  /** A message came. What it throws would end the process: catch what can be thrown. */
  readonly onMessage: (data: Buffer, isBinary: boolean) => void;
  /** It is closed, or never opened, for this reason; all that came was told before. Called once. */
  readonly onClosed: (error: ProviderError) => void;
}

/**
 * One WebSocket to a provider, from its opening to the close: counted while it is open, every wait
 * bounded, every failure typed. What is sent is the plugin's matter: SDKs send by themselves.
 */
export class ProviderSocket {
  readonly #parts: ProviderSocketParts;
  readonly #opened = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  /** Why it closes, where that was known before it did. */
  #failure: ProviderError | undefined;
  #cause: unknown;
  #stopCounting: (() => void) | undefined;

  constructor(parts: ProviderSocketParts) {
    this.#parts = parts;
    // Whoever waits for the opening hears of its failure, and `onClosed` in any case.
    this.#opened.promise.catch(() => undefined);
    const { client, context, errors, onMessage } = parts;
    client.on('message', onMessage);
    client.on('error', (error) => (this.#cause ??= error));
    client.once('open', () => {
      this.#stopCounting = context.socketOpened();
      this.#opened.resolve();
    });
    client.once('unexpected-response', (_request, response) => {
      const { statusCode = 0 } = response;
      void readStart(response, MAX_REFUSAL_BYTES).then((body) =>
        this.break(errors.refused(statusCode, body)),
      );
    });
    client.once('close', (code, reason) => this.#wasClosed(code, reason.toString()));
  }

  /** Whether it takes messages. */
  get isOpen(): boolean {
    return this.#parts.client.readyState === OPEN;
  }

  /** Bytes that the network has not taken yet. */
  get bufferedBytes(): number {
    return this.#parts.client.bufferedAmount;
  }

  /** Resolves when it is closed, by whomever. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /**
   * Resolves when it is open. A hung upgrade, a refusal and an abort end the wait, and the socket.
   * @throws ProviderError; the reason of the context's signal when that is aborted
   */
  async opened(timeoutMs: number): Promise<void> {
    const { clock, signal } = this.#parts.context;
    const giveUp = (): void => this.break(this.#parts.errors.connectTimeout(timeoutMs));
    const cancelTimeout = clock.after(timeoutMs, giveUp);
    try {
      await untilAborted(this.#opened.promise, signal);
    } catch (error) {
      this.#parts.client.terminate();
      throw error;
    } finally {
      cancelTimeout();
    }
  }

  /** Ends it at once, for this reason. What was said before counts; idempotent. */
  break(error: ProviderError): void {
    this.#failure ??= error;
    this.#parts.client.terminate();
  }

  /**
   * Waits for the other side to close, which it does when told by a message of its own, and no longer
   * than `timeoutMs`. Never rejects.
   */
  async finish(timeoutMs: number): Promise<void> {
    const { client, context } = this.#parts;
    const cancelTimeout = context.clock.after(timeoutMs, () => client.terminate());
    await this.closed;
    cancelTimeout();
  }

  /**
   * Says goodbye, at once or when `lastResult` is there, and waits for the answer; no longer than
   * `timeoutMs` for both. What the other side has sent by then still arrives. Never rejects.
   */
  async close(timeoutMs: number, lastResult?: Promise<unknown>): Promise<void> {
    const sayGoodbye = (): void => this.#parts.client.close(1000);
    if (lastResult) void lastResult.then(sayGoodbye, sayGoodbye);
    else sayGoodbye();
    await this.finish(timeoutMs);
  }

  #wasClosed(code: number, reason: string): void {
    const { errors, onClosed } = this.#parts;
    const error = this.#failure ?? errors.closed(code, reason, this.#cause);
    this.#stopCounting?.();
    this.#opened.reject(error);
    onClosed(error);
    this.#closed.resolve();
  }
}
