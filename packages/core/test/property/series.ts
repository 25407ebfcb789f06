import { DataPointType } from '@opentelemetry/sdk-metrics';

import type { Telemetry } from '../metrics/telemetry.ts';

/** The name of a series: the metric and the labels that tell its ways to end apart. */
const LABELS = ['outcome', 'phase', 'tool_name', 'success', 'reason'] as const;

/** What each series of counters stands at; series that differ in other labels are added up. */
export async function readSeries(telemetry: Telemetry): Promise<Map<string, number>> {
  const series = new Map<string, number>();
  for (const [name, metric] of await telemetry.collect()) {
    if (metric.dataPointType !== DataPointType.SUM) continue;
    for (const { attributes, value } of metric.dataPoints) {
      const labels = LABELS.flatMap((label) => {
        const text = attributes[label];
        return typeof text === 'string' ? [`${label}=${text}`] : [];
      });
      const id = [name, ...labels].join(' ');
      series.set(id, (series.get(id) ?? 0) + value);
    }
  }
  return series;
}

/** What was added between two readings. */
export function added(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Map<string, number> {
  const difference = new Map<string, number>();
  for (const [id, value] of after) {
    const change = value - (before.get(id) ?? 0);
    if (change !== 0) difference.set(id, change);
  }
  return difference;
}
