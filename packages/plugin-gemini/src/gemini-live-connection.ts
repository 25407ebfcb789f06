import type { Modality } from '@google/genai';
import type {
  ConnectContext,
  ProviderError,
  RealtimeConnection,
  RealtimeFact,
  RealtimeRequest,
  ToolResult,
} from '@vision-agents/core';
import { AsyncQueue, InterruptedError, StallWatch } from '@vision-agents/core';

import { connectionErrors, geminiError } from './gemini-error.ts';
import type { LiveSignal } from './gemini-live-wire.ts';
import {
  encodeSetup,
  encodeToolResponse,
  endOfTurn,
  parseLiveMessage,
} from './gemini-live-wire.ts';
import type { RealtimeSettings } from './gemini-options.ts';
import { encodeMessages } from './gemini-wire.ts';
import { INPUT_SAMPLE_RATE_HZ, LiveLink } from './live-link.ts';
import { LiveTurns } from './live-turns.ts';

/** So long before a socket is cut the session moves, whatever goes on. */
const LAST_CALL_MS = 5000;

/**
 * Opens a session of the Live API with Google's SDK.
 * @throws ProviderError; the reason of the context's signal when that is aborted
 */
export async function connectLive(
  settings: RealtimeSettings,
  request: RealtimeRequest,
  context: ConnectContext,
): Promise<RealtimeConnection> {
  const { Modality } = await import('@google/genai');
  context.signal.throwIfAborted();
  const connection = new LiveConnection(settings, request, context, Modality.AUDIO);
  await connection.open();
  return connection;
}

/** One session of the Live API, on one socket after another. */
class LiveConnection implements RealtimeConnection {
  readonly inputSampleRateHz = INPUT_SAMPLE_RATE_HZ;
  readonly outputSampleRateHz = 24_000;
  readonly #settings: RealtimeSettings;
  readonly #request: RealtimeRequest;
  readonly #context: ConnectContext;
  readonly #audio: Modality;
  readonly #facts = new AsyncQueue<RealtimeFact>();
  readonly #turns = new LiveTurns();
  readonly #leaving = new Set<Promise<void>>();
  /** A service that owes an answer and falls silent is as good as gone. */
  readonly #stall: StallWatch;
  readonly #abort = (): void => void this.close();
  #link: LiveLink | undefined;
  /** The audio that was sent before the present socket, in milliseconds. */
  #earlierMs = 0;
  #handle: string | undefined;
  /** The message before, where it ended a turn. */
  #lastEnd: string | undefined;
  #move: 'not-due' | 'due' | 'under-way' = 'not-due';
  /** When a move that is due can wait no longer, on the clock. */
  #lastCallAtMs = 0;
  #cancelLastCall: (() => void) | undefined;
  /** Ends a move that is under way. */
  readonly #ending = new AbortController();
  #closing: Promise<void> | undefined;

