/** What a client asked of `/v1/listen` in the address of its upgrade. */
export interface NovaQuery {
  sampleRateHz: number;
  /** Silence that ends an utterance; undefined when none does. */
  endpointingMs: number | undefined;
  /** Time without words after which `UtteranceEnd` comes; undefined when it never does. */
  utteranceEndMs: number | undefined;
  interimResults: boolean;
  vadEvents: boolean;
  /** Languages are told with the words. */
  isMultilingual: boolean;
}

/** Deepgram's own, where nothing is asked for. */
const defaultEndpointingMs = 10;

const known = new Set([
  'model',
  'encoding',
  'sample_rate',
  'channels',
  'language',
  'interim_results',
  'endpointing',
  'utterance_end_ms',
  'vad_events',
  'keyterm',
  'keywords',
  'punctuate',
  'smart_format',
  'profanity_filter',
  'numerals',
  'redact',
  'replace',
  'search',
  'diarize',
  'mip_opt_out',
  'tag',
]);

/** Reads and checks the query; a text says what is wrong with it. */
export function readNovaQuery(query: URLSearchParams): NovaQuery | string {
  const unknown = [...query.keys()].find((name) => !known.has(name));
  if (unknown !== undefined) return `unknown parameter ${unknown}`;
  const model = query.get('model') ?? '';
  if (!/^(?:nova|enhanced|base)\b/.test(model)) return 'model is none of this endpoint';
  if (query.get('encoding') !== 'linear16') return 'encoding is not linear16';
  const sampleRateHz = Number(query.get('sample_rate') ?? Number.NaN);
  if (!Number.isInteger(sampleRateHz) || sampleRateHz < 8000 || sampleRateHz > 48_000) {
    return 'sample_rate is not between 8000 and 48000';
  }
  if (query.has('keyterm') && !model.startsWith('nova-3')) return 'keyterm needs Nova-3';
  if (query.has('keywords') && model.startsWith('nova-3')) return 'keywords are not for Nova-3';
  const endpointingMs = readEndpointing(query.get('endpointing'));
  if (typeof endpointingMs === 'string') return endpointingMs;
  const interimResults = query.get('interim_results') === 'true';
  const utteranceEnd = query.get('utterance_end_ms');
  const utteranceEndMs = utteranceEnd === null ? undefined : Number(utteranceEnd);
  if (utteranceEndMs !== undefined) {
    if (!(utteranceEndMs >= 1000 && utteranceEndMs <= 5000)) {
      return 'utterance_end_ms is not between 1000 and 5000';
    }
    if (!interimResults) return 'utterance_end_ms needs interim_results';
  }
  return {
    sampleRateHz,
    endpointingMs,
    utteranceEndMs,
    interimResults,
    vadEvents: query.get('vad_events') === 'true',
    isMultilingual: query.get('language') === 'multi',
  };
}

function readEndpointing(text: string | null): number | undefined | string {
  if (text === 'false') return undefined;
  const ms = text === null || text === 'true' ? defaultEndpointingMs : Number(text);
  return Number.isInteger(ms) && ms >= 0 ? ms : 'endpointing is neither false nor milliseconds';
}
