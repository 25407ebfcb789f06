import type { Socket } from 'node:net';

/** What was written so shortly before its reader left may not have been read. */
export const deliveryMs = 50;
/** The same of audio, which comes in bulk: a busy reader is further behind. */
const audioDeliveryMs = 250;

/** Audio of 16 bits that was written to a client, to know how much of it the client must have. */
export class SentAudio {
  readonly #sampleRateHz: number;
  readonly #pieces: { at: number; bytes: number }[] = [];

  constructor(sampleRateHz: number) {
    this.#sampleRateHz = sampleRateHz;
  }

  /** Notes a piece that is being written; returns its length in ms. */
  add(bytes: number): number {
    this.#pieces.push({ at: performance.now(), bytes });
    return this.#durationMs(bytes);
  }

  /** How much of it, in ms, a client may not have that leaves now: half a sample, too, is none to it. */
  get uncertainMs(): number {
    const readBy = performance.now() - audioDeliveryMs;
    const read = sumOf(this.#pieces.filter(({ at }) => at <= readBy));
    return this.#durationMs(sumOf(this.#pieces) - (read - (read % 2)));
  }

  #durationMs(bytes: number): number {
    return bytes / (this.#sampleRateHz * 0.002);
  }
}

function sumOf(pieces: readonly { bytes: number }[]): number {
  return pieces.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** What takes what was written last on a connection for read. */
const settlers = new WeakMap<Socket, () => void>();

/** Calls back if the connection is closed before what was written last can be taken for read. */
export function whenLeft(socket: Socket | null, callback: () => void): void {
  if (!socket) return;
  const settle = (): void => {
    clearTimeout(timer);
    socket.off('close', callback);
  };
  const timer = setTimeout(settle, deliveryMs).unref();
  settlers.set(socket, settle);
  socket.once('close', callback);
}

/** Another request came: its client has read all that came before on this connection. */
export function asksAgain(socket: Socket): void {
  settlers.get(socket)?.();
}
