import { InterruptedError } from '../errors/interrupted-error.ts';
import type { ConnectContext } from '../stream/component-context.ts';

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
 * it is lost or used up.
 */
export class WarmSocket<Socket extends ReusableSocket> {
  readonly #parts: WarmSocketParts<Socket>;
  /** The one that is used, and those that still do what they were given. */
  readonly #open = new Set<Socket>();
  #current: Socket | undefined;
  /** Whether the last one was lost, and none has come in its place yet. */
  #isLost = false;
  #opening: Promise<Socket> | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: WarmSocketParts<Socket>) {
    this.#parts = parts;
  }

  /**
   * A socket that can be used: the one there is, or a new one, for all who ask meanwhile.
   * @throws ProviderError when none can be opened; `InterruptedError` once closed
   */
  async get(): Promise<Socket> {
    if (this.#closing) throw new InterruptedError();
    if (this.#current?.condition === 'usable') return this.#current;
    this.#opening ??= this.#replace().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  /** Idempotent, bounded in time, never rejects. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #replace(): Promise<Socket> {
    this.#parts.context.signal.throwIfAborted();
    this.#retire();
    const socket = await this.#openNext();
    this.#open.add(socket);
    void socket.closed.then(() => this.#open.delete(socket));
    if (this.#closing) throw new InterruptedError();
    this.#current = socket;
    return socket;
  }

  #retire(): void {
    const before = this.#current;
    if (!before) return;
    this.#current = undefined;
    // One that finishes may close at once, and look as if it were lost.
    this.#isLost = before.condition === 'lost';
    before.finish();
  }

  async #openNext(): Promise<Socket> {
    const { context, open } = this.#parts;
    try {
      const socket = await open();
      if (this.#isLost) context.reconnected('completed');
      return socket;
    } catch (error) {
      if (this.#isLost && !context.signal.aborted) context.reconnected('error');
      throw error;
    }
  }

  async #close(): Promise<void> {
    // The signal that core aborts first has ended an opening; its error is told to who waits for it.
    await this.#opening?.catch(() => undefined);
    await Promise.all([...this.#open].map((socket) => socket.close()));
  }
}
