import type { PronunciationDictionary, TTSSettings, VoiceSettings } from './elevenlabs-options.ts';

/** A message of the multi-context socket, as far as it matters here. */
export type SpeechMessage =
  | {
      readonly type: 'speech';
      readonly contextId: string;
      /** May be empty. */
      readonly audio: Uint8Array;
      /** The context has said everything; it is gone. */
      readonly final: boolean;
    }
  | { readonly type: 'error'; readonly name: string }
  | { readonly type: 'ignored' }
  | { readonly type: 'malformed'; readonly problem: string };

/** Seconds without text after which ElevenLabs hangs up: the most that it allows. */
const INACTIVITY_TIMEOUT_S = 180;

/** What each context is told of the voice. */
type Voice = Pick<TTSSettings, 'voiceSettings' | 'pronunciationDictionaries'>;

/** The address of the multi-context socket. */
export function socketUrl(settings: TTSSettings): string {
  const { baseUrl, voiceId, model, languageCode, textNormalization, seed } = settings;
  const path = `/v1/text-to-speech/${encodeURIComponent(voiceId)}/multi-stream-input`;
  const query = new URLSearchParams({
    model_id: model,
    output_format: `pcm_${settings.outputSampleRateHz}`,
    // Without it nothing is spoken until 120 characters have come.
    auto_mode: 'true',
    inactivity_timeout: String(INACTIVITY_TIMEOUT_S),
    ...(languageCode !== undefined && { language_code: languageCode }),
    ...(textNormalization !== undefined && { apply_text_normalization: textNormalization }),
    ...(seed !== undefined && { seed: String(seed) }),
    ...(!settings.enableLogging && { enable_logging: 'false' }),
  });
  return `${baseUrl.replace(/^http/, 'ws')}${path}?${query.toString()}`;
}

/**
 * All that is sent to have one text spoken. A context that is closed goes on with what was flushed and
 * then tells that it is final; without the close it never tells:
 * https://elevenlabs.io/docs/api-reference/text-to-speech/v-1-text-to-speech-voice-id-multi-stream-input
 */
export function encodeSpeech(contextId: string, text: string, voice: Voice): string[] {
  const { voiceSettings, pronunciationDictionaries } = voice;
  const opening = {
    text: ' ',
    context_id: contextId,
    ...(voiceSettings && { voice_settings: encodeVoiceSettings(voiceSettings) }),
    ...(pronunciationDictionaries.length > 0 && {
      pronunciation_dictionary_locators: pronunciationDictionaries.map(encodeDictionary),
    }),
  };
  const words = { text: `${text.trimEnd()} `, context_id: contextId, flush: true };
  return [JSON.stringify(opening), JSON.stringify(words), encodeClose(contextId)];
}

/** A context in which nothing is said: it puts off the end that ElevenLabs makes of an idle socket. */
export function encodeKeepAlive(): string[] {
  const contextId = 'keep-alive';
  return [JSON.stringify({ text: ' ', context_id: contextId }), encodeClose(contextId)];
}

/** Tells that a context is no longer wanted. */
export function encodeClose(contextId: string): string {
  return JSON.stringify({ context_id: contextId, close_context: true });
}

/** Reads a message. Never throws: what is new is `ignored`, what is not as documented is `malformed`. */
export function parseSpeechMessage(json: string): SpeechMessage {
  const message = parseObject(json);
  if (!message) return { type: 'malformed', problem: 'it is not a JSON object' };
  const { audio, error } = message;
  if (error !== undefined && error !== null) return { type: 'error', name: labelOf(error) };
  // The documentation has both spellings.
  const contextId = message['contextId'] ?? message['context_id'];
  const final = message['isFinal'] ?? message['is_final'] ?? false;
  if (audio === undefined && final === false) return { type: 'ignored' };
  if (!isString(contextId)) return { type: 'ignored' };
  if (audio !== undefined && audio !== null && !isString(audio)) {
    return { type: 'malformed', problem: '`audio` is not a string' };
  }
  return {
    type: 'speech',
    contextId,
    audio: Buffer.from(audio ?? '', 'base64'),
    final: final === true,
  };
}

function encodeVoiceSettings(voice: VoiceSettings): object {
  return {
    stability: voice.stability,
    similarity_boost: voice.similarityBoost,
    style: voice.style,
    use_speaker_boost: voice.useSpeakerBoost,
    speed: voice.speed,
  };
}

function encodeDictionary({ id, versionId }: PronunciationDictionary): object {
  return { pronunciation_dictionary_id: id, version_id: versionId };
}

/** A message that is a JSON object; undefined for anything else. */
export function parseObject(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    // What is not JSON is told apart by the caller.
    return undefined;
  }
}

/** A name fit for a label, never a text. */
export function labelOf(name: unknown): string {
  return isString(name) && /^[\w-]{1,64}$/.test(name) ? name : 'unnamed';
}

/** Whether a field is a string. */
export function isString(value: unknown): value is string {
  return typeof value === 'string';
}
