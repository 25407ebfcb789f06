import { InterruptedError } from '../errors/interrupted-error.ts';
import type { ProviderError } from '../errors/provider-error.ts';
import type { ConnectContext } from '../stream/component-context.ts';
import { untilAborted } from '../stream/until-aborted.ts';
import type { ConnectionErrors } from './connection-errors.ts';
import { readStart } from './read-start.ts';
import type { UpgradeResponse, WebSocketClient } from './web-socket.ts';
import { WEB_SOCKET_OPTIONS } from './web-socket.ts';

const OPEN = 1;
const CLOSED = 3;
/** A page that says why is short, and there at once. */
const MAX_REFUSAL_BYTES = 16_384;
const REFUSAL_TIMEOUT_MS = 1000;

/** What a socket is made of. */
export interface ProviderSocketParts {
  /** Connecting, with {@link WEB_SOCKET_OPTIONS}. */
  readonly client: WebSocketClient;
  readonly context: ConnectContext;
  readonly errors: ConnectionErrors;
  /**
   * A message came. What it throws breaks the socket with an error of type `protocol`: a message that
   * nobody thought of must not end the process.
   */
  readonly onMessage: (data: Buffer, isBinary: boolean) => void;
  /**
   * It is closed, or never opened, for this reason; all that came was told before. Called once. What it
   * throws is logged.
   */
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
  /** How the upgrade was refused, as far as it is known while the answer is read. */
  #refusal: ProviderError | undefined;
  #cause: unknown;
  #isUnwanted = false;
  #stopCounting: (() => void) | undefined;

  constructor(parts: ProviderSocketParts) {
    this.#parts = parts;
    // Whoever waits for the opening hears of its failure, and `onClosed` in any case.
    this.#opened.promise.catch(() => undefined);
    const { client } = parts;
    client.on('message', (data, isBinary) => this.#receive(data, isBinary));
    client.on('error', (error) => (this.#cause ??= error));
    client.once('open', () => this.#wasOpened());
    client.once('unexpected-response', (_request, response) => void this.#wasRefused(response));
    client.once('close', (code, reason) => this.#wasClosed(code, reason.toString()));
    // Who was given the client by an SDK may have missed what it tells once.
    if (client.readyState === OPEN) this.#wasOpened();
    if (client.readyState === CLOSED) queueMicrotask(() => this.#wasClosed(1006, ''));
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
   * @throws ProviderError; the reason of the context's signal when that is aborted; `InterruptedError`
   * when it is closed meanwhile from here
   */
  async opened(timeoutMs: number): Promise<void> {
    const { context, errors } = this.#parts;
    const { clock, signal } = context;
    const giveUp = (): void => this.break(this.#refusal ?? errors.connectTimeout(timeoutMs));
    const cancelTimeout = clock.after(timeoutMs, giveUp);
    try {
      await untilAborted(this.#opened.promise, signal);
      // Both may have come at once.
      signal.throwIfAborted();
    } catch (error) {
      this.#parts.client.terminate();
      throw error;
    } finally {
      cancelTimeout();
    }
  }

  /**
   * Ends it at once, for this reason, and takes no more messages. The first reason counts; idempotent.
   */
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
    this.#isUnwanted = true;
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

  #wasOpened(): void {
    this.#stopCounting = this.#parts.context.socketOpened();
    this.#opened.resolve();
  }

  async #wasRefused(response: UpgradeResponse): Promise<void> {
    const { context, errors } = this.#parts;
    const { statusCode = 0 } = response;
    // The status is known from now on, whatever becomes of the rest.
    this.#refusal = errors.refused(statusCode, '');
    const cancelTimeout = context.clock.after(REFUSAL_TIMEOUT_MS, () => response.destroy());
    const body = await readStart(response, MAX_REFUSAL_BYTES);
    cancelTimeout();
    this.break(errors.refused(statusCode, body));
  }

  #receive(data: Buffer, isBinary: boolean): void {
    // What was read from the network together with the last message still comes.
    if (this.#failure) return;
    const { errors, onMessage } = this.#parts;
    // Of a client that was not made with our options, as an SDK's own.
    if (data.length > WEB_SOCKET_OPTIONS.maxPayload) {
      this.break(errors.giantMessage());
      return;
    }
    try {
      onMessage(data, isBinary);
    } catch (error) {
      this.break(errors.malformed('reading it failed', error));
    }
  }

  #wasClosed(code: number, reason: string): void {
    const { context, errors, onClosed } = this.#parts;
    const error = this.#failure ?? this.#refusal ?? errors.closed(code, reason, this.#cause);
    this.#stopCounting?.();
    this.#opened.reject(this.#isUnwanted ? new InterruptedError() : error);
    this.#closed.resolve();
    try {
      onClosed(error);
    } catch (thrown) {
      context.logger.error({ error: thrown }, 'the end of a connection could not be told');
    }
  }
}
