import { InterruptedError } from '../errors/interrupted-error.ts';
import { ProviderError } from '../errors/provider-error.ts';
import type { ConnectContext } from '../stream/component-context.ts';
import { BackOff } from './back-off.ts';

/** A socket of a plugin's that is used again and again. */
export interface ReusableSocket {
  /**
   * `usable`: takes more. `used-up`: takes no more, and nothing is wrong with it. `lost`: it broke, or was
   * given up.
   */
  readonly condition: 'usable' | 'used-up' | 'lost';
  /** Resolves when it is closed, by whomever. */
  readonly closed: Promise<void>;
  /** Takes no more, and closes when what it was given is done. */
  finish(): void;
  /** Closes within a bounded time; never rejects. */
  close(): Promise<void>;
}

/** What keeps a socket warm. */
export interface WarmSocketParts<Socket extends ReusableSocket> {
  readonly context: ConnectContext;
  /** Opens one within a bounded time, or throws a `ProviderError`. */
  readonly open: () => Promise<Socket>;
}

/**
 * A call's one socket to a provider, open between the times that it is used, and its successor once
 * it is lost or used up. One that is lost between the times is replaced soon after, so that who uses it
 * next does not wait for a handshake.
 */
export class WarmSocket<Socket extends ReusableSocket> {
  readonly #parts: WarmSocketParts<Socket>;
  /** The one that is used, and those that still do what they were given. */
  readonly #open = new Set<Socket>();
  #current: Socket | undefined;
  /** When the last one was lost; undefined where it was not, or another has come in its place. */
  #lostAtMs: number | undefined;
  #opening: Promise<Socket> | undefined;
  readonly #backOff: BackOff;
  readonly #over = new AbortController();
  #isWarmingUp = false;
  #closing: Promise<void> | undefined;

  constructor(parts: WarmSocketParts<Socket>) {
    this.#parts = parts;
    this.#backOff = new BackOff(parts.context.clock);
  }

  /**
   * A socket that can be used: the one there is, or a new one, for all who ask meanwhile.
   * @throws ProviderError when none can be opened; `InterruptedError` once closed
   */
  async get(): Promise<Socket> {
    if (this.#closing) throw new InterruptedError();
    if (this.#current?.condition !== 'usable') return this.#openOne();
    this.#backOff.reset();
    return this.#current;
  }

  /** Idempotent, bounded in time, never rejects. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #openOne(): Promise<Socket> {
    this.#opening ??= this.#replace().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  #wasClosed(socket: Socket): void {
    this.#open.delete(socket);
    if (socket === this.#current) this.#noteLoss(socket);
    if (!this.#isWarmingUp) void this.#warmUp();
  }

  /**
   * Replaces what was lost, later and later unless one is used meanwhile: a server that only ever hangs
   * up is not asked all the time. Never rejects.
   */
  async #warmUp(): Promise<void> {
    const signal = AbortSignal.any([this.#parts.context.signal, this.#over.signal]);
    const isCold = (): boolean =>
      !signal.aborted && (this.#current?.condition ?? 'lost') === 'lost';
    let isWorthTrying = true;
    this.#isWarmingUp = true;
    while (isWorthTrying && isCold()) {
      await this.#backOff.pause(signal);
      if (isCold()) isWorthTrying = await this.#tryToOpen();
    }
    this.#isWarmingUp = false;
  }

  /** Returns whether there is use in one more try. A failure is told to who asks next, if it lasts. */
  async #tryToOpen(): Promise<boolean> {
    try {
      await this.#openOne();
      return true;
    } catch (error) {
      return error instanceof ProviderError && error.retryable;
    }
  }

  async #replace(): Promise<Socket> {
    this.#parts.context.signal.throwIfAborted();
    this.#retire();
    const socket = await this.#openNext();
    this.#open.add(socket);
    void socket.closed.then(() => this.#wasClosed(socket));
    if (this.#closing) throw new InterruptedError();
    this.#current = socket;
    return socket;
  }

  #retire(): void {
    const before = this.#current;
    if (!before) return;
    this.#current = undefined;
    // One that finishes may close at once, and look as if it were lost.
    this.#noteLoss(before);
    before.finish();
  }

  #noteLoss({ condition }: Socket): void {
    if (condition === 'lost') this.#lostAtMs ??= this.#parts.context.clock.now();
    else this.#lostAtMs = undefined;
  }

  async #openNext(): Promise<Socket> {
    const { context, open } = this.#parts;
    try {
      const socket = await open();
      if (this.#lostAtMs !== undefined) context.reconnected('completed', this.#lostAtMs);
      this.#lostAtMs = undefined;
      return socket;
    } catch (error) {
      if (this.#lostAtMs !== undefined && !context.signal.aborted) {
        context.reconnected('error', this.#lostAtMs);
      }
      throw error;
    }
  }

  async #close(): Promise<void> {
    this.#over.abort();
    // The signal that core aborts first has ended an opening; its error is told to who waits for it.
    await this.#opening?.catch(() => undefined);
    await Promise.all([...this.#open].map((socket) => socket.close()));
  }
}
