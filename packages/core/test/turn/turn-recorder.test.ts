import { expect, test } from 'vitest';

import { MetricsCollector } from '../../src/index.ts';
import { TurnRecorder } from '../../src/turn/turn-recorder.ts';
import type { TurnKind, TurnOutcome, TurnRecord } from '../../src/turn/turn.ts';
import { Turn } from '../../src/turn/turn.ts';
import { startTelemetry } from '../metrics/telemetry.ts';

const CALLER = { id: 'caller' };
const STAGES = ['endpointing', 'llm', 'tool', 'sentence', 'tts', 'playout'];

function record(kind: TurnKind, outcome: TurnOutcome, isHeard = true): TurnRecord {
  const isUsers = kind === 'reply' || kind === 'tool_reply';
  const turn = new Turn('turn-1', kind, isUsers ? CALLER : undefined);
  turn.mark(isUsers ? 'speechEnd' : 'participantJoined', 100);
  turn.mark('committed', 300);
  turn.mark('llmFirstToken', 600);
  turn.waited({ llmMs: 290 });
  turn.mark('firstSentence', 650);
  turn.mark('ttsRequest', 650);
  turn.mark('ttsFirstAudio', 750);
  if (isHeard) turn.mark('playoutStart', 760);
  const closed = turn.close(outcome);
  if (!closed) throw new Error('it was closed before');
  return closed;
}

test.each(['reply', 'tool_reply', 'greeting'] as const)(
  'a heard %s has its latency, its overhead and its six stages, once each',
  (kind) => {
    const collector = new MetricsCollector();
    new TurnRecorder(collector).turn(record(kind, 'completed'));
    const { metrics } = collector;
    expect(metrics.agentResponseLatencyMs).toMatchObject({ count: 1, sum: 660 });
    expect(metrics.agentFrameworkOverheadMs.count).toBe(1);
    expect(metrics.agentResponseStageMs).toMatchObject({ count: 6, sum: 660 });
  },
);

test('words that the program puts in later have no latency', () => {
  const collector = new MetricsCollector();
  new TurnRecorder(collector).turn(record('prompted', 'completed'));
  expect(collector.metrics.toJSON()).toEqual({});
});

test.each(['completed', 'interrupted', 'error', 'no_response'] as const)(
  "a user's turn that ends in %s counts under that",
  async (outcome) => {
    const telemetry = startTelemetry();
    new TurnRecorder(new MetricsCollector()).turn(record('reply', outcome));
    const turns = await telemetry.samples('agent.turns');
    expect(turns).toMatchObject([{ attributes: { outcome }, value: 1 }]);
    const latencies = await telemetry.samples('agent.response.latency.ms');
    expect(latencies).toMatchObject([{ attributes: { kind: 'reply' }, value: { sum: 660 } }]);
    const stages = await telemetry.samples('agent.response.stage.ms');
    expect(stages.map(({ attributes }) => attributes)).toEqual(
      STAGES.map((stage) => ({ kind: 'reply', stage })),
    );
  },
);

test('a turn that nobody heard counts, without a latency', () => {
  const collector = new MetricsCollector();
  new TurnRecorder(collector).turn(record('reply', 'error', false));
  expect(collector.metrics.toJSON()).toEqual({ agentTurns: { total: 1 } });
});

test('a greeting is no turn of a user', () => {
  const collector = new MetricsCollector();
  new TurnRecorder(collector).turn(record('greeting', 'completed'));
  expect(collector.metrics.agentTurns.total).toBe(0);
});

test.each(['thinking', 'speaking'] as const)(
  'an interruption while %s has both figures',
  async (phase) => {
    const telemetry = startTelemetry();
    const collector = new MetricsCollector();
    new TurnRecorder(collector).interruption(phase, 12);
    expect(collector.metrics.agentInterruptions.total).toBe(1);
    expect(collector.metrics.agentInterruptionLatencyMs).toMatchObject({ count: 1, sum: 12 });
    expect(await telemetry.value('agent.interruptions', { phase })).toBe(1);
  },
);

test('an interruption that a timer detected a moment too early has a latency all the same', () => {
  const collector = new MetricsCollector();
  new TurnRecorder(collector).interruption('speaking', -0.4);
  expect(collector.metrics.agentInterruptionLatencyMs).toMatchObject({ count: 1, sum: 0 });
});
