import type { Socket } from 'node:net';

/** What was written so shortly before its reader left may not have been read. */
export const deliveryMs = 50;

/** Remembers what was written when, so far as a reader that leaves may not have read it. */
export class RecentWrites {
  #writes: { at: number; amount: number }[] = [];

  /** So much is being written. */
  note(amount: number): void {
    this.#forget();
    this.#writes.push({ at: performance.now(), amount });
  }

  /** How much cannot be taken for read yet. */
  get unread(): number {
    this.#forget();
    return this.#writes.reduce((sum, { amount }) => sum + amount, 0);
  }

  #forget(): void {
    const readBy = performance.now() - deliveryMs;
    this.#writes = this.#writes.filter(({ at }) => at > readBy);
  }
}

/** Calls back if the connection is closed before what was written last can be taken for read. */
export function whenLeft(socket: Socket | null, callback: () => void): void {
  socket?.once('close', callback);
  setTimeout(() => socket?.off('close', callback), deliveryMs).unref();
}
