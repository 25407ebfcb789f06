import type { ConnectContext, ProviderError, ReusableSocket } from '@vision-agents/core';
import { AsyncQueue, InterruptedError, ProviderSocket } from '@vision-agents/core';
import type { WebSocket } from 'ws';

import { connectionErrors, fatalError } from './deepgram-error.ts';
import { parseJson } from './deepgram-wire.ts';
import type { SpeechProtocol } from './speech-protocol.ts';
import type { SpeechMessage } from './speech-wire.ts';

/** How long Deepgram may take to cut what it is asked to. */
const CUT_TIMEOUT_MS = 1000;
/** How long Deepgram may take to answer a goodbye. */
const CLOSE_TIMEOUT_MS = 2000;
const MINUTE_MS = 60_000;

/** One text that is being spoken. */
export class Speech {
  readonly text: string;
  readonly audio: AsyncQueue<Uint8Array> = new AsyncQueue();
  /** Who speaks it; undefined while there is nobody. */
  socket: SpeechSocket | undefined;
  /** Whether somebody still listens: what comes otherwise is only counted. */
  isWanted = true;

  constructor(text: string) {
    this.text = text;
  }

  /** Nobody listens any more. Idempotent. */
  abandon(): void {
    this.isWanted = false;
    if (this.socket) this.socket.reconsider();
    else this.audio.end();
  }
}

/** What a socket is made of. */
interface SpeechSocketParts {
  /** Connecting. */
  readonly client: WebSocket;
  readonly protocol: SpeechProtocol;
  readonly context: ConnectContext;
  /** The socket is given up for what it was asked to cut; these texts have to begin anew. */
  readonly onGivenUp: (speeches: readonly Speech[]) => void;
}

/**
 * One socket, from its opening to the close. Audio does not say which text it is of: texts are spoken
 * in their order, and all audio up to the end of the first is of the first.
 */
export class SpeechSocket implements ReusableSocket {
  readonly #parts: SpeechSocketParts;
  readonly #socket: ProviderSocket;
  /** Sent and not over; the first is being spoken. */
  readonly #speeches: Speech[] = [];
  /** When texts were sent, as far as it counts. */
  #sentAtMs: number[] = [];
  /** `finishing`: no more texts are taken. */
  #state: 'open' | 'finishing' | 'closing' = 'open';
  /** What Deepgram was asked to cut. */
  #cutting:
    | { readonly speeches: readonly Speech[]; readonly cancelTimeout: () => void }
    | undefined;
  /** The last that was over: more can be told of it, when a cut comes too late. */
  #overId: string | undefined;
  #isReconsidering = false;
  #failure: unknown;
  #closing: Promise<void> | undefined;

