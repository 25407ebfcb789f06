import type {
  AgentMetrics,
  ModalityTokens,
  Realtime,
  RealtimeAgentOptions,
  RealtimeUsage,
  TurnRecord,
} from '@vision-agents/core';
import { Agent, CATALOGUE, setLogLevel } from '@vision-agents/core';
import * as gemini from '@vision-agents/plugin-gemini';
import * as local from '@vision-agents/plugin-local';
import * as openai from '@vision-agents/plugin-openai';
import type { CallAct, CallReport, Fault, Sandbox, SandboxTruth } from '@vision-agents/sandbox';
import { placeCall, startSandbox } from '@vision-agents/sandbox';
import { beforeAll, describe, expect, test, vi } from 'vitest';

import { getWeather } from '../src/weather-tool.ts';
import { measureLateness } from './lateness.ts';

const CHORD_MS = 60;

vi.setConfig({ testTimeout: 60_000 });
beforeAll(() => setLogLevel('silent'));

/** A call from both ends and behind the scenes. */
interface Call {
  readonly report: CallReport;
  readonly turns: readonly TurnRecord[];
  readonly errors: readonly unknown[];
  readonly usages: readonly RealtimeUsage[];
  readonly metrics: AgentMetrics;
  readonly truth: SandboxTruth;
  /** How far two clocks can be apart that look at the same on this machine, now. */
  readonly toleranceMs: number;
}

const apiKey = 'sandbox';

/** The models, each with a fault by which its session breaks in the answer to the first line. */
const MODELS: Readonly<
  Record<string, { readonly make: (sandbox: Sandbox) => Realtime; readonly fault: Fault }>
> = {
  gemini: {
    make: ({ geminiUrl: baseUrl }) => new gemini.Realtime({ apiKey, baseUrl }),
    fault: { provider: 'gemini-live', fault: 'reset', times: 1, after: 40 },
  },
  openai: {
    make: ({ openaiUrl: baseUrl }) => new openai.Realtime({ apiKey, baseUrl }),
    fault: { provider: 'openai-realtime', fault: 'session-expired', times: 1, after: 40 },
  },
};

async function callWith(
  model: keyof typeof MODELS,
  script: readonly (string | CallAct)[],
  faults: readonly Fault[] = [],
  faultsAfterGreeting: readonly Fault[] = [],
): Promise<Call> {
  using lateness = measureLateness();
  await using sandbox = await startSandbox({ chordMs: CHORD_MS });
  for (const fault of faults) sandbox.inject(fault);
  await using opened = new AsyncDisposableStack();
  const edge = opened.adopt(new local.Edge(), (part) => part.close());
  const options: RealtimeAgentOptions = {
    edge,
    agentUser: { id: 'agent' },
    instructions: 'Keep it short.',
    realtime: (MODELS[model] ?? fail()).make(sandbox),
    tools: { get_weather: getWeather },
  };
  await using agent = new Agent(options);
  const turns: TurnRecord[] = [];
  const errors: unknown[] = [];
  const usages: RealtimeUsage[] = [];
  agent.on('turn', (record) => {
    if (record.participant !== undefined) turns.push(record);
  });
  agent.on('error', ({ error }) => errors.push(error));
  agent.on('usage', ({ usage }) => usages.push(usage));
  const call = await edge.createCall('realtime', 'call');
  const talking = placeCall({
    url: call.socketUrl,
    lines: script,
    chordMs: CHORD_MS,
    onEvent: ({ type }) => {
      if (type === 'greeting') for (const fault of faultsAfterGreeting) sandbox.inject(fault);
    },
  });
  await agent.join(call);
  await agent.simpleResponse('Hello!');
  const report = await talking;
  await agent.finish();
  const toleranceMs = 100 + 10 * lateness.meanMs;
  return {
    report,
    turns,
    errors,
    usages,
    metrics: agent.metrics,
    truth: sandbox.truth(),
    toleranceMs,
  };
}

/** The agent's own figures of what the sandbox counts of realtime models. */
function expectCounts(metrics: AgentMetrics, { counts, inFlight }: SandboxTruth): void {
  const figures = new Map(Object.entries(metrics.toJSON()));
  for (const [key, { name }] of Object.entries(CATALOGUE)) {
    const count = counts[name];
    const isOfModel = name.startsWith('realtime.') || name === 'llm.tool_calls';
    if (count === undefined || !isOfModel) continue;
    const data = figures.get(key) ?? { total: 0 };
    const measured = 'total' in data ? data.total : Number.NaN;
    expect([name, measured]).toEqual([name, count]);
  }
  expect(inFlight).toEqual({});
}

/** All that was used was told by modality, and the model heard and spoke audio. */
function expectUsage({ usages, truth: { counts } }: Call): void {
  const input = usages.flatMap(({ inputByModality }) => inputByModality ?? fail());
  const output = usages.flatMap(({ outputByModality }) => outputByModality ?? fail());
  for (const splits of [input, output]) {
    expect(splits.some(({ audio = 0 }) => audio > 0)).toBe(true);
  }
  expect(input.some(({ text = 0 }) => text > 0)).toBe(true);
  expect(total(input)).toBe(counts['realtime.tokens.input']);
  expect(total(output)).toBe(counts['realtime.tokens.output']);
}

function total(splits: readonly ModalityTokens[]): number {
  return splits.flatMap((split) => Object.values(split)).reduce((a, b) => a + b, 0);
}

