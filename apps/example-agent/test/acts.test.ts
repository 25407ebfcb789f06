import type { AgentMetrics, SessionEndReason, TurnRecord } from '@vision-agents/core';
import { CATALOGUE, setLogLevel } from '@vision-agents/core';
import * as deepgram from '@vision-agents/plugin-deepgram';
import * as elevenlabs from '@vision-agents/plugin-elevenlabs';
import * as gemini from '@vision-agents/plugin-gemini';
import * as local from '@vision-agents/plugin-local';
import type { CallAct, CallReport, SandboxTruth } from '@vision-agents/sandbox';
import { placeCall, startSandbox } from '@vision-agents/sandbox';
import { beforeAll, describe, expect, test, vi } from 'vitest';

import { createAgent } from '../src/create-agent.ts';
import { hangUpAfterGoodbye } from '../src/demo/goodbye.ts';

const CHORD_MS = 60;

vi.setConfig({ testTimeout: 60_000 });
beforeAll(() => setLogLevel('silent'));

/** A call from both ends and behind the scenes. */
interface Call {
  readonly report: CallReport;
  readonly turns: readonly TurnRecord[];
  readonly metrics: AgentMetrics;
  readonly endReason: SessionEndReason;
  readonly truth: SandboxTruth;
}

async function callWith(script: readonly (string | CallAct)[]): Promise<Call> {
  await using sandbox = await startSandbox({ chordMs: CHORD_MS });
  await using opened = new AsyncDisposableStack();
  const edge = opened.adopt(new local.Edge(), (part) => part.close());
  const apiKey = 'sandbox';
  const providers = {
    stt: new deepgram.STT({ apiKey, baseUrl: sandbox.deepgramUrl, eagerTurnDetection: true }),
    llm: new gemini.LLM({ apiKey, baseUrl: sandbox.geminiUrl }),
    tts: new elevenlabs.TTS({ apiKey, baseUrl: sandbox.elevenlabsUrl }),
  };
  await using agent = createAgent(providers, edge);
  const turns: TurnRecord[] = [];
  agent.on('turn', (record) => {
    if (record.participant !== undefined) turns.push(record);
  });
  hangUpAfterGoodbye(agent);
  const call = await edge.createCall('acts', 'call');
  const talking = placeCall({ url: call.socketUrl, lines: script, chordMs: CHORD_MS });
  await agent.join(call);
  await agent.simpleResponse('Hello!');
  const report = await talking;
  const endReason = await agent.finish();
  return { report, turns, metrics: agent.metrics, endReason, truth: sandbox.truth() };
}

/** The agent's own figures of what the sandbox counts. */
function measured(metrics: AgentMetrics, counts: SandboxTruth['counts']): Record<string, number> {
  const figures = new Map(Object.entries(metrics.toJSON()));
  const wanted = Object.entries(CATALOGUE).filter(([, { name }]) => name in counts);
  return Object.fromEntries(
    wanted.map(([key, { name }]) => {
      const data = figures.get(key) ?? { total: 0 };
      return [name, rounded('sum' in data ? data.sum : data.total)];
    }),
  );
}

/** Durations are sums of fractions. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

interface Case {
  readonly script: readonly (string | CallAct)[];
  /** How the user's turns end for the agent. */
  readonly outcomes: readonly TurnRecord['outcome'][];
  readonly interruptions?: number;
  /** Answers that were begun before it was certain that they were wanted. */
  readonly speculations: number;
  readonly aborted?: { readonly llm: number };
  readonly endReason?: SessionEndReason;
}

const STORY = 'tell me a story.';

const CASES: Readonly<Record<string, Case>> = {
  'is interrupted while the agent speaks': {
    script: [
      STORY,
      { type: 'interrupt', phase: 'speaking', afterMs: 600, text: 'stop it, please.' },
    ],
    outcomes: ['interrupted', 'completed'],
    interruptions: 1,
    speculations: 2,
  },
  'is interrupted while the agent thinks': {
    script: [
      'think about the sea.',
      { type: 'interrupt', phase: 'thinking', afterMs: 700, text: 'never mind that.' },
    ],
    outcomes: ['interrupted', 'completed'],
    interruptions: 1,
    speculations: 2,
    aborted: { llm: 1 },
  },
  'is interrupted twice': {
    script: [
      STORY,
      { type: 'interrupt', phase: 'speaking', afterMs: 400, text: 'another story.' },
      { type: 'interrupt', phase: 'speaking', afterMs: 700, text: 'stop it, please.' },
    ],
    outcomes: ['interrupted', 'interrupted', 'completed'],
    interruptions: 2,
    speculations: 3,
  },
  'has a hesitation': {
    script: [{ type: 'hesitate', text: 'how do I', pauseMs: 250, rest: 'reset my phone?' }],
    outcomes: ['completed'],
    speculations: 2,
    aborted: { llm: 1 },
  },
  'has back-channels': {
    script: [
      'count to twenty.',
      { type: 'back-channel', afterMs: 1000, text: 'uh-huh' },
      { type: 'back-channel', afterMs: 3500, text: 'yeah' },
      { type: 'back-channel', afterMs: 6000, text: 'okay' },
    ],
    outcomes: ['no_response', 'no_response', 'no_response', 'completed'],
    speculations: 1,
  },
  'is hung up in an answer': {
    script: [STORY, { type: 'hang-up', afterMs: 700 }],
    outcomes: ['interrupted'],
    speculations: 1,
  },
  'ends with a farewell': {
    script: [{ type: 'farewell', text: 'goodbye.' }],
    outcomes: ['completed'],
    speculations: 1,
    endReason: 'closed',
  },
};

describe.concurrent('every count is what happened in a call that', () => {
  test.for(Object.entries(CASES))('%s', async ([, expected]) => {
    const { report, turns, metrics, endReason, truth } = await callWith(expected.script);
    expect([...report.problems, ...truth.problems]).toEqual([]);
    expect(turns.map(({ outcome }) => outcome)).toEqual(expected.outcomes);
    expect(endReason).toBe(expected.endReason ?? 'hangup');

    const { counts, outcomes } = truth;
    const wanted = Object.entries(counts).map(([name, count]) => [name, rounded(count)]);
    expect(measured(metrics, counts)).toEqual(Object.fromEntries(wanted));
    expect(truth.inFlight).toEqual({});
    expect(outcomes['llm.requests'].aborted).toBe(expected.aborted?.llm ?? 0);
    expect(metrics.llmLatencyMs.count).toBe(outcomes['llm.requests'].completed);
    expect(metrics.ttsLatencyMs.count).toBe(outcomes['tts.requests'].completed);
    expect(metrics.ttsErrors.total + metrics.llmErrors.total + metrics.sttErrors.total).toBe(0);

    expect(metrics.agentTurns.total).toBe(expected.outcomes.length);
    expect(metrics.agentInterruptions.total).toBe(expected.interruptions ?? 0);
    expect(metrics.agentSpeculation.total).toBe(expected.speculations);
    expect(metrics.agentSessionsActive.total).toBe(0);
    expect(metrics.agentDeadAir.total).toBe(0);
    expect(metrics.providerConnections.total).toBe(0);
  });
});