  constructor(parts: SpeechSocketParts) {
    this.#parts = parts;
    this.#socket = new ProviderSocket({
      client: parts.client,
      context: parts.context,
      errors: connectionErrors,
      onMessage: (data, isBinary) => {
        if (isBinary) this.#hear(data);
        else this.#receive(parts.protocol.parse(parseJson(data.toString())));
      },
      onClosed: (error) => this.#failAll(error),
    });
  }

  /**
   * Resolves when it is open.
   * @throws ProviderError; the reason of the context's signal when that is aborted
   */
  opened(timeoutMs: number): Promise<void> {
    return this.#socket.opened(timeoutMs);
  }

  get closed(): Promise<void> {
    return this.#socket.closed;
  }

  get condition(): ReusableSocket['condition'] {
    if (!this.#isConnected) return 'lost';
    return this.#hasRoom ? 'usable' : 'used-up';
  }

  /**
   * Has a text spoken; one that comes too late for that fails. Returns false where no more are taken.
   */
  speak(speech: Speech): boolean {
    // What is cut shall not take this text with it.
    if (this.#isReconsidering) this.#cutUnwanted();
    if (!this.#hasRoom) return false;
    if (!this.#isConnected) {
      speech.audio.fail(this.#failure ?? connectionErrors.closed(1006));
      return true;
    }
    speech.socket = this;
    this.#speeches.push(speech);
    this.#sentAtMs.push(this.#parts.context.clock.now());
    this.#parts.protocol.speak(speech.text);
    return true;
  }

  /** Looks whether what is being spoken is still wanted, once all is known that changes at this moment. */
  reconsider(): void {
    if (this.#isReconsidering) return;
    this.#isReconsidering = true;
    setImmediate(() => {
      this.#isReconsidering = false;
      this.#cutUnwanted();
    });
  }

  finish(): void {
    if (this.#state === 'open') this.#state = 'finishing';
    this.#closeWhenDone();
  }

  /** Idempotent; bounded in time; never throws. */
  async close(): Promise<void> {
    if (this.#state !== 'closing') {
      this.#state = 'closing';
      const { protocol } = this.#parts;
      if (this.#isConnected) {
        if (this.#speeches.length > 0 && !this.#cutting) protocol.cut();
        protocol.close();
      }
      this.#failure ??= new InterruptedError();
      // What Deepgram has sent by then still arrives, and belongs to its text.
      this.#closing = this.#socket.close(CLOSE_TIMEOUT_MS);
    }
    await this.#closing;
  }

  get #hasRoom(): boolean {
    const { context, protocol } = this.#parts;
    const sinceMs = context.clock.now() - MINUTE_MS;
    this.#sentAtMs = this.#sentAtMs.filter((atMs) => atMs > sinceMs);
    return this.#state === 'open' && this.#sentAtMs.length < protocol.textsAMinute;
  }

  get #isConnected(): boolean {
    return this.#failure === undefined && this.#socket.isOpen;
  }

  #cutUnwanted(): void {
    const { protocol, context } = this.#parts;
    const [first] = this.#speeches;
    if (!first || first.isWanted || this.#cutting || this.#state === 'closing') return;
    const isAlone = this.#speeches.length === 1;
    const isNoneWanted = this.#speeches.every(({ isWanted }) => !isWanted);
    // What becomes of a text that waits behind one that is cut is not documented for all voices.
    if (!isAlone && !(isNoneWanted && protocol.cutsAll)) {
      this.#giveUp();
      return;
    }
    const cancelTimeout = context.clock.after(CUT_TIMEOUT_MS, () => this.#giveUp());
    this.#cutting = { speeches: [...this.#speeches], cancelTimeout };
    if (this.#isConnected) protocol.cut();
  }

  #giveUp(): void {
    const wanted = this.#speeches.filter(({ isWanted }) => isWanted);
    const unwanted = this.#speeches.filter(({ isWanted }) => !isWanted);
    this.#speeches.splice(0, Infinity, ...unwanted);
    for (const speech of wanted) speech.socket = undefined;
    void this.close();
    this.#parts.onGivenUp(wanted);
  }

  #hear(audio: Uint8Array): void {
    if (audio.length > 0) this.#speeches[0]?.audio.push(audio);
  }

  #receive(message: SpeechMessage): void {
    const { context, protocol } = this.#parts;
    switch (message.type) {
      case 'spoken':
        // Aura also tells the end of what it is about to cut.
        if (this.#cutting && protocol.cutsAll) return;
        this.#over(message.speechId, this.#speeches.slice(0, 1));
        return;
      case 'cut':
        if (this.#cutting) this.#over(message.speechId, this.#cutting.speeches);
        return;
      case 'warning':
        context.logger.debug({ code: message.code }, 'Deepgram warns');
        this.#heed(message.code);
        return;
      case 'error':
        this.#break(fatalError(message.code));
        return;
      case 'malformed':
        this.#break(connectionErrors.malformed(message.problem));
        return;
      case 'ignored':
        context.logger.debug({ type: message.name }, 'ignored a message of Deepgram');
    }
  }

  /** Warnings that a cut was not done. */
  #heed(code: string): void {
    if (!this.#cutting) return;
    switch (code) {
      case 'NO_ACTIVE_SPEECH':
        this.#over(undefined, this.#cutting.speeches);
        return;
      case 'NO_AUDIO_GENERATED':
      case 'INTERRUPT_IN_PROGRESS':
      case 'INVALID_INTERRUPT_OFFSET':
        this.#giveUp();
    }
  }

  #over(speechId: string | undefined, speeches: readonly Speech[]): void {
    if (speechId !== undefined && speechId === this.#overId) return;
    this.#overId = speechId;
    this.#cutting?.cancelTimeout();
    this.#cutting = undefined;
    for (const speech of speeches) speech.audio.end();
    this.#speeches.splice(0, Infinity, ...this.#speeches.filter((one) => !speeches.includes(one)));
    this.#cutUnwanted();
    this.#closeWhenDone();
  }

  #closeWhenDone(): void {
    if (this.#state === 'finishing' && this.#speeches.length === 0) void this.close();
  }

  /** What is wrong with one message may be wrong with any text: a new socket is a clean slate. */
  #break(error: ProviderError): void {
    this.#failAll(error);
    this.#socket.break(error);
  }

  #failAll(error: unknown): void {
    this.#failure ??= error;
    this.#cutting?.cancelTimeout();
    for (const speech of this.#speeches.splice(0)) speech.audio.fail(this.#failure);
  }
}