/** What the model took to answer is what the sandbox was told to take. */
function expectLatency({ metrics, truth, toleranceMs }: Call): void {
  const { realtimeTimeToFirstAudioMs } = metrics;
  const { count, meanMs } = truth.latencies['realtime.time_to_first_audio.ms'] ?? fail();
  expect(realtimeTimeToFirstAudioMs.count).toBe(count);
  expect(Math.abs((realtimeTimeToFirstAudioMs.average ?? 0) - meanMs)).toBeLessThan(toleranceMs);
}

function fail(): never {
  throw new Error('there is none');
}

function expectNothingOpen(metrics: AgentMetrics): void {
  expect(metrics.realtimeSessions.total).toBe(0);
  expect(metrics.providerConnections.total).toBe(0);
  expect(metrics.agentSessionsActive.total).toBe(0);
}

describe.concurrent.each(Object.entries(MODELS))('with the model of %s,', (model, { fault }) => {
  test('a caller is answered, with the latency that they hear', async () => {
    const call = await callWith(model, ['good morning.', 'weather in Paris?']);
    const { report, turns, errors, metrics, truth } = call;
    expect([...report.problems, ...truth.problems, ...errors]).toEqual([]);
    expect(turns.map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ['reply', 'completed'],
      ['tool_reply', 'completed'],
    ]);
    expect(turns.map(({ userText }) => userText)).toEqual(['good morning.', 'weather in Paris?']);
    expect(report.turns.map(({ heard }) => heard)).toEqual(turns.map(({ agentText }) => agentText));
    expectCounts(metrics, truth);
    expectUsage(call);
    expectNothingOpen(metrics);
    expect(metrics.llmToolCalls.total).toBe(1);
    expect(metrics.agentResponseLatencyMs.count).toBe(3);
    expect(metrics.realtimeTimeToFirstAudioMs.count).toBe(2);
    const heardMs = report.turns.map(({ responseLatencyMs = 0 }) => responseLatencyMs);
    const measuredMs = turns.map(({ timeline }) => timeline?.responseLatencyMs ?? 0);
    for (const [index, ms] of measuredMs.entries()) {
      expect(Math.abs(ms - (heardMs[index] ?? 0))).toBeLessThan(call.toleranceMs);
    }
  });

  test('a caller who interrupts is heard at once', async () => {
    const call = await callWith(model, [
      'tell me a story.',
      { type: 'interrupt', phase: 'speaking', afterMs: 900, text: 'stop it, please.' },
    ]);
    const { report, turns, errors, metrics, truth } = call;
    expect([...report.problems, ...truth.problems, ...errors]).toEqual([]);
    expect(turns.map(({ outcome }) => outcome)).toEqual(['interrupted', 'completed']);
    expect(metrics.agentInterruptions.total).toBe(1);
    expect(metrics.agentInterruptionLatencyMs.max).toBeLessThan(call.toleranceMs);
    expectLatency(call);
    const [cut] = report.turns;
    expect(cut?.answer).toBe('interrupted');
    const heard = turns[0]?.agentText ?? '';
    expect(heard).not.toBe('');
    expect('Once there was a lighthouse keeper. He spoke to nobody'.startsWith(heard)).toBe(true);
    expectCounts(metrics, truth);
    expectUsage(call);
    expectNothingOpen(metrics);
  });

  test('a session that breaks costs one answer, and is there again for the next', async () => {
    const script = ['good morning.', 'good evening.'];
    const { report, turns, metrics, truth } = await callWith(model, script, [fault]);
    expect(truth.problems).toEqual([]);
    expect(turns.map(({ outcome }) => outcome)).toEqual(['error', 'completed']);
    expect(report.turns.at(-1)?.heard).toContain('good evening');
    expect(metrics.realtimeErrors.total).toBe(1);
    expect(metrics.providerReconnects.total).toBe(1);
    expectNothingOpen(metrics);
  });

  test('a session that breaks before it answers is asked again, and answers once', async () => {
    const script = ['good morning.', 'good evening.'];
    const call = await callWith(model, script, [], [{ ...fault, after: 0 }]);
    const { report, turns, metrics, truth } = call;
    expect([...report.problems, ...truth.problems]).toEqual([]);
    expect(turns.map(({ outcome }) => outcome)).toEqual(['completed', 'completed']);
    expect(turns.map(({ userText }) => userText)).toEqual(script);
    expect(report.turns.map(({ heard }) => heard)).toEqual(turns.map(({ agentText }) => agentText));
    expect(metrics.realtimeErrors.total).toBe(1);
    expect(metrics.providerReconnects.total).toBe(1);
    expectNothingOpen(metrics);
  });
});

test.concurrent('a caller notices nothing when the service has a session move', async () => {
  const call = await callWith(
    'gemini',
    ['good morning.', 'good evening.'],
    [{ provider: 'gemini-live', fault: 'go-away', times: 1, after: 1, timeLeftMs: 8000 }],
  );
  const { report, turns, errors, metrics, truth } = call;
  expect([...report.problems, ...truth.problems, ...errors]).toEqual([]);
  expect(turns.map(({ outcome }) => outcome)).toEqual(['completed', 'completed']);
  expect(metrics.realtimeErrors.total).toBe(0);
  // Offsets begin anew with each socket.
  expectLatency(call);
  expectCounts(metrics, truth);
  expectNothingOpen(metrics);
});
