import type { ConnectContext, ProviderError, STTConnection, STTFact } from '@vision-agents/core';
import {
  AsyncQueue,
  AudioUplink,
  KeepAlive,
  moveOffsets,
  pcmBytes,
  ProviderSocket,
  StallWatch,
} from '@vision-agents/core';
import type { WebSocket } from 'ws';

import { connectionErrors, fatalError } from './deepgram-error.ts';
import type { STTSettings } from './deepgram-options.ts';
import { parseJson } from './deepgram-wire.ts';
import type { ListenProtocol } from './listen-protocol.ts';

/** Without audio for so long there is nothing to answer, as when a microphone is switched off. */
const PAUSE_MS = 1000;

/** Without audio for so long it is said that more will come; Deepgram hangs up after 10 s. */
const KEEP_ALIVE_MS = 4000;

/** Silence that says so where there is no message for it; it also ends a turn that was cut off from its own. */
const KEEP_ALIVE_SILENCE_MS = 1000;

/** What a connection can tell Deepgram; undefined where the version has no such message. */
interface ListenCommands {
  audio(bytes: Uint8Array): void;
  closeStream(): void;
  readonly finalize?: () => void;
  readonly keepAlive?: () => void;
}

/** What a connection is made of. */
interface ListenParts {
  /** Connecting. */
  readonly client: WebSocket;
  readonly commands: ListenCommands;
  readonly protocol: ListenProtocol;
  readonly sampleRateHz: number;
  readonly settings: STTSettings;
  readonly context: ConnectContext;
}

/** One stream of `listen`, from the opening of its socket to the close. */
export class ListenConnection implements STTConnection {
  readonly #parts: ListenParts;
  readonly #facts = new AsyncQueue<STTFact>();
  readonly #socket: ProviderSocket;
  readonly #uplink: AudioUplink;
  readonly #stall: StallWatch;
  readonly #abort = (): void => {
    this.#facts.end();
    void this.close();
  };
  #keepAlive: KeepAlive | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: ListenParts) {
    this.#parts = parts;
    const { client, context, settings, sampleRateHz } = parts;
    this.#socket = new ProviderSocket({
      client,
      context,
      errors: connectionErrors,
      onMessage: (data, isBinary) =>
        this.#receive(isBinary ? undefined : parseJson(data.toString())),
      onClosed: (error) => this.#closed(error),
    });
    this.#uplink = new AudioUplink({
      socket: this.#socket,
      errors: connectionErrors,
      bytesPerMs: (sampleRateHz * Int16Array.BYTES_PER_ELEMENT) / 1000,
      onBacklog: (error) => this.#facts.push({ type: 'error', error }),
    });
    // Deepgram reports about every second of audio, of silence too.
    this.#stall = new StallWatch({
      clock: context.clock,
      timeoutMs: settings.stallTimeoutMs,
      pauseMs: PAUSE_MS,
      onStall: () => this.#fail(connectionErrors.stalled(settings.stallTimeoutMs)),
    });
    context.signal.addEventListener('abort', this.#abort, { once: true });
  }

  /**
   * Resolves when it is open.
   * @throws ProviderError; the reason of the context's signal when that is aborted
   */
  async opened(): Promise<void> {
    const { commands, context, settings } = this.#parts;
    await this.#socket.opened(settings.connectTimeoutMs);
    if (this.#closing) return;
    const send = commands.keepAlive ?? (() => this.#sendSilence());
    this.#keepAlive = new KeepAlive({ clock: context.clock, afterMs: KEEP_ALIVE_MS, send });
  }

  send(samples: Int16Array): boolean {
    if (!this.#isOpen) return false;
    const durationMs = (samples.length / this.#parts.sampleRateHz) * 1000;
    this.#keepAlive?.sent();
    this.#stall.asked();
    const isTaken = this.#uplink.takes(durationMs);
    if (isTaken) this.#parts.commands.audio(pcmBytes(samples));
    return isTaken;
  }

  flush(): void {
    if (this.#isOpen) this.#parts.commands.finalize?.();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncIterator](): AsyncIterator<STTFact, undefined> {
    return this.#facts[Symbol.asyncIterator]();
  }

  get #isOpen(): boolean {
    return !this.#closing && this.#socket.isOpen;
  }

  #sendSilence(): void {
    const { commands, sampleRateHz } = this.#parts;
    this.#uplink.added(KEEP_ALIVE_SILENCE_MS);
    this.#facts.push({ type: 'audio-added', durationMs: KEEP_ALIVE_SILENCE_MS });
    commands.audio(pcmBytes(new Int16Array((sampleRateHz * KEEP_ALIVE_SILENCE_MS) / 1000)));
  }

  #receive(message: unknown): void {
    this.#stall.answered();
    const reading = this.#parts.protocol.read(message);
    switch (reading.type) {
      case 'facts':
        this.#tell(reading.facts);
        return;
      case 'error':
        this.#fail(fatalError(reading.code));
        return;
      case 'malformed':
        this.#facts.push({ type: 'error', error: connectionErrors.malformed(reading.problem) });
        return;
      case 'ignored':
        this.#parts.context.logger.debug({ type: reading.name }, 'ignored a message of Deepgram');
    }
  }

  #fail(error: ProviderError): void {
    this.#facts.fail(error);
    this.#socket.break(error);
  }

  /** Tells facts, with offsets in all audio that was written. */
  #tell(facts: readonly STTFact[]): void {
    const move = (offsetMs: number | undefined) => this.#uplink.writtenOffset(offsetMs);
    for (const fact of facts) this.#facts.push(moveOffsets(fact, move));
  }

  async #close(): Promise<void> {
    const { commands, settings } = this.#parts;
    this.#keepAlive?.stop();
    this.#stall.stop();
    // Deepgram answers with the last results and a close; closing first would lose them.
    if (this.#socket.isOpen) commands.closeStream();
    await this.#socket.finish(settings.closeTimeoutMs);
  }

  #closed(error: ProviderError): void {
    this.#parts.context.signal.removeEventListener('abort', this.#abort);
    this.#keepAlive?.stop();
    this.#stall.stop();
    if (this.#closing) {
      this.#tell(this.#parts.protocol.unfinished());
      this.#facts.end();
    } else {
      this.#facts.fail(error);
    }
  }
}
