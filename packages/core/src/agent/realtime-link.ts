import type { AudioFrame } from '../audio/audio-frame.ts';
import type { Clock } from '../clock/clock.ts';
import { AudioFeed } from '../connection/audio-feed.ts';
import { BackOff } from '../connection/back-off.ts';
import type { ReconnectAttempt } from '../connection/reconnects.ts';
import { Reconnects } from '../connection/reconnects.ts';
import type { Message, ToolResult } from '../conversation/message.ts';
import { ProviderError } from '../errors/provider-error.ts';
import type { MetricsCollector } from '../metrics/agent-metrics.ts';
import type { RealtimeEvent } from '../realtime/realtime-events.ts';
import type { RealtimeSession } from '../realtime/realtime-session.ts';
import type { Realtime, RealtimeRequest } from '../realtime/realtime.ts';
import type { ComponentContext } from '../stream/component-context.ts';

/** What keeping a session takes. */
export interface RealtimeLinkParts {
  readonly model: Realtime;
  readonly request: RealtimeRequest;
  readonly context: ComponentContext;
  readonly metrics: MetricsCollector;
  readonly clock: Clock;
  /** Aborted when the call is over. */
  readonly signal: AbortSignal;
  /** What was said so far, for a session that has to be told. */
  readonly history: () => readonly Message[];
  readonly onEvent: (event: RealtimeEvent) => void;
  /** The session broke, or another could not be opened; one more is tried. */
  readonly onLost: (error: unknown) => void;
  /** Another was tried to be opened. */
  readonly onReconnect: (attempt: ReconnectAttempt) => void;
  /** No other session is tried any more. */
  readonly onGivenUp: (error: unknown) => void;
}

/** How often in a row it may fail: half a minute, after which a caller has hung up. */
const MAX_FAILURES = 10;

/**
 * The session with the model for as long as the call lasts: one that is lost is opened anew, later and
 * later, and is sent what was said meanwhile and what the lost one had not answered.
 */
export class RealtimeLink {
  readonly #parts: RealtimeLinkParts;
  readonly #reconnects: Reconnects;
  readonly #backOff: BackOff;
  readonly #feed: AudioFeed;
  readonly #untold: string[] = [];
  #session: RealtimeSession | undefined;
  /** Whether the model is saying something, and whether the user has spoken into it. */
  #answer: 'none' | 'coming' | 'interrupted' = 'none';
  /** When the user fell silent whom the model answers next, where that is known. */
  #speechEndedAtMs: number | undefined;
  #done: Promise<void> | undefined;

  constructor(parts: RealtimeLinkParts) {
    this.#parts = parts;
    this.#reconnects = new Reconnects({
      ...parts,
      component: 'realtime',
      onAttempt: parts.onReconnect,
    });
    this.#feed = new AudioFeed(parts.clock);
    this.#backOff = new BackOff(parts.clock);
  }

  /** Goes on with a session that is open. */
  start(session: RealtimeSession): void {
    this.#done = this.#keep(session);
  }

  write(frame: AudioFrame): void {
    this.#feed.hear(frame, this.#parts.clock.now());
  }

  /** Whose words these were is gone: they are not said again to be taken for somebody else's. */
  forgetHeard(): void {
    this.#feed.forget(this.#parts.clock.now());
  }

  /** Has the model respond to a text, at once or when it is there again. */
  sendText(text: string): void {
    if (this.#feed.isLive) this.#session?.sendText(text);
    else this.#untold.push(text);
  }

  /** Returns what tells results to the session that asks now: no other knows of the calls. */
  answerer(): (results: readonly ToolResult[]) => void {
    const session = this.#session;
    return (results) => session?.sendToolResults(results);
  }

  /** Stops the answer, of which the caller heard `playedMs`. */
  interrupt(playedMs: number): void {
    this.#untold.length = 0;
    this.#session?.interrupt(playedMs);
  }

  /** Resolves when the session is closed; never rejects. The call's signal ends it. */
  async close(): Promise<void> {
    await this.#session?.close();
    await this.#done;
  }

  async #keep(first: RealtimeSession): Promise<void> {
    const { signal, onLost } = this.#parts;
    let session: RealtimeSession | undefined = first;
    while (session) {
      const error = await this.#listen(session);
      if (signal.aborted) return;
      this.#reconnects.lost();
      this.#untold.length = 0;
      onLost(error);
      session = await this.#reopen(session.resumption, error);
    }
  }

  /** Resolves with why the session is over; undefined where it was closed. */
  async #listen(session: RealtimeSession): Promise<unknown> {
    const { onEvent } = this.#parts;
    this.#session = session;
    this.#answer = 'none';
    this.#speechEndedAtMs = undefined;
    this.#feed.attach(session, () => {
      for (const text of this.#untold.splice(0)) session.sendText(text);
    });
    try {
      for await (const event of session) {
        this.#follow(event);
        onEvent(event);
      }
    } catch (error) {
      return error;
    } finally {
      this.#session = undefined;
      this.#feed.detach();
    }
    return undefined;
  }

  async #reopen(left: string | undefined, reason: unknown): Promise<RealtimeSession | undefined> {
    const { model, request, context, signal, history, onLost, onGivenUp } = this.#parts;
    const { provider } = model;
    let resumption = left;
    let error = reason;
    for (;;) {
      if (!isWorthAnotherTry(error) || this.#backOff.failures >= MAX_FAILURES) {
        onGivenUp(error);
        return undefined;
      }
      await this.#backOff.pause(signal);
      if (signal.aborted) return undefined;
      try {
        const session = await model.open(
          { ...request, history: history(), ...(resumption !== undefined && { resumption }) },
          context,
        );
        this.#reconnects.tried('completed', provider);
        return session;
      } catch (failure) {
        if (signal.aborted) return undefined;
        this.#reconnects.tried('error', provider);
        this.#untold.length = 0;
        onLost(failure);
        // What was left may be too old: then a session starts anew, with what was said before.
        if (resumption === undefined || isWorthAnotherTry(failure)) error = failure;
        else resumption = undefined;
      }
    }
  }

  /** What the model answers need not be said again, nor what it did not take for speech. */
  #follow(event: RealtimeEvent): void {
    switch (event.type) {
      case 'user-speech-start':
        if (this.#answer === 'coming') this.#answer = 'interrupted';
        break;
      case 'user-speech-end':
        this.#speechEndedAtMs = event.heardAtMs;
        break;
      case 'audio':
      case 'agent-transcript':
      case 'tool-call':
        if (this.#answer === 'none') this.#answered();
        break;
      case 'response-end':
        if (this.#answer === 'coming') this.#feed.forgetSent();
        this.#answer = 'none';
        this.#backOff.reset();
        break;
      case 'user-transcript':
      case 'tool-cancelled':
      case 'usage':
      case 'error':
        break;
    }
  }

  /** Only now has it gone well: what breaks a session whenever it is said would break it again and again. */
  #answered(): void {
    this.#answer = 'coming';
    this.#backOff.reset();
    if (this.#speechEndedAtMs === undefined) this.#feed.forgetSent();
    else this.#feed.forget(this.#speechEndedAtMs);
    this.#speechEndedAtMs = undefined;
  }
}

function isWorthAnotherTry(error: unknown): boolean {
  return !(error instanceof ProviderError) || error.retryable;
}
