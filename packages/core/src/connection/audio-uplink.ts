import type { ProviderError } from '../errors/provider-error.ts';
import type { ConnectionErrors } from './connection-errors.ts';
import type { ProviderSocket } from './provider-socket.ts';
import { SentAudio } from './sent-audio.ts';

/** How much audio may wait in the socket: beyond that it is too old to be worth sending. */
const BACKLOG_LIMIT_MS = 2000;
/** How much is dropped in a row before the network is given up, which TCP does after a quarter of an hour. */
const DROPPED_LIMIT_MS = 5000;

/** What sends audio to a provider. */
export interface AudioUplinkParts {
  readonly socket: Pick<ProviderSocket, 'bufferedBytes' | 'break'>;
  readonly errors: ConnectionErrors;
  /** What a millisecond of audio takes on the wire, base64 included. */
  readonly bytesPerMs: number;
  /** Audio is being dropped. Called once until all that waits is gone, or the socket is broken. */
  readonly onBacklog: (error: ProviderError) => void;
}

/**
 * The bounded way of audio to a provider. No WebSocket slows down who sends too much: what a stalled
 * network does not take would grow in memory, and be too old when it arrives. A network that takes nothing
 * for long ends the socket.
 */
export class AudioUplink {
  readonly #parts: AudioUplinkParts;
  readonly #audio = new SentAudio();
  #isBacklogged = false;
  #droppedMs = 0;

  constructor(parts: AudioUplinkParts) {
    this.#parts = parts;
  }

  /** Whether to send so much audio now; when not, it is dropped and noted as that. */
  takes(durationMs: number): boolean {
    const hasRoom = this.#hasRoom();
    if (hasRoom) this.#audio.sent(durationMs);
    else this.#drop(durationMs);
    return hasRoom;
  }

  /** Notes silence that is sent and that nobody had written. */
  added(durationMs: number): void {
    this.#audio.added(durationMs);
  }

  /** A provider's offset as one in all audio that was written; undefined where that is not known. */
  writtenOffset(sentOffsetMs: number | undefined): number | undefined {
    return this.#audio.writtenOffset(sentOffsetMs);
  }

  #drop(durationMs: number): void {
    const { socket, errors } = this.#parts;
    this.#audio.lost(durationMs);
    this.#droppedMs += durationMs;
    if (this.#droppedMs >= DROPPED_LIMIT_MS) socket.break(errors.backlogged(BACKLOG_LIMIT_MS));
  }

  #hasRoom(): boolean {
    const { socket, errors, bytesPerMs, onBacklog } = this.#parts;
    if (socket.bufferedBytes === 0) this.#isBacklogged = false;
    if (socket.bufferedBytes < BACKLOG_LIMIT_MS * bytesPerMs) {
      this.#droppedMs = 0;
      return true;
    }
    if (!this.#isBacklogged) onBacklog(errors.backlogged(BACKLOG_LIMIT_MS));
    this.#isBacklogged = true;
    return false;
  }
}
