import type { ReplyHook } from '../gemini/brain.ts';
import { think } from '../gemini/brain.ts';
import { outputBytesPerMs, speakAnswer } from '../gemini/live-answer.ts';
import type { RealtimeChannel } from './realtime-channel.ts';
import { newId, type RealtimeItems, type SpokenItem } from './realtime-items.ts';
import type { RealtimeSetup } from './realtime-setup.ts';
import { strike } from './realtime-strike.ts';

/** How a response ended: its status, and what the service says of it. */
export type ResponseEnd =
  | { status: 'completed' }
  | { status: 'cancelled'; reason: 'turn_detected' | 'client_cancelled' }
  | { status: 'incomplete'; reason: 'max_output_tokens' | 'content_filter' }
  | { status: 'failed'; code: string };

/** What a response is made with. */
export interface RealtimeResponseParts {
  channel: RealtimeChannel;
  items: RealtimeItems;
  setup: RealtimeSetup;
  replyHook: ReplyHook | undefined;
  /** When it was asked for, by `performance.now()`. */
  startedAt: number;
  /** The silence that ended the turn that it answers; 0 where none did. */
  silenceMs: number;
  /** Called once. Returns what it costs. */
  onDone: (response: RealtimeResponse, end: ResponseEnd) => Record<string, unknown>;
}

/** One response, from `response.created` to `response.done`. */
export class RealtimeResponse {
  readonly id: string = newId('resp');
  readonly #parts: RealtimeResponseParts;
  readonly #abort = new AbortController();
  readonly #output: Record<string, unknown>[] = [];
  #message: SpokenItem | undefined;
  #callCount = 0;
  #spokenMs = 0;
  #words = '';
  #isDone = false;

  constructor(parts: RealtimeResponseParts) {
    this.#parts = parts;
  }

  /** How much audio of it was sent, in ms. */
  get spokenMs(): number {
    return this.#spokenMs;
  }

  /** What was said of it. */
  get words(): string {
    return this.#words.trim();
  }

  /** How many functions it calls. */
  get callCount(): number {
    return this.#callCount;
  }

  /** Makes it. Resolves when it is done; never rejects. */
  async run(): Promise<void> {
    const { channel, items, setup, replyHook } = this.#parts;
    channel.send('response.created', { response: this.#told('in_progress') });
    channel.send('rate_limits.updated', {
      rate_limits: [
        { name: 'requests', limit: 1000, remaining: 999, reset_seconds: 0.06 },
        { name: 'tokens', limit: 50_000, remaining: 49_000, reset_seconds: 1.2 },
      ],
    });
    const request = items.request(setup);
    const reply = (await replyHook?.(request)) ?? think(request);
    if (this.#isDone) return;
    const isEmpty = channel.backstage.faults.take('openai-realtime', ['empty']) !== undefined;
    const { text = '', thinkMs = 0, toolCalls = [] } = reply;
    if (text !== '' && !isEmpty) await this.#speak(text, thinkMs);
    if (this.#isDone) return;
    for (const call of isEmpty ? [] : toolCalls) this.#call(call);
    this.end({ status: 'completed' });
  }

  /** Ends it, if it has not ended. */
  end(end: ResponseEnd): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#abort.abort();
    this.#closeMessage(end.status === 'completed' ? 'completed' : 'incomplete');
    const usage = this.#parts.onDone(this, end);
    const details = detailsOf(end);
    this.#parts.channel.send('response.done', {
      response: { ...this.#told(end.status), status_details: details, usage },
    });
  }

  /** The client is gone: nothing more comes. */
  abandon(): void {
    this.#isDone = true;
    this.#abort.abort();
  }

  async #speak(text: string, thinkMs: number): Promise<void> {
    const { channel, startedAt, silenceMs, setup } = this.#parts;
    const { backstage } = channel;
    const isOdd = backstage.faults.take('openai-realtime', ['odd-sized-audio']) !== undefined;
    await speakAnswer(backstage, {
      text,
      startedAt,
      thinkMs,
      isOdd,
      signal: this.#abort.signal,
      onFirst: (firstMs) => {
        // Of the other kind of detection the service does not tell when the speech ended.
        if (silenceMs === 0 || setup.turnDetection.type !== 'server_vad') return;
        backstage.truth.latency('realtime.time_to_first_audio.ms', silenceMs + firstMs);
      },
      send: (audio, words) => this.#sendAudio(audio, words),
    });
    this.#closeMessage('completed');
  }

  #sendAudio(audio: Buffer, words: string): boolean {
    const { channel } = this.#parts;
    if (!strike(channel, this)) return false;
    const item = this.#openMessage();
    const part = this.#partOf(item);
    const { truth } = channel.backstage;
    this.#words += words;
    item.text = this.words;
    if (words !== '')
      channel.send('response.output_audio_transcript.delta', { ...part, delta: words });
    channel.send('response.output_audio.delta', { ...part, delta: audio.toString('base64') });
    const durationMs = audio.length / outputBytesPerMs;
    item.spokenMs += durationMs;
    this.#spokenMs += durationMs;
    channel.sentChunks += 1;
    if (!channel.isMuted) {
      truth.count('realtime.audio.output.bytes', audio.length);
      truth.count('realtime.audio.output.duration.ms', durationMs);
    }
    return true;
  }

