import type { ModalityTokens, ProviderError, RealtimeUsage, ToolCall } from '@vision-agents/core';
import { tokensByModality } from '@vision-agents/core';

import { PROVIDER, sessionError } from './openai-error.ts';
import type { Json } from './openai-wire.ts';
import { isCount, isObject, isString, known, parseArguments } from './openai-wire.ts';

/** What an item of a response is of. */
interface ItemOf {
  readonly responseId: string;
  readonly itemId: string;
}

/** How a response ended; `error` says why where it is none that was wanted. */
export interface ResponseEnd {
  readonly responseId: string;
  readonly status: 'completed' | 'cancelled' | 'failed';
  readonly error: ProviderError | undefined;
  readonly usage: RealtimeUsage | undefined;
}

/** One thing that the service tells. Offsets are of the audio that it got. */
export type RealtimeSignal =
  | { readonly type: 'speech-start' | 'speech-end'; readonly offsetMs: number | undefined }
  | { readonly type: 'user-words'; readonly itemId: string; readonly text: string }
  | { readonly type: 'user-transcript'; readonly itemId: string; readonly text: string }
  | { readonly type: 'user-unheard'; readonly itemId: string; readonly error: ProviderError }
  | { readonly type: 'response-start'; readonly responseId: string }
  | ({ readonly type: 'item-start' } & ItemOf)
  | ({ readonly type: 'audio'; readonly bytes: Uint8Array } & ItemOf)
  | ({ readonly type: 'agent-words'; readonly text: string } & ItemOf)
  | ({ readonly type: 'agent-transcript'; readonly text: string } & ItemOf)
  | { readonly type: 'tool-call'; readonly responseId: string; readonly call: ToolCall }
  | ({ readonly type: 'response-end' } & ResponseEnd)
  | { readonly type: 'rate-limits'; readonly remaining: Readonly<Record<string, number>> }
  | {
      readonly type: 'error';
      readonly error: ProviderError;
      /** The event of ours that is to blame. */
      readonly eventId: string | undefined;
    }
  | { readonly type: 'ignored'; readonly name: string };

/**
 * What an event tells. What is not known is left alone: the API grows.
 * @throws ProviderError when something that is known has another type than it must have
 */
export function parseEvent(event: Json): RealtimeSignal {
  const name = textIn(event, 'type');
  switch (name) {
    case 'input_audio_buffer.speech_started':
      return { type: 'speech-start', offsetMs: known(PROVIDER, event['audio_start_ms'], isCount) };
    case 'input_audio_buffer.speech_stopped':
      return { type: 'speech-end', offsetMs: known(PROVIDER, event['audio_end_ms'], isCount) };
    case 'input_audio_buffer.committed':
      return { type: 'speech-end', offsetMs: undefined };
    case 'conversation.item.input_audio_transcription.delta':
      return { type: 'user-words', itemId: textIn(event, 'item_id'), text: textIn(event, 'delta') };
    case 'conversation.item.input_audio_transcription.completed': {
      const words = textIn(event, 'transcript').trim();
      return { type: 'user-transcript', itemId: textIn(event, 'item_id'), text: words };
    }
    case 'conversation.item.input_audio_transcription.failed': {
      const error = sessionError(event['error'], 'what a user said could not be transcribed');
      return { type: 'user-unheard', itemId: textIn(event, 'item_id'), error };
    }
    case 'response.created':
      return { type: 'response-start', responseId: textIn(objectIn(event, 'response'), 'id') };
    case 'response.output_item.added':
      return itemStart(event, name);
    case 'response.output_audio.delta': {
      const bytes = Buffer.from(textIn(event, 'delta'), 'base64');
      return { type: 'audio', bytes, ...itemOf(event) };
    }
    case 'response.output_audio_transcript.delta':
      return { type: 'agent-words', text: textIn(event, 'delta'), ...itemOf(event) };
    case 'response.output_audio_transcript.done':
      return { type: 'agent-transcript', text: textIn(event, 'transcript'), ...itemOf(event) };
    case 'response.output_item.done':
      return toolCall(event, name);
    case 'response.done':
      return responseEnd(objectIn(event, 'response'));
    case 'rate_limits.updated':
      return { type: 'rate-limits', remaining: remainingIn(event['rate_limits']) };
    case 'error': {
      const error = sessionError(event['error'], 'the service reported an error');
      const eventId = known(PROVIDER, objectIn(event, 'error')['event_id'], isString);
      return { type: 'error', error, eventId };
    }
    default:
      return { type: 'ignored', name };
  }
}

