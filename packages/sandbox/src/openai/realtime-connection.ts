import type { ReplyHook } from '../gemini/brain.ts';
import { LiveEar } from '../gemini/live-ear.ts';
import { objectOf } from '../gemini/live-setup.ts';
import type { ClientError, ClientEvent, RealtimeChannel } from './realtime-channel.ts';
import { newId, RealtimeItems, type RealtimeItem } from './realtime-items.ts';
import { RealtimeResponse, type ResponseEnd } from './realtime-response.ts';
import { readRealtimeSetup, type RealtimeSetup } from './realtime-setup.ts';
import { tokensOf } from './usage.ts';

const sampleRateHz = 24_000;
const bytesPerMs = (sampleRateHz * 2) / 1000;

/** An answer is what was made of one turn, the results of its functions included. */
interface Answer {
  words: string;
}

/** Serves one connected client of a model that hears and speaks. */
export function serveRealtime(channel: RealtimeChannel, replyHook: ReplyHook | undefined): void {
  // The object keeps itself alive by its listeners on the socket.
  void new RealtimeConnection(channel, replyHook);
}

class RealtimeConnection {
  readonly #channel: RealtimeChannel;
  readonly #replyHook: ReplyHook | undefined;
  readonly #items = new RealtimeItems();
  readonly #sessionId = newId('sess');
  #setup: RealtimeSetup | undefined;
  #ear: LiveEar | undefined;
  #response: RealtimeResponse | undefined;
  /** Set from the first response of an answer to the end of the last. */
  #answer: Answer | undefined;
  #spokenItemId = newId('item');
  #speechStartMs = 0;
  #heardMs = 0;
  #spokenMs = 0;
  #responseCount = 0;

  constructor(channel: RealtimeChannel, replyHook: ReplyHook | undefined) {
    this.#channel = channel;
    this.#replyHook = replyHook;
    channel.listen(
      (event) => this.#take(event),
      () => this.#clientGone(),
    );
    const { faults } = channel.backstage;
    if (faults.take('openai-realtime', ['no-session'], 0, channel.struck) !== undefined) return;
    channel.send('session.created', { session: { type: 'realtime', id: this.#sessionId } });
  }

  #take(event: ClientEvent): void {
    const setup = this.#setup;
    if (event.type === 'session.update') this.#setUp(event);
    else if (setup === undefined) this.#refuse('An event came before session.update.', event);
    else this.#command(setup, event);
  }

  #command(setup: RealtimeSetup, event: ClientEvent): void {
    switch (event.type) {
      case 'input_audio_buffer.append':
        this.#hear(event);
        break;
      case 'conversation.item.create':
        this.#create(event);
        break;
      case 'conversation.item.truncate':
        this.#truncate(event);
        break;
      case 'conversation.item.delete':
        this.#delete(event);
        break;
      case 'response.create':
        this.#respondTo(setup, event);
        break;
      case 'response.cancel':
        this.#cancel(event);
        break;
      default:
        this.#refuse(`Invalid value: 'type'.`, event);
    }
  }

  #setUp(event: ClientEvent): void {
    const { faults } = this.#channel.backstage;
    const refused = faults.take('openai-realtime', ['refused-session'], 0, this.#channel.struck);
    if (refused !== undefined) {
      const { name = 'server_error' } = refused;
      const type = name === 'server_error' ? name : 'invalid_request_error';
      this.#channel.sendError({ type, code: name, message: 'The session was refused.' }, event);
      return;
    }
    const setup = readRealtimeSetup(event['session']);
    if ('message' in setup) {
      this.#channel.refuse(setup, event);
      return;
    }
    this.#setup = setup;
    this.#ear ??= this.#newEar(setup);
    const session = { ...objectOf(event['session']), id: this.#sessionId };
    this.#channel.send('session.updated', { session });
  }

  #newEar(setup: RealtimeSetup): LiveEar {
    const { turnDetection } = setup;
    const { chordMs, delays } = this.#channel.backstage;
    return new LiveEar({
      sampleRateHz,
      chordMs,
      silenceMs: () =>
        turnDetection.type === 'server_vad' ? turnDetection.silenceMs : delays.draw('endOfTurnMs'),
      onStart: (offsetMs) => this.#speechStarted(setup, offsetMs),
      onEnd: (offsetMs, text, silenceMs) => this.#speechEnded(setup, offsetMs, text, silenceMs),
    });
  }

  #hear(event: ClientEvent): void {
    const { audio } = event;
    if (typeof audio !== 'string') {
      this.#refuse(`Invalid value: 'audio'.`, event);
      return;
    }
    const bytes = Buffer.from(audio, 'base64');
    const { truth } = this.#channel.backstage;
    truth.count('realtime.audio.input.bytes', bytes.length);
    truth.count('realtime.audio.input.duration.ms', bytes.length / bytesPerMs);
    this.#ear?.write(bytes);
  }

