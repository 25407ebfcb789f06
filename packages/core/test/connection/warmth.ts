import { getEventListeners } from 'node:events';

import type { ConnectContext, ReusableSocket } from '../../src/index.ts';
import { ProviderError, WarmSocket } from '../../src/index.ts';
import { ManualClock, RecordingLogger } from '../../src/testing/index.ts';

/** A socket whose condition the test sets. */
export class FakeSocket implements ReusableSocket {
  readonly #closed = Promise.withResolvers<void>();
  condition: ReusableSocket['condition'] = 'usable';
  finishCount = 0;
  closeCount = 0;

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** The other side is gone. */
  lose(): void {
    this.condition = 'lost';
    this.#closed.resolve();
  }

  /** As a plugin's that has nothing more to do: it closes, and is then as good as lost. */
  finish(): void {
    this.finishCount += 1;
    if (this.condition === 'used-up') this.lose();
  }

  close(): Promise<void> {
    this.closeCount += 1;
    this.lose();
    return this.closed;
  }
}

/** A warm socket, the sockets that were opened for it, and what was counted. */
export class Warmth {
  readonly clock: ManualClock = new ManualClock();
  readonly #controller = new AbortController();
  readonly opened: FakeSocket[] = [];
  readonly reconnects: ('completed' | 'error')[] = [];
  readonly warm: WarmSocket<FakeSocket>;
  /** What an opening waits for. */
  gate: Promise<unknown> = Promise.resolve();
  /** What an opening fails with. */
  refusal: ProviderError | undefined;
  openingCount = 0;

  constructor() {
    const context: ConnectContext = {
      signal: this.#controller.signal,
      clock: this.clock,
      logger: new RecordingLogger(),
      socketOpened: () => () => undefined,
      reconnected: (outcome) => this.reconnects.push(outcome),
    };
    this.warm = new WarmSocket({ context, open: () => this.#open() });
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** What is left that could wake up later. */
  get leftovers(): object {
    const listeners = getEventListeners(this.#controller.signal, 'abort').length;
    return { timers: this.clock.pendingTimers, listeners };
  }

  async #open(): Promise<FakeSocket> {
    this.openingCount += 1;
    await this.gate;
    if (this.refusal) throw this.refusal;
    const socket = new FakeSocket();
    this.opened.push(socket);
    return socket;
  }
}

/** A failure that another attempt may mend. */
export const REFUSED: ProviderError = new ProviderError({
  provider: 'someone',
  type: 'unavailable',
  message: 'no',
});