function itemOf(event: Json): ItemOf {
  return { responseId: textIn(event, 'response_id'), itemId: textIn(event, 'item_id') };
}

function itemStart(event: Json, name: string): RealtimeSignal {
  const item = objectIn(event, 'item');
  if (item['type'] !== 'message') return { type: 'ignored', name };
  return {
    type: 'item-start',
    responseId: textIn(event, 'response_id'),
    itemId: textIn(item, 'id'),
  };
}

function toolCall(event: Json, name: string): RealtimeSignal {
  const item = objectIn(event, 'item');
  // One that was cut off is not meant.
  if (item['type'] !== 'function_call' || item['status'] === 'incomplete') {
    return { type: 'ignored', name };
  }
  const call = {
    id: textIn(item, 'call_id'),
    name: textIn(item, 'name'),
    arguments: parseArguments(textIn(item, 'arguments')),
  };
  return { type: 'tool-call', responseId: textIn(event, 'response_id'), call };
}

function responseEnd(response: Json): RealtimeSignal {
  const usage = known(PROVIDER, response['usage'], isObject);
  const details = known(PROVIDER, response['status_details'], isObject) ?? {};
  return {
    type: 'response-end',
    responseId: textIn(response, 'id'),
    usage: usage && parseUsage(usage),
    ...statusOf(textIn(response, 'status'), details),
  };
}

function statusOf(status: string, details: Json): Pick<ResponseEnd, 'status' | 'error'> {
  switch (status) {
    case 'completed':
    case 'cancelled':
      return { status, error: undefined };
    case 'incomplete': {
      // Such as `max_output_tokens`; said in the place of an error's code.
      const error = sessionError({ code: details['reason'] }, 'a response was cut short');
      return { status: 'failed', error };
    }
    default: {
      const error = sessionError(details['error'], 'a response failed');
      return { status: 'failed', error };
    }
  }
}

function parseUsage(usage: Json): RealtimeUsage {
  const details = known(PROVIDER, usage['input_token_details'], isObject) ?? {};
  const inputTokens = countIn(usage, 'input_tokens');
  const outputTokens = countIn(usage, 'output_tokens');
  const cachedInputTokens = countIn(details, 'cached_tokens');
  return {
    inputTokens,
    outputTokens,
    cachedInputTokens,
    inputByModality: modalitiesIn(details, inputTokens),
    cachedInputByModality: modalitiesIn(details['cached_tokens_details'], cachedInputTokens),
    outputByModality: modalitiesIn(usage['output_token_details'], outputTokens),
  };
}

/** A split that cannot be read costs nobody the totals. */
function modalitiesIn(details: unknown, total: number): ModalityTokens | undefined {
  if (!isObject(details)) return undefined;
  const { text_tokens: text, audio_tokens: audio, image_tokens: image } = details;
  return tokensByModality(Object.entries({ text, audio, image }), total);
}

function remainingIn(limits: unknown): Record<string, number> {
  const list = known(PROVIDER, limits, Array.isArray) ?? [];
  const remaining: Record<string, number> = {};
  for (const limit of list.filter(isObject)) {
    remaining[textIn(limit, 'name')] = countIn(limit, 'remaining');
  }
  return remaining;
}

/** A text that may be missing. */
function textIn(json: Json, name: string): string {
  return known(PROVIDER, json[name], isString) ?? '';
}

/** An object that may be missing. */
function objectIn(json: Json, name: string): Json {
  return known(PROVIDER, json[name], isObject) ?? {};
}

/** A number that may be missing. */
function countIn(json: Json, name: string): number {
  return known(PROVIDER, json[name], isCount) ?? 0;
}
