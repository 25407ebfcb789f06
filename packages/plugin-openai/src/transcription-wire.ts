import { nameOf } from './openai-error.ts';
import type { Json } from './openai-wire.ts';
import { isCount, isObject, isString } from './openai-wire.ts';

/** An event of a session that writes down what is said, as far as it matters here. */
export type TranscriptionEvent =
  /** Speech was heard; the audio of the item begins so far into all audio. */
  | { readonly type: 'speech-started'; readonly itemId: string; readonly audioStartMs: number }
  /** It has ended; the silence by which that was noticed is in the audio of the item. */
  | { readonly type: 'speech-stopped'; readonly itemId: string; readonly audioEndMs: number }
  /** The item is complete and is being written down; it comes after another, or is the first. */
  | {
      readonly type: 'committed';
      readonly itemId: string;
      readonly previousItemId: string | undefined;
    }
  /** Words that follow those told before. */
  | { readonly type: 'delta'; readonly itemId: string; readonly text: string }
  /** All words of an item. */
  | {
      readonly type: 'completed';
      readonly itemId: string;
      readonly text: string;
      readonly language: string | undefined;
    }
  /** An item could not be written down. */
  | { readonly type: 'failed'; readonly itemId: string; readonly error: unknown }
  /** An error, and the event of ours that it is about, where it is and that had an id. */
  | { readonly type: 'error'; readonly error: unknown; readonly eventId: string | undefined }
  /** The settings of the session, for they were changed or asked for. */
  | { readonly type: 'updated' }
  | { readonly type: 'ignored'; readonly name: string }
  | { readonly type: 'malformed'; readonly problem: string };

const TRANSCRIPTION = 'conversation.item.input_audio_transcription';

/**
 * Reads an event. Never throws: what is new is `ignored`, what is not as documented is `malformed`.
 * Protocol: https://developers.openai.com/api/docs/guides/realtime-transcription
 */
export function parseTranscriptionEvent(event: Json): TranscriptionEvent {
  const { type } = event;
  if (!isString(type)) return malformed('it has no `type`');
  switch (type) {
    case 'input_audio_buffer.speech_started':
    case 'input_audio_buffer.speech_stopped':
    case 'input_audio_buffer.committed':
    case `${TRANSCRIPTION}.delta`:
    case `${TRANSCRIPTION}.completed`:
    case `${TRANSCRIPTION}.failed`: {
      const { item_id: itemId } = event;
      return isString(itemId) ? parseOfItem(type, itemId, event) : malformed('it has no `item_id`');
    }
    case 'error':
      return parseError(event['error']);
    case 'session.updated':
      return { type: 'updated' };
    default:
      return { type: 'ignored', name: nameOf(type) ?? 'unnamed' };
  }
}

function parseError(error: unknown): TranscriptionEvent {
  const eventId = isObject(error) ? error['event_id'] : undefined;
  return { type: 'error', error, eventId: isString(eventId) ? eventId : undefined };
}

function parseOfItem(type: string, itemId: string, event: Json): TranscriptionEvent {
  switch (type) {
    case 'input_audio_buffer.speech_started': {
      const { audio_start_ms: audioStartMs } = event;
      return isCount(audioStartMs)
        ? { type: 'speech-started', itemId, audioStartMs }
        : malformed('`audio_start_ms` is no time');
    }
    case 'input_audio_buffer.speech_stopped': {
      const { audio_end_ms: audioEndMs } = event;
      return isCount(audioEndMs)
        ? { type: 'speech-stopped', itemId, audioEndMs }
        : malformed('`audio_end_ms` is no time');
    }
    case 'input_audio_buffer.committed': {
      const { previous_item_id: previous } = event;
      return {
        type: 'committed',
        itemId,
        previousItemId: isString(previous) ? previous : undefined,
      };
    }
    case `${TRANSCRIPTION}.delta`: {
      const { delta = '' } = event;
      return isString(delta)
        ? { type: 'delta', itemId, text: delta }
        : malformed('`delta` is not a string');
    }
    case `${TRANSCRIPTION}.completed`: {
      const { transcript, languages } = event;
      return isString(transcript)
        ? { type: 'completed', itemId, text: transcript.trim(), language: firstLanguage(languages) }
        : malformed('`transcript` is not a string');
    }
    default:
      return { type: 'failed', itemId, error: event['error'] };
  }
}

/** `[{"code":"en"}]`: the language that is heard most. */
function firstLanguage(languages: unknown): string | undefined {
  const first: unknown = Array.isArray(languages) ? languages[0] : undefined;
  const code = isObject(first) ? first['code'] : undefined;
  return isString(code) ? code : undefined;
}

function malformed(problem: string): TranscriptionEvent {
  return { type: 'malformed', problem };
}
