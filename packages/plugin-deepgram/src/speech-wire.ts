import type { ControlMessage } from './deepgram-wire.ts';
import { controlMessage, isFields, malformed, nameOf } from './deepgram-wire.ts';

/** A text message of `speak`, as far as it matters here. Audio comes as binary messages. */
export type SpeechMessage =
  /** All audio of the text that was being spoken has come. */
  | { readonly type: 'spoken'; readonly speechId: string | undefined }
  /** What was being spoken was cut, as it was asked for; no more audio of it comes. */
  | { readonly type: 'cut'; readonly speechId: string | undefined }
  /** Something was not done; code as in Deepgram's reference. */
  | { readonly type: 'warning'; readonly code: string }
  | ControlMessage;

/**
 * Reads a message of `/v1/speak`. Never throws: what is new is `ignored`, what contradicts the
 * documentation is `malformed`.
 * Protocol: https://developers.deepgram.com/docs/tts-ws-flush
 */
export function parseAuraMessage(message: unknown): SpeechMessage {
  if (!isFields(message)) return malformed('it is not a JSON object');
  switch (message['type']) {
    case 'Flushed':
      return { type: 'spoken', speechId: undefined };
    case 'Cleared':
      return { type: 'cut', speechId: undefined };
    case 'Warning':
      return { type: 'warning', code: nameOf(message['code'], 'unnamed') };
    default:
      return controlMessage(message);
  }
}

/**
 * Reads a message of `/v2/speak`, in which `Flushed` only says that a flush was received. Never throws.
 * Protocol: https://developers.deepgram.com/docs/flux-tts/server-messages
 */
export function parseFluxSpeechMessage(message: unknown): SpeechMessage {
  if (!isFields(message)) return malformed('it is not a JSON object');
  switch (message['type']) {
    case 'SpeechMetadata':
      return { type: 'spoken', speechId: speechIdOf(message) };
    case 'SpeechInterrupted':
      return { type: 'cut', speechId: speechIdOf(message['metadata']) };
    case 'Warning':
      return { type: 'warning', code: nameOf(message['code'], 'unnamed') };
    default:
      return controlMessage(message);
  }
}

function speechIdOf(metadata: unknown): string | undefined {
  const id = isFields(metadata) ? metadata['speech_id'] : undefined;
  return typeof id === 'string' ? id : undefined;
}
