import type {
  ConnectContext,
  ProviderError,
  RealtimeConnection,
  RealtimeFact,
  RealtimeRequest,
  ToolResult,
} from '@vision-agents/core';
import { AsyncQueue, StallWatch } from '@vision-agents/core';
import type { ConversationItem } from 'openai/resources/realtime/realtime';

import { connectionErrors, endsSession } from './openai-error.ts';
import type { RealtimeSettings } from './openai-options.ts';
import {
  encodeHistory,
  encodeSession,
  encodeText,
  encodeToolResult,
} from './openai-realtime-wire.ts';
import type { Json } from './openai-wire.ts';
import type { RealtimeSignal } from './realtime-signals.ts';
import { parseEvent } from './realtime-signals.ts';
import { RealtimeSocket, SESSION_SAMPLE_RATE_HZ } from './realtime-socket.ts';
import { RealtimeTurns } from './realtime-turns.ts';
import { ResponseQueue } from './response-queue.ts';
import type { Forgetting } from './spoken-items.ts';

const BYTES_PER_MS = (SESSION_SAMPLE_RATE_HZ * Int16Array.BYTES_PER_ELEMENT) / 1000;

/** What crossed on the way: the response that was to be cancelled has just ended. */
const CROSSED_CODE = 'response_cancel_not_active';

/**
 * Opens a session of the Realtime API with OpenAI's SDK.
 * @throws ProviderError; the reason of the context's signal when that is aborted
 */
export async function connectRealtime(
  settings: RealtimeSettings,
  request: RealtimeRequest,
  context: ConnectContext,
): Promise<RealtimeConnection> {
  const session = new OpenAIRealtimeSession(settings, context);
  await session.open(request);
  return session;
}

/** One session, on one socket. */
class OpenAIRealtimeSession implements RealtimeConnection {
  readonly inputSampleRateHz: number = SESSION_SAMPLE_RATE_HZ;
  readonly outputSampleRateHz: number = SESSION_SAMPLE_RATE_HZ;
  readonly #settings: RealtimeSettings;
  readonly #context: ConnectContext;
  readonly #facts = new AsyncQueue<RealtimeFact>();
  readonly #turns = new RealtimeTurns(BYTES_PER_MS);
  readonly #responses = new ResponseQueue((event) => this.#socket?.send(event));
  readonly #stall: StallWatch;
  readonly #abort = (): void => void this.close();
  #socket: RealtimeSocket | undefined;
  /** Where the audio begins that is in no turn yet, as the service counts. */
  #bufferStartMs = 0;
  #closing: Promise<void> | undefined;

  constructor(settings: RealtimeSettings, context: ConnectContext) {
    this.#settings = settings;
    this.#context = context;
    const { stallTimeoutMs: timeoutMs } = settings;
    const onStall = (): void => this.#fail(connectionErrors.stalled(timeoutMs));
    this.#stall = new StallWatch({ clock: context.clock, timeoutMs, onStall });
  }

  async open(request: RealtimeRequest): Promise<void> {
    const { apiKey, baseUrl, model, connectTimeoutMs, closeTimeoutMs } = this.#settings;
    const context = this.#context;
    this.#socket = await RealtimeSocket.open({
      service: { apiKey, baseUrl },
      target: { model },
      session: encodeSession(request, this.#settings),
      connectTimeoutMs,
      closeTimeoutMs,
      context,
      onEvent: (event) => this.#receive(event),
      onError: (error) => this.#tell([{ type: 'error', error }]),
      onClosed: (error) => this.#closed(error),
    });
    context.signal.addEventListener('abort', this.#abort, { once: true });
    for (const item of encodeHistory(request.history ?? [])) this.#create(item);
  }

  send(samples: Int16Array): boolean {
    return !this.#closing && (this.#socket?.sendAudio(samples) ?? 0) > 0;
  }

  sendText(text: string): void {
    this.#create(encodeText(text));
    this.#responses.want();
    this.#watch();
  }

  sendToolResults(results: readonly ToolResult[]): void {
    for (const result of results) this.#create(encodeToolResult(result));
    this.#turns.resultsSent(results.map(({ callId }) => callId));
    this.#resume();
    this.#watch();
  }

  interrupt(playedMs: number): void {
    const forgettings = this.#turns.forget(playedMs);
    this.#tell(this.#turns.cut(this.#responses.withdraw()));
    this.#cancelUnwanted();
    this.#forget(forgettings);
    this.#watch();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncIterator](): AsyncIterator<RealtimeFact, undefined> {
    return this.#facts[Symbol.asyncIterator]();
  }

