import type { Attributes } from '@opentelemetry/api';

/** How an operation ended. */
export type Outcome = 'completed' | 'interrupted' | 'discarded' | 'error';

/** Every attribute key that a metric of these packages can have. */
export type AttributeKey =
  | 'provider'
  | 'model'
  | 'outcome'
  | 'error_type'
  | 'error_code'
  | 'tool_name'
  | 'success'
  | 'phase'
  | 'stage'
  | 'kind'
  | 'reason';

/** Attribute values before they are cleaned. */
export type Labels = Readonly<Partial<Record<AttributeKey, string | undefined>>>;

const MAX_VALUE_LENGTH = 64;

/**
 * The attributes of one series: only the keys that the metric has, only non-empty strings of at most
 * 64 characters, frozen. A foreign key, an empty or a non-string value would take down the whole
 * scrape or lose data without a word.
 */
export function cleanAttributes(keys: readonly AttributeKey[], labels: Labels): Attributes {
  const clean: Attributes = {};
  for (const key of keys) {
    const value: unknown = labels[key];
    if (typeof value === 'string' && value !== '') clean[key] = value.slice(0, MAX_VALUE_LENGTH);
  }
  return Object.freeze(clean);
}

/** Whether OpenTelemetry can take the number: a NaN would make a counter NaN for ever. */
export function isMeasurement(value: number): boolean {
  return value >= 0 && value < Number.POSITIVE_INFINITY;
}
