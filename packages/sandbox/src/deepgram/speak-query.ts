/** What a client asked of `speak` in the address of its upgrade. */
export interface SpeakQuery {
  model: string;
  sampleRateHz: number;
}

const ratesHz = new Set([8000, 16_000, 24_000, 32_000, 44_100, 48_000]);
const known = {
  v1: new Set(['model', 'encoding', 'sample_rate', 'speed', 'mip_opt_out', 'tag']),
  v2: new Set(['model', 'encoding', 'sample_rate', 'speed', 'expressivity', 'mip_opt_out', 'tag']),
};
const families = { v1: 'aura', v2: 'flux' };
/** Speeds come in steps of 0.05 on Flux; Aura takes any within its range. */
const speeds = { v1: { min: 0.7, max: 1.5 }, v2: { min: 0.5, max: 1.5 } };

/** Reads and checks the query; a text says what is wrong with it. */
export function readSpeakQuery(version: 'v1' | 'v2', query: URLSearchParams): SpeakQuery | string {
  const unknown = [...query.keys()].find((name) => !known[version].has(name));
  if (unknown !== undefined) return `unknown parameter ${unknown}`;
  const model = query.get('model') ?? '';
  if (!model.startsWith(`${families[version]}-`)) return 'model is none of this endpoint';
  if ((query.get('encoding') ?? 'linear16') !== 'linear16') return 'encoding is not linear16';
  const sampleRateHz = Number(query.get('sample_rate') ?? 24_000);
  if (!ratesHz.has(sampleRateHz)) return 'sample_rate is none of those that there are';
  const speed = Number(query.get('speed') ?? 1);
  const { min, max } = speeds[version];
  if (!(speed >= min && speed <= max)) return 'SPEED_OUT_OF_RANGE';
  const isStep = Math.abs(speed * 20 - Math.round(speed * 20)) < 1e-6;
  if (version === 'v2' && !isStep) return 'SPEED_INCREMENT_INVALID';
  if (!['-2', '-1', '0', '1', '2'].includes(query.get('expressivity') ?? '0')) {
    return 'EXPRESSIVITY_OUT_OF_RANGE';
  }
  return { model, sampleRateHz };
}
