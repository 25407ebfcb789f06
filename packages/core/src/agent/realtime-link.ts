import type { AudioFrame } from '../audio/audio-frame.ts';
import type { Clock } from '../clock/clock.ts';
import { BackOff } from '../connection/back-off.ts';
import { FrameBacklog } from '../connection/frame-backlog.ts';
import type { Message, ToolResult } from '../conversation/message.ts';
import { ProviderError } from '../errors/provider-error.ts';
import type { MetricsCollector } from '../metrics/agent-metrics.ts';
import { Recorder } from '../metrics/recorder.ts';
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
  /** No other session is tried any more. */
  readonly onGivenUp: (error: unknown) => void;
}

/** How often in a row it may fail: half a minute, after which a caller has hung up. */
const MAX_FAILURES = 10;

/**
 * The session with the model for as long as the call lasts: one that is lost is opened anew, later and
 * later, and what was said meanwhile is sent after it.
 */
export class RealtimeLink {
  readonly #parts: RealtimeLinkParts;
  readonly #recorder: Recorder;
  readonly #backOff: BackOff;
  readonly #unheard = new FrameBacklog();
  readonly #untold: string[] = [];
  #session: RealtimeSession | undefined;
  #done: Promise<void> | undefined;

  constructor(parts: RealtimeLinkParts) {
    this.#parts = parts;
    this.#recorder = new Recorder({ provider: parts.model.provider }, parts.metrics);
    this.#backOff = new BackOff(parts.clock);
  }

  /** Goes on with a session that is open. */
  start(session: RealtimeSession): void {
    this.#done = this.#keep(session);
  }

  write(frame: AudioFrame): void {
    const heardAtMs = this.#parts.clock.now();
    if (this.#session) this.#session.write(frame, heardAtMs);
    else this.#unheard.push(frame, heardAtMs);
  }

  /** Has the model respond to a text, at once or when it is there again. */
  sendText(text: string): void {
    if (this.#session) this.#session.sendText(text);
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
      onLost(error);
      session = await this.#reopen(session.resumption, error);
    }
  }

  /** Resolves with why the session is over. */
  async #listen(session: RealtimeSession): Promise<unknown> {
    const { onEvent, model } = this.#parts;
    this.#unheard.drain((frame, heardAtMs) => session.write(frame, heardAtMs));
    for (const text of this.#untold.splice(0)) session.sendText(text);
    this.#session = session;
    try {
      for await (const event of session) {
        this.#backOff.reset();
        onEvent(event);
      }
    } catch (error) {
      return error;
    } finally {
      this.#session = undefined;
    }
    const message = 'the session ended by itself';
    return new ProviderError({ provider: model.provider, type: 'aborted_by_provider', message });
  }

  async #reopen(left: string | undefined, reason: unknown): Promise<RealtimeSession | undefined> {
    const { model, request, context, signal, history, onLost, onGivenUp } = this.#parts;
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
        this.#count('completed');
        return session;
      } catch (failure) {
        if (signal.aborted) return undefined;
        this.#count('error');
        this.#untold.length = 0;
        onLost(failure);
        // What was left may be too old: then a session starts anew, with what was said before.
        if (resumption === undefined || isWorthAnotherTry(failure)) error = failure;
        else resumption = undefined;
      }
    }
  }

  #count(outcome: 'completed' | 'error'): void {
    this.#recorder.counter('providerReconnects', { outcome }).add(1);
  }
}

function isWorthAnotherTry(error: unknown): boolean {
  return !(error instanceof ProviderError) || error.retryable;
}
