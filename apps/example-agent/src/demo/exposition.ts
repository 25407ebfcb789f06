/** Sums of a scrape over all label sets, by `name`, and over those with a label, by `name{label="value"}`. */
export type Scrape = ReadonlyMap<string, number>;

/** A sample line of Prometheus' text format: name, perhaps labels, value. */
const SAMPLE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/;
const LABEL = /\w+="(?:[^"\\]|\\.)*"/g;

/** Reads what a `/metrics` page says now, as Prometheus would. */
export async function scrape(url: string): Promise<Scrape> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(`${url} answered with HTTP status ${response.status}`);
  return parseExposition(await response.text());
}

/** The sums of a page in Prometheus' text format (version 0.0.4). */
export function parseExposition(text: string): Scrape {
  const sums = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
    if (name === undefined) continue;
    const selectors = Array.from(labels.matchAll(LABEL), ([label]) => `{${label}}`);
    for (const selector of ['', ...selectors]) {
      const key = name + selector;
      sums.set(key, (sums.get(key) ?? 0) + Number(value));
    }
  }
  return sums;
}

/** The name under which Prometheus knows an OpenTelemetry metric, without a suffix for its kind. */
export function prometheusName(metric: string): string {
  return metric.replaceAll('.', '_');
}