  #openMessage(): SpokenItem {
    if (this.#message !== undefined) return this.#message;
    const { items, channel } = this.#parts;
    const previous = items.lastId;
    const item = items.message('assistant', '');
    this.#message = item;
    const told = { ...toldMessage(item, 'in_progress'), content: [] };
    channel.send('response.output_item.added', { ...this.#place(), item: told });
    channel.send('conversation.item.added', { previous_item_id: previous, item: told });
    channel.send('response.content_part.added', {
      ...this.#partOf(item),
      part: { type: 'audio', transcript: '' },
    });
    return item;
  }

  #closeMessage(status: 'completed' | 'incomplete'): void {
    const item = this.#message;
    if (item === undefined) return;
    this.#message = undefined;
    const { channel } = this.#parts;
    const part = this.#partOf(item);
    const told = toldMessage(item, status);
    channel.send('response.output_audio.done', part);
    channel.send('response.output_audio_transcript.done', { ...part, transcript: item.text });
    channel.send('response.content_part.done', {
      ...part,
      part: { type: 'audio', transcript: item.text },
    });
    channel.send('conversation.item.done', { item: told });
    channel.send('response.output_item.done', { ...this.#place(), item: told });
    this.#output.push(told);
  }

  #call({ name, args }: { name: string; args: Record<string, unknown> }): void {
    const { items, channel } = this.#parts;
    const previous = items.lastId;
    const call = items.call(name, args);
    const { id, callId } = call;
    const told = { id, object: 'realtime.item', type: 'function_call', call_id: callId, name };
    const begun = { ...told, status: 'in_progress', arguments: '' };
    const made = { ...told, status: 'completed', arguments: call.args };
    const place = this.#place();
    channel.send('response.output_item.added', { ...place, item: begun });
    channel.send('conversation.item.added', { previous_item_id: previous, item: begun });
    const at = { ...place, item_id: id, call_id: callId };
    channel.send('response.function_call_arguments.delta', { ...at, delta: call.args });
    channel.send('response.function_call_arguments.done', { ...at, name, arguments: call.args });
    channel.send('conversation.item.done', { item: made });
    channel.send('response.output_item.done', { ...place, item: made });
    this.#output.push(made);
    this.#callCount += 1;
  }

  #place(): Record<string, unknown> {
    return { response_id: this.id, output_index: this.#output.length };
  }

  #partOf({ id }: SpokenItem): Record<string, unknown> {
    return { ...this.#place(), item_id: id, content_index: 0 };
  }

  #told(status: string): Record<string, unknown> {
    return { object: 'realtime.response', id: this.id, status, output: this.#output };
  }
}

function detailsOf(end: ResponseEnd): Record<string, unknown> | null {
  switch (end.status) {
    case 'completed':
      return null;
    case 'cancelled':
    case 'incomplete':
      return { type: end.status, reason: end.reason };
    case 'failed': {
      const message = 'The response failed.';
      return { type: 'failed', error: { type: 'server_error', code: end.code, message } };
    }
  }
}

function toldMessage({ id, role, text }: SpokenItem, status: string): Record<string, unknown> {
  const content = [{ type: 'output_audio', transcript: text }];
  return { id, object: 'realtime.item', type: 'message', status, role, content };
}