  constructor(
    settings: RealtimeSettings,
    request: RealtimeRequest,
    context: ConnectContext,
    audio: Modality,
  ) {
    this.#settings = settings;
    this.#request = request;
    this.#context = context;
    this.#audio = audio;
    this.#handle = request.resumption;
    const { stallTimeoutMs } = settings;
    this.#stall = new StallWatch({
      clock: context.clock,
      timeoutMs: stallTimeoutMs,
      onStall: () => this.#fail(connectionErrors.stalled(stallTimeoutMs)),
    });
  }

  get resumption(): string | undefined {
    return this.#handle;
  }

  async open(): Promise<void> {
    const { history = [], resumption } = this.#request;
    const link = await this.#openLink();
    this.#link = link;
    this.#context.signal.addEventListener('abort', this.#abort, { once: true });
    if (history.length === 0 || resumption !== undefined) return;
    link.session.sendClientContent({ turns: encodeMessages(history), turnComplete: false });
  }

  send(samples: Int16Array): boolean {
    return !this.#closing && this.#link?.sendAudio(samples) === true;
  }

  sendText(text: string): void {
    this.#turns.textSent();
    const turns = [{ role: 'user', parts: [{ text }] }];
    this.#link?.session.sendClientContent({ turns, turnComplete: true });
    this.#watch();
  }

  sendToolResults(results: readonly ToolResult[]): void {
    this.#turns.resultsSent(results.map(({ callId }) => callId));
    const functionResponses = results.map(encodeToolResponse);
    this.#link?.session.sendToolResponse({ functionResponses });
    this.#watch();
  }

  /** The API has no word for it: the service stops by itself when it hears somebody, or gets a text. */
  interrupt(): void {
    this.#tell(this.#turns.cut());
    this.#watch();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncIterator](): AsyncIterator<RealtimeFact, undefined> {
    return this.#facts[Symbol.asyncIterator]();
  }

  #openLink(): Promise<LiveLink> {
    const config = encodeSetup(this.#request, this.#settings, this.#audio, this.#handle);
    const signal = AbortSignal.any([this.#context.signal, this.#ending.signal]);
    return LiveLink.open({
      settings: this.#settings,
      config,
      context: { ...this.#context, signal },
      onMessage: (link, message) => this.#receive(link, message),
      onError: (link, error) => this.#failedOnce(link, error),
      onClosed: (link, error) => this.#linkClosed(link, error),
    });
  }

  #receive(link: LiveLink, message: unknown): void {
    // What comes with the set-up is of the session that is about to be.
    if (this.#link !== undefined && this.#link !== link) return;
    if (this.#endsAgain(message)) return;
    try {
      for (const signal of parseLiveMessage(message)) this.#take(signal);
    } catch (error) {
      this.#tell([{ type: 'error', error: geminiError(error, true) }]);
    }
    this.#watch();
    if (this.#move === 'due' && this.#turns.isIdle) void this.#moveOn();
  }

  /** Whether the same end of a turn comes again, which would be taken for an empty answer to what came next. */
  #endsAgain(message: unknown): boolean {
    const before = this.#lastEnd;
    this.#lastEnd = endOfTurn(message);
    return before !== undefined && before === this.#lastEnd;
  }

  /** Whatever came or was sent, what is still owed is due from now on. */
  #watch(): void {
    this.#stall.answered();
    if (this.#turns.isOwed && !this.#closing) this.#stall.asked();
  }

  #take(signal: LiveSignal): void {
    if (signal.type === 'resumption') this.#handle = signal.handle ?? this.#handle;
    else if (signal.type === 'go-away') this.#leaveWithin(signal.timeLeftMs);
    else this.#tell(this.#turns.facts(this.#withOurOffset(signal)));
  }

  #withOurOffset(signal: LiveSignal): LiveSignal {
    if (signal.type !== 'speech-start' && signal.type !== 'speech-end') return signal;
    const offsetMs = this.#link?.writtenOffset(signal.offsetMs);
    return { ...signal, offsetMs: offsetMs === undefined ? undefined : offsetMs + this.#earlierMs };
  }

  #failedOnce(link: LiveLink, error: ProviderError): void {
    if (link === this.#link) this.#tell([{ type: 'error', error }]);
  }

  /** The socket will be cut: the session moves to another in the next silence, or just before. */
  #leaveWithin(timeLeftMs: number): void {
    if (this.#move !== 'not-due') return;
    this.#move = 'due';
    const delayMs = Math.max(0, timeLeftMs - LAST_CALL_MS);
    this.#lastCallAtMs = this.#context.clock.now() + delayMs;
    this.#cancelLastCall = this.#context.clock.after(delayMs, () => void this.#moveOn());
  }

  async #moveOn(): Promise<void> {
    if (this.#move !== 'due' || this.#closing || this.#handle === undefined) return;
    this.#move = 'under-way';
    let isOver = true;
    try {
      const next = await this.#openLink();
      const before = this.#link;
      if (this.#closing) {
        this.#leave(next);
        return;
      }
      // What has begun meanwhile would be lost with the socket that it is on.
      isOver = this.#turns.isIdle || this.#context.clock.now() >= this.#lastCallAtMs;
      if (!isOver) {
        this.#leave(next);
        return;
      }
      this.#earlierMs += before?.writtenMs ?? 0;
      this.#link = next;
      if (before) this.#leave(before);
    } catch (error) {
      // The old socket goes on until it is cut; then core opens another session.
      if (!this.#closing) this.#tell([{ type: 'error', error: geminiError(error, false) }]);
    } finally {
      this.#move = isOver ? 'not-due' : 'due';
      if (isOver) this.#cancelLastCall?.();
    }
  }

  #leave(link: LiveLink): void {
    const left = link.close();
    this.#leaving.add(left);
    void left.then(() => this.#leaving.delete(left));
  }

  #linkClosed(link: LiveLink, error: ProviderError): void {
    if (link === this.#link && !this.#closing) this.#fail(error);
  }

  #fail(error: ProviderError): void {
    this.#stall.stop();
    this.#tell(this.#turns.finish());
    this.#facts.fail(error);
  }

  #tell(facts: readonly RealtimeFact[]): void {
    for (const fact of facts) this.#facts.push(fact);
  }

  async #close(): Promise<void> {
    this.#context.signal.removeEventListener('abort', this.#abort);
    this.#cancelLastCall?.();
    this.#ending.abort(new InterruptedError());
    this.#stall.stop();
    this.#tell(this.#turns.finish());
    this.#facts.end();
    if (this.#link) this.#leave(this.#link);
    await Promise.all(this.#leaving);
  }
}