  #speechStarted({ turnDetection }: RealtimeSetup, offsetMs: number): void {
    const prefixMs = turnDetection.type === 'server_vad' ? turnDetection.prefixMs : 0;
    this.#spokenItemId = newId('item');
    this.#speechStartMs = offsetMs;
    this.#channel.send('input_audio_buffer.speech_started', {
      audio_start_ms: Math.max(0, Math.round(offsetMs - prefixMs)),
      item_id: this.#spokenItemId,
    });
    if (this.#response === undefined) this.#answerEnded('aborted');
    else this.#response.end({ status: 'cancelled', reason: 'turn_detected' });
  }

  #speechEnded(setup: RealtimeSetup, offsetMs: number, text: string, silenceMs: number): void {
    const id = this.#spokenItemId;
    const previous = this.#items.lastId;
    // Only this kind of turn detection is documented to tell.
    if (setup.turnDetection.type === 'server_vad') {
      this.#channel.send('input_audio_buffer.speech_stopped', {
        // The silence that ended the turn is part of it.
        audio_end_ms: Math.round(offsetMs + silenceMs),
        item_id: id,
      });
    }
    this.#channel.send('input_audio_buffer.committed', { item_id: id, previous_item_id: previous });
    const item = this.#items.message('user', text, id);
    this.#heardMs += offsetMs - this.#speechStartMs;
    this.#tellItem(item, previous, [{ type: 'input_audio', transcript: null }]);
    this.#respond(setup, silenceMs);
    if (setup.transcribes && text !== '') this.#transcribe(id, text);
  }

  #transcribe(itemId: string, text: string): void {
    const { faults, truth } = this.#channel.backstage;
    const type = 'conversation.item.input_audio_transcription';
    const at = { item_id: itemId, content_index: 0 };
    if (faults.take('openai-realtime', ['transcription-failed']) !== undefined) {
      const message = 'Input transcription failed.';
      const error = { type: 'server_error', code: 'transcription_failed', message, param: null };
      this.#channel.send(`${type}.failed`, { ...at, error });
      return;
    }
    truth.count('realtime.transcriptions.user');
    for (const delta of text.match(/\S+\s*/gu) ?? []) {
      this.#channel.send(`${type}.delta`, { ...at, delta });
    }
    const usage = { type: 'tokens', total_tokens: 12, input_tokens: 8, output_tokens: 4 };
    this.#channel.send(`${type}.completed`, { ...at, transcript: text, usage });
  }

  #create(event: ClientEvent): void {
    const previous = this.#items.lastId;
    const item = this.#items.create(event['item']);
    if ('message' in item) {
      this.#channel.refuse(item, event);
      return;
    }
    if (item.type === 'function_call_output') this.#channel.backstage.truth.count('llm.tool_calls');
    this.#tellItem(item, previous, []);
  }

  #truncate(event: ClientEvent): void {
    const { item_id: itemId, content_index: index, audio_end_ms: endMs } = event;
    const error = this.#items.truncate(itemId, index, endMs);
    if (error) this.#channel.refuse(error, event);
    else {
      const truncated = { item_id: itemId, content_index: index, audio_end_ms: endMs };
      this.#channel.send('conversation.item.truncated', truncated);
    }
  }

  #delete(event: ClientEvent): void {
    const error = this.#items.delete(event['item_id']);
    if (error) this.#channel.refuse(error, event);
    else this.#channel.send('conversation.item.deleted', { item_id: event['item_id'] });
  }

  #respondTo(setup: RealtimeSetup, event: ClientEvent): void {
    if (this.#response === undefined) {
      this.#respond(setup, 0);
      return;
    }
    // A turn may have ended in the same moment: it is no fault of the client's.
    this.#channel.sendError(
      {
        type: 'invalid_request_error',
        code: 'conversation_already_has_active_response',
        message: 'Conversation already has an active response in progress.',
      },
      event,
    );
  }

  #cancel(event: ClientEvent): void {
    const { response_id: id } = event;
    const response = this.#response;
    if (response !== undefined && (id === undefined || id === response.id)) {
      response.end({ status: 'cancelled', reason: 'client_cancelled' });
      return;
    }
    // It may have ended in the same moment: it is no fault of the client's.
    const message = 'Cancellation failed: no active response found.';
    const code = 'response_cancel_not_active';
    this.#channel.sendError({ type: 'invalid_request_error', code, message }, event);
  }

  #respond(setup: RealtimeSetup, silenceMs: number): void {
    // What a function is for is not answered any more by the time somebody has said something else.
    if (this.#items.openCalls.length > 0) this.#answerEnded('aborted');
    this.#answer ??= { words: '' };
    this.#response = new RealtimeResponse({
      channel: this.#channel,
      items: this.#items,
      setup,
      replyHook: this.#replyHook,
      startedAt: performance.now(),
      silenceMs,
      onDone: (response, end) => this.#done(setup, response, end),
    });
    void this.#response.run();
  }

  #done(
    setup: RealtimeSetup,
    response: RealtimeResponse,
    end: ResponseEnd,
  ): Record<string, unknown> {
    this.#response = undefined;
    if (this.#answer) this.#answer.words += response.words;
    if (end.status === 'completed' && response.callCount === 0) this.#answerEnded('completed');
    else if (end.status === 'cancelled') this.#answerEnded('aborted');
    else if (end.status !== 'completed') this.#answerEnded('failed');
    return this.#usage(setup, response);
  }

  #clientGone(): void {
    this.#response?.abandon();
    if (this.#answer && this.#response) this.#answer.words += this.#response.words;
    this.#answerEnded('aborted');
  }

  #answerEnded(outcome: 'completed' | 'aborted' | 'failed'): void {
    const answer = this.#answer;
    if (answer === undefined) return;
    this.#answer = undefined;
    const { truth } = this.#channel.backstage;
    truth.count('realtime.responses');
    truth.outcome('realtime.responses', outcome);
    if (answer.words !== '') truth.count('realtime.transcriptions.agent');
  }

  /** Ten tokens a second of audio heard and twenty a second of audio spoken, as OpenAI counts. */
  #usage({ instructions }: RealtimeSetup, response: RealtimeResponse): Record<string, unknown> {
    const { truth } = this.#channel.backstage;
    const text = tokensOf(instructions + this.#items.toJson());
    const audio = Math.ceil((this.#heardMs * 10 + this.#spokenMs * 20) / 1000);
    const cached = this.#responseCount > 0 ? Math.floor(text / 4) : 0;
    const outputText = tokensOf(response.words);
    const outputAudio = Math.ceil((response.spokenMs * 20) / 1000);
    this.#responseCount += 1;
    this.#spokenMs += response.spokenMs;
    const [input, output] = [text + audio, outputText + outputAudio];
    if (!this.#channel.isMuted) {
      truth.count('realtime.tokens.input', input);
      truth.count('realtime.tokens.output', output);
    }
    return {
      total_tokens: input + output,
      input_tokens: input,
      output_tokens: output,
      input_token_details: {
        text_tokens: text,
        audio_tokens: audio,
        image_tokens: 0,
        cached_tokens: cached,
        cached_tokens_details: { text_tokens: cached, audio_tokens: 0, image_tokens: 0 },
      },
      output_token_details: { text_tokens: outputText, audio_tokens: outputAudio },
    };
  }

  #tellItem(item: RealtimeItem, previous: string | null, content: readonly unknown[]): void {
    const { id, type } = item;
    const told = {
      id,
      object: 'realtime.item',
      type,
      status: 'completed',
      ...(type === 'message' ? { role: item.role, content } : { call_id: item.callId }),
    };
    this.#channel.send('conversation.item.added', { previous_item_id: previous, item: told });
    this.#channel.send('conversation.item.done', { previous_item_id: previous, item: told });
  }

  #refuse(message: string, event: ClientEvent): void {
    const error: ClientError = { code: 'invalid_value', message };
    this.#channel.refuse(error, event);
  }
}
