import type { MetricDefinition } from '../packages/core/src/index.ts';

/** A metric's name as the Prometheus exporter writes it; that of a histogram without what it appends. */
export function prometheusName({ name, kind }: MetricDefinition): string {
  return name.replaceAll('.', '_') + (kind === 'counter' ? '_total' : '');
}

/** The names of all series of a metric. */
export function seriesNames(definition: MetricDefinition): string[] {
  const name = prometheusName(definition);
  if (definition.kind !== 'histogram') return [name];
  return [`${name}_bucket`, `${name}_sum`, `${name}_count`];
}
