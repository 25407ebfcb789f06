import type { Count, DemoResult } from './comparison.ts';
import { isRight } from './comparison.ts';

/** The comparison as two tables for people. */
export function resultTable(result: DemoResult): string {
  const counts = Object.entries(result.counts).map(([metric, count]) => [
    metric,
    String(count.measured),
    String(count.truth),
    verdictOn(count),
  ]);
  const { silence } = result;
  const latencies = Object.entries(result.latencies).map(
    ([metric, { count, meanMs, truthMeanMs }]) => [
      metric,
      `${meanMs.toFixed(1)} ms`,
      `${truthMeanMs.toFixed(1)} ms`,
      `mean of ${count}`,
    ],
  );
  return [
    `\n${result.calls} calls, ${result.turns} turns`,
    table([['count', 'measured', 'truth', ''], ...counts]),
    table([['latency', 'measured', 'truth', ''], ...latencies]),
    `Callers talked ${silence.timeToSilenceMeanMs.toFixed(0)} ms until an agent that was speaking was silent, ` +
      `of which ${silence.interruptionLatencyMeanMs.toFixed(1)} ms came after it knew ` +
      `(means; agent.interruption.latency.ms of ${silence.interruptions}).`,
    ...result.problems.map((problem) => `PROBLEM: ${problem}`),
    result.ok ? 'Every count is what really happened.' : 'Something is wrong.',
  ].join('\n\n');
}

function verdictOn(count: Count): string {
  if (count.measured === count.truth) return 'equal';
  return isRight(count) ? `${count.inFlight} in flight` : 'DIFFERENT';
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
