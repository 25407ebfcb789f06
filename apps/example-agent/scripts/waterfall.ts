import type { ReadableSpan } from '@opentelemetry/sdk-trace';

const WIDTH = 48;

interface Row {
  readonly name: string;
  readonly depth: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly note: string;
}

/** A span and all that is within it, drawn over time: a line each, in the order in which they began. */
export function waterfall(root: ReadableSpan, spans: readonly ReadableSpan[]): string {
  const rows = rowsOf(root, spans, 0);
  const zeroMs = Math.min(...rows.map(({ startMs }) => startMs));
  const wholeMs = Math.max(...rows.map(({ endMs }) => endMs)) - zeroMs;
  const column = (ms: number): number => Math.round(((ms - zeroMs) / wholeMs) * WIDTH);
  const nameWidth = Math.max(...rows.map(({ name, depth }) => name.length + 2 * depth));
  const lines = rows.map(({ name, depth, startMs, endMs, note }) => {
    const label = `${'  '.repeat(depth)}${name}`.padEnd(nameWidth);
    const from = Math.min(column(startMs), WIDTH - 1);
    const bar = '█'.repeat(Math.max(1, column(endMs) - from));
    const times = `${shown(startMs - zeroMs)} ${shown(endMs - startMs)}`;
    return `${label}  ${times}  ${(' '.repeat(from) + bar).padEnd(WIDTH)}  ${note}`.trimEnd();
  });
  const heading = `${'span'.padEnd(nameWidth)}  ${'from ms'.padStart(8)} ${'for ms'.padStart(8)}`;
  return [heading, ...lines].join('\n');
}

/** Where the response latency of a turn went, as its span says. */
export function stages({ attributes }: ReadableSpan): string {
  const prefix = 'vision_agents.response.stage.';
  const parts = Object.entries(attributes)
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, ms]) => `${key.slice(prefix.length, -'_ms'.length)} ${Number(ms).toFixed(1)}`);
  const latencyMs = Number(attributes['vision_agents.response.latency_ms']);
  return `response latency ${latencyMs.toFixed(1)} ms = ${parts.join(' + ')}`;
}

function rowsOf(span: ReadableSpan, spans: readonly ReadableSpan[], depth: number): Row[] {
  const { spanId } = span.spanContext();
  const children = spans
    .filter(({ parentSpanContext }) => parentSpanContext?.spanId === spanId)
    .toSorted((a, b) => milliseconds(a.startTime) - milliseconds(b.startTime));
  const row = {
    name: span.name,
    depth,
    startMs: milliseconds(span.startTime),
    endMs: milliseconds(span.endTime),
    note: noteOf(span),
  };
  return [row, ...children.flatMap((child) => rowsOf(child, spans, depth + 1))];
}

/** The one thing of a span that its times do not tell. */
function noteOf({ attributes }: ReadableSpan): string {
  const tokens = attributes['gen_ai.usage.input_tokens'];
  const characters = attributes['vision_agents.tts.characters'];
  const speculation = attributes['vision_agents.speculation.outcome'];
  if (typeof tokens === 'number') {
    return `${tokens} + ${Number(attributes['gen_ai.usage.output_tokens'])} tokens`;
  }
  if (typeof characters === 'number') return `${characters} characters`;
  return typeof speculation === 'string' ? speculation : '';
}

function milliseconds([seconds, nanoseconds]: ReadableSpan['startTime']): number {
  return seconds * 1000 + nanoseconds / 1_000_000;
}

function shown(ms: number): string {
  return ms.toFixed(1).padStart(8);
}