  #receive(event: Json): void {
    const signal = parseEvent(event);
    // Any sign of life will do, and what is owed after it counts from now.
    this.#stall.answered();
    this.#follow(signal);
    this.#tell(this.#turns.facts(this.#withOurOffset(signal)));
    this.#cancelUnwanted();
    this.#forget(this.#turns.takeUnheard());
    this.#resume();
    this.#watch();
  }

  /** What a signal means for what is sent and said beside the facts. */
  #follow(signal: RealtimeSignal): void {
    const { type } = signal;
    const { logger } = this.#context;
    if (type === 'response-start') this.#responses.started();
    else if (type === 'response-end') this.#responses.ended();
    else if (type === 'error') this.#heed(signal);
    else if (type === 'ignored') logger.debug({ type: signal.name }, 'ignored an event of OpenAI');
    else if (type === 'rate-limits') {
      logger.debug({ remaining: signal.remaining }, 'what the limits of OpenAI leave');
    }
  }

  #heed({ error, eventId }: Extract<RealtimeSignal, { type: 'error' }>): void {
    const { providerCode: code } = error;
    if (code === CROSSED_CODE) return;
    const request = eventId === undefined ? 'not-ours' : this.#responses.refused(eventId, code);
    if (request === 'again') return;
    if (endsSession(error)) {
      this.#fail(error);
      return;
    }
    this.#tell([{ type: 'error', error }]);
    if (request === 'for-good') this.#tell(this.#turns.refused());
  }

  /**
   * The service counts the silence that ended a turn to it, and what it heard before the speech: only
   * one kind of turn detection tells how much that is.
   */
  #withOurOffset(signal: RealtimeSignal): RealtimeSignal {
    if (signal.type !== 'speech-start' && signal.type !== 'speech-end') return signal;
    const { turnDetection } = this.#settings;
    const { offsetMs } = signal;
    if (offsetMs === undefined || turnDetection.type === 'semantic_vad') {
      return { ...signal, offsetMs: undefined };
    }
    const { prefixPaddingMs, silenceDurationMs } = turnDetection;
    const isStart = signal.type === 'speech-start';
    // There may have been less before the speech than was asked for.
    const isCutShort = offsetMs <= this.#bufferStartMs && prefixPaddingMs > 0;
    if (isStart && isCutShort) return { ...signal, offsetMs: undefined };
    if (!isStart) this.#bufferStartMs = offsetMs;
    const byMs = isStart ? prefixPaddingMs : -silenceDurationMs;
    return { ...signal, offsetMs: this.#socket?.writtenOffset(Math.max(0, offsetMs + byMs)) };
  }

  #cancelUnwanted(): void {
    const responseId = this.#turns.takeUnwanted();
    if (responseId === undefined) return;
    this.#socket?.send({ type: 'response.cancel', response_id: responseId });
  }

  #create(item: ConversationItem): void {
    this.#socket?.send({ type: 'conversation.item.create', item });
  }

  #forget(forgettings: readonly Forgetting[]): void {
    for (const { itemId, ...how } of forgettings) {
      this.#socket?.send(
        how.type === 'delete'
          ? { type: 'conversation.item.delete', item_id: itemId }
          : {
              type: 'conversation.item.truncate',
              item_id: itemId,
              content_index: 0,
              audio_end_ms: how.endMs,
            },
      );
    }
  }

  #resume(): void {
    if (this.#turns.resumes()) this.#responses.want();
  }

  /** A service that owes an answer and falls silent is as good as gone. */
  #watch(): void {
    if (this.#closing) return;
    if (this.#turns.isOwed || this.#responses.isAwaited) this.#stall.asked();
    else this.#stall.stop();
  }

  #closed(error: ProviderError): void {
    if (!this.#closing) this.#fail(error);
  }

  #fail(error: ProviderError): void {
    this.#stall.stop();
    this.#tell(this.#turns.finish());
    this.#facts.fail(error);
    this.#socket?.break(error);
  }

  #tell(facts: readonly RealtimeFact[]): void {
    for (const fact of facts) this.#facts.push(fact);
  }

  async #close(): Promise<void> {
    this.#context.signal.removeEventListener('abort', this.#abort);
    this.#stall.stop();
    this.#tell([...this.#turns.finish(), ...this.#turns.cut(false)]);
    this.#facts.end();
    await this.#socket?.close();
  }
}
