/** What a client asked of Scribe in the address of its upgrade. */
export interface ScribeQuery {
  sampleRateHz: number;
  strategy: 'manual' | 'vad';
  languageCode: string | undefined;
  /** Whether a second message with the words' times or the language follows each transcript. */
  hasTimestamps: boolean;
  detectsLanguage: boolean;
  /** Silence after which a transcript is committed where Scribe does that itself. */
  vadSilenceMs: number;
  /** As `session_started` repeats it. */
  config: Record<string, unknown>;
}

/** Numbers that may be asked for, with what holds where none is. */
const numbers = {
  vad_silence_threshold_secs: { min: 0.3, max: 3, standard: 1.5 },
  vad_threshold: { min: 0.1, max: 0.9, standard: 0.4 },
  min_speech_duration_ms: { min: 50, max: 2000, standard: 100 },
  min_silence_duration_ms: { min: 50, max: 2000, standard: 100 },
} as const;

const switches = {
  include_timestamps: false,
  include_language_detection: false,
  no_verbatim: false,
  filter_background_audio: false,
  enable_logging: true,
} as const;

const lists = ['keyterms', 'secondary_languages'] as const;

const known = new Set<string>([
  'model_id',
  'commit_strategy',
  'audio_format',
  'language_code',
  ...Object.keys(numbers),
  ...Object.keys(switches),
  ...lists,
]);

/** Reads and checks the query; a text says what is wrong with it. */
export function readScribeQuery(query: URLSearchParams): ScribeQuery | string {
  const unknown = [...query.keys()].find((name) => !known.has(name));
  if (unknown !== undefined) return `unknown parameter ${unknown}`;
  if (query.get('model_id')?.startsWith('scribe_') !== true)
    return 'model_id is not a Scribe model';
  const strategy = query.get('commit_strategy') ?? 'manual';
  if (strategy !== 'manual' && strategy !== 'vad') return 'commit_strategy is not manual or vad';
  const format = query.get('audio_format') ?? 'pcm_16000';
  const sampleRateHz = Number(/^pcm_(8000|16000|22050|24000|44100|48000)$/.exec(format)?.[1]);
  if (Number.isNaN(sampleRateHz)) return 'audio_format is not one that the sandbox hears';
  const values: Record<string, number> = {};
  for (const [name, { min, max, standard }] of Object.entries(numbers)) {
    const value = Number(query.get(name) ?? standard);
    if (!(value >= min && value <= max)) return `${name} is not between ${min} and ${max}`;
    values[name] = value;
  }
  const flags: Record<string, boolean> = {};
  for (const [name, standard] of Object.entries(switches)) {
    const value = query.get(name) ?? String(standard);
    if (value !== 'true' && value !== 'false') return `${name} is not true or false`;
    flags[name] = value === 'true';
  }
  if (flags['filter_background_audio'] === true && flags['include_timestamps'] === true) {
    return 'filter_background_audio cannot be combined with include_timestamps';
  }
  const keyterms = query.getAll('keyterms');
  if (keyterms.length > 50 || keyterms.some((term) => term.length > 20)) {
    return 'keyterms are more than 50, or longer than 20 characters';
  }
  const languageCode = query.get('language_code') ?? undefined;
  return {
    sampleRateHz,
    strategy,
    languageCode,
    hasTimestamps: flags['include_timestamps'] === true,
    detectsLanguage: flags['include_language_detection'] === true,
    vadSilenceMs: (values['vad_silence_threshold_secs'] ?? Number.NaN) * 1000,
    config: {
      sample_rate: sampleRateHz,
      audio_format: format,
      language_code: languageCode ?? null,
      commit_strategy: strategy,
      model_id: query.get('model_id'),
      keyterms,
      ...values,
      ...flags,
    },
  };
}
