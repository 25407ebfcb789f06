/** What a client asked of Flux in the address of its upgrade. */
export interface FluxQuery {
  sampleRateHz: number;
  /** Set when eager ends of turn are wanted. */
  eagerThreshold: number | undefined;
  /** 1: only the time-out ends a turn. */
  endThreshold: number;
  timeoutMs: number;
}

const known = new Set([
  'model',
  'encoding',
  'sample_rate',
  'eot_threshold',
  'eager_eot_threshold',
  'eot_timeout_ms',
  'keyterm',
  'language_hint',
  'profanity_filter',
  'numerals',
  'redact',
  'mip_opt_out',
  'tag',
]);

const within = (value: number, min: number, max: number): boolean => value >= min && value <= max;

/** Reads and checks the query; a text says what is wrong with it. */
export function readFluxQuery(query: URLSearchParams): FluxQuery | string {
  const unknown = [...query.keys()].find((name) => !known.has(name));
  if (unknown !== undefined) return `unknown parameter ${unknown}`;
  if (query.get('model')?.startsWith('flux-') !== true) return 'model is not a Flux model';
  if (query.get('encoding') !== 'linear16') return 'encoding is not linear16';
  const numberOf = (name: string): number | undefined => {
    const text = query.get(name);
    return text === null ? undefined : Number(text);
  };
  const sampleRateHz = numberOf('sample_rate') ?? Number.NaN;
  const eagerThreshold = numberOf('eager_eot_threshold');
  const endThreshold = numberOf('eot_threshold') ?? 0.7;
  const timeoutMs = numberOf('eot_timeout_ms') ?? 5000;
  if (!within(sampleRateHz, 8000, 48_000) || !Number.isInteger(sampleRateHz)) {
    return 'sample_rate is not between 8000 and 48000';
  }
  if (eagerThreshold !== undefined && !within(eagerThreshold, 0.3, 0.9)) {
    return 'eager_eot_threshold is not between 0.3 and 0.9';
  }
  if (!within(endThreshold, 0.5, 1)) return 'eot_threshold is not between 0.5 and 1';
  if (!within(timeoutMs, 500, 60_000)) return 'eot_timeout_ms is not between 500 and 60000';
  return { sampleRateHz, eagerThreshold, endThreshold, timeoutMs };
}
