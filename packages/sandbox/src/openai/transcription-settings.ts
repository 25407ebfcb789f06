/** How a session finds the ends of turns. */
export type SessionVad =
  | { type: 'server_vad'; prefixMs: number; silenceMs: number }
  /** The longest wait where the words leave open whether there will be more. */
  | { type: 'semantic_vad'; prefixMs: number; longestMs: number };

/** What a client asked of its session. */
export interface TranscriptionSettings {
  model: string;
  /** Undefined where the client says itself when a turn is over. */
  vad: SessionVad | undefined;
  /** Tells words while they are spoken; the other models begin once a turn is over. */
  isStreaming: boolean;
  /** Is billed by the second; the other models are by tokens. */
  isBilledByTime: boolean;
  /** As `session.updated` repeats it. */
  session: Record<string, unknown>;
}

type Fields = Record<string, unknown>;

/** The parts of a session, and how deep in it they are. */
const known: Record<string, readonly string[]> = {
  session: ['type', 'audio', 'include'],
  'session.audio': ['input'],
  'session.audio.input': ['format', 'transcription', 'turn_detection', 'noise_reduction'],
  'session.audio.input.format': ['type', 'rate'],
  'session.audio.input.transcription': [
    'model',
    'language',
    'languages',
    'prompt',
    'keywords',
    'delay',
  ],
  'session.audio.input.noise_reduction': ['type', 'strength'],
};

/** The fields that each kind of turn detection has. */
const vadFields: Record<string, readonly string[]> = {
  server_vad: ['type', 'threshold', 'prefix_padding_ms', 'silence_duration_ms'],
  semantic_vad: ['type', 'eagerness'],
};

/** The longest waits of `semantic_vad`, in ms. */
const longestWaits: Record<string, number> = { low: 8000, medium: 4000, auto: 4000, high: 2000 };

const streamingModels = new Set(['gpt-live-transcribe', 'gpt-realtime-whisper']);
/** Those that take lists of words and of languages. */
const guidedModels = new Set(['gpt-live-transcribe', 'gpt-transcribe']);
const delays = new Set<unknown>(['minimal', 'low', 'medium', 'high', 'xhigh']);

/** Reads and checks a session; a text says what is wrong with it. */
export function readTranscriptionSettings(value: unknown): TranscriptionSettings | string {
  const session = fieldsOf(value, 'session');
  if (typeof session === 'string') return session;
  if (session['type'] !== 'transcription') {
    return 'session.type must be transcription in a session for transcription';
  }
  const audio = fieldsOf(session['audio'], 'session.audio');
  if (typeof audio === 'string') return audio;
  const input = fieldsOf(audio['input'], 'session.audio.input');
  if (typeof input === 'string') return input;
  const format = fieldsOf(input['format'], 'session.audio.input.format');
  if (typeof format === 'string') return format;
  if (format['type'] !== 'audio/pcm' || format['rate'] !== 24_000) {
    return 'session.audio.input.format is not PCM at 24 kHz';
  }
  const noise = input['noise_reduction'] ?? {};
  const noiseFields = fieldsOf(noise, 'session.audio.input.noise_reduction');
  if (typeof noiseFields === 'string') return noiseFields;
  const { type: noiseType = 'near_field' } = noiseFields;
  if (noiseType !== 'near_field' && noiseType !== 'far_field') {
    return 'session.audio.input.noise_reduction.type is none';
  }
  const model = readModel(input['transcription']);
  if (typeof model === 'string') return model;
  const isStreaming = streamingModels.has(model.name);
  const vad = readVad(input['turn_detection']);
  if (typeof vad === 'string') return vad;
  if (vad !== undefined && isStreaming) return `turn_detection is not supported by ${model.name}`;
  return {
    model: model.name,
    vad,
    isStreaming,
    isBilledByTime: model.name.includes('whisper'),
    session,
  };
}

function readModel(value: unknown): { name: string } | string {
  const transcription = fieldsOf(value, 'session.audio.input.transcription');
  if (typeof transcription === 'string') return transcription;
  const { model: name, language, languages, prompt, keywords, delay } = transcription;
  if (typeof name !== 'string' || !/whisper|transcribe/.test(name)) {
    return 'session.audio.input.transcription.model is none for transcription';
  }
  if (language !== undefined && (typeof language !== 'string' || !/^[a-z]{2,3}$/.test(language))) {
    return 'session.audio.input.transcription.language is no ISO-639 code';
  }
  if (prompt !== undefined && name === 'gpt-realtime-whisper') {
    return 'session.audio.input.transcription.prompt is not supported by this model';
  }
  if (delay !== undefined && (name !== 'gpt-realtime-whisper' || !delays.has(delay))) {
    return 'session.audio.input.transcription.delay is not supported by this model';
  }
  if ((keywords !== undefined || languages !== undefined) && !guidedModels.has(name)) {
    return 'keywords and languages are not supported by this model';
  }
  return { name };
}

function readVad(value: unknown): SessionVad | undefined | string {
  if (value === null || value === undefined) return undefined;
  const type = typeof value === 'object' && 'type' in value ? value.type : undefined;
  const allowed = typeof type === 'string' ? vadFields[type] : undefined;
  if (allowed === undefined) return 'session.audio.input.turn_detection.type is none';
  const vad: Fields = { ...value };
  const unknown = Object.keys(vad).find((name) => !allowed.includes(name));
  if (unknown !== undefined) return `unknown parameter turn_detection.${unknown}`;
  if (type === 'semantic_vad') {
    const { eagerness = 'auto' } = vad;
    const longestMs = typeof eagerness === 'string' ? longestWaits[eagerness] : undefined;
    if (longestMs === undefined) return 'turn_detection.eagerness is none';
    return { type, prefixMs: 300, longestMs };
  }
  const {
    threshold = 0.5,
    prefix_padding_ms: prefixMs = 300,
    silence_duration_ms: silenceMs = 500,
  } = vad;
  if (!(typeof threshold === 'number' && threshold >= 0 && threshold <= 1)) {
    return 'turn_detection.threshold is not between 0 and 1';
  }
  if (!isMs(prefixMs)) return 'turn_detection.prefix_padding_ms is no time';
  if (!isMs(silenceMs)) return 'turn_detection.silence_duration_ms is no time';
  return { type: 'server_vad', prefixMs, silenceMs };
}

function isMs(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

/** The fields of a part of the session, which must all be known. */
function fieldsOf(value: unknown, path: string): Fields | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return `${path} is no object`;
  }
  const unknown = Object.keys(value).find((name) => !(known[path] ?? []).includes(name));
  return unknown === undefined ? { ...value } : `unknown parameter ${path}.${unknown}`;
}
