import type { AgentMetrics, TurnRecord } from '../../../src/index.ts';
import { differences } from './invariant.ts';

/** The stages of a turn add up to its response latency, and ours is a part of it. */
export const stagesAddUp = ({
  turns,
  metrics,
}: {
  readonly turns: readonly { readonly record: TurnRecord }[];
  readonly metrics: AgentMetrics;
}): string[] => {
  const records = turns.map(({ record }) => record);
  const measured = records.flatMap(({ timeline, kind }) =>
    timeline && kind !== 'prompted' ? [timeline] : [],
  );
  const latencies = measured.map(({ responseLatencyMs }) => responseLatencyMs);
  return [
    ...records.flatMap(problemsOf),
    ...differences(
      'the call recorded',
      {
        'response latencies': metrics.agentResponseLatencyMs.count,
        'their sum': metrics.agentResponseLatencyMs.sum,
        'the sum of stages': metrics.agentResponseStageMs.sum,
        overheads: metrics.agentFrameworkOverheadMs.count,
      },
      {
        'response latencies': measured.length,
        'their sum': latencies.reduce((a, b) => a + b, 0),
        'the sum of stages': latencies.reduce((a, b) => a + b, 0),
        overheads: measured.length,
      },
    ),
  ];
};

function problemsOf({ id, timeline, marks }: TurnRecord): string[] {
  if (!timeline) return [];
  const { responseLatencyMs, stages, overheadMs } = timeline;
  const parts = Object.values(stages);
  const from = marks.speechEnd ?? marks.participantJoined ?? NaN;
  const toFirstFrameMs = (marks.playoutStart ?? NaN) - from;
  const problems = [
    ...differences(
      id,
      { 'sum of stages': parts.reduce((a, b) => a + b, 0) },
      { 'sum of stages': responseLatencyMs },
    ),
    ...differences(id, { latency: responseLatencyMs }, { latency: toFirstFrameMs }),
  ];
  if (parts.some((ms) => ms < 0)) problems.push(`${id} has a stage below 0`);
  if (overheadMs < 0 || overheadMs > responseLatencyMs) {
    problems.push(`the overhead of ${id} is ${overheadMs} of ${responseLatencyMs} ms`);
  }
  return problems;
}
