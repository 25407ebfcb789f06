import type { AgentMetrics, TurnDetector, TurnRecord } from '@vision-agents/core';
import { Agent } from '@vision-agents/core';
import {
  RecordingLogger,
  says,
  ScriptedEdge,
  ScriptedLLM,
  ScriptedTTS,
  ScriptedTurnDetector,
  speaks,
} from '@vision-agents/core/testing';
import type { Sandbox } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import type { STTOptions } from '../src/index.ts';
import { STT } from '../src/index.ts';
import { FRAME_SAMPLES, SAMPLE_RATE_HZ, utterance } from './caller.ts';

// The SDK is slow to load; a test that times out for it would say nothing.
beforeAll(() => import('openai/realtime/ws'), 60_000);

const CALLER = { id: 'caller' };
const QUESTION = 'what is new';
const ANSWER = 'Nothing much.';
const ANSWERED = { outcome: 'completed', userText: QUESTION, agentText: ANSWER };

let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await startSandbox({ delays: { commitMs: 20 } });
});

afterEach(() => sandbox.close());

interface Asking {
  readonly options?: STTOptions;
  readonly turnDetector?: TurnDetector;
  /** Called when all was said, so much of it before the silence. */
  readonly endTurn?: (spokenMs: number) => void;
}

/** Has a caller ask a question, and hears what became of the turn. */
async function ask({ options, turnDetector, endTurn }: Asking): Promise<{
  readonly turn: TurnRecord;
  readonly metrics: AgentMetrics;
}> {
  const edge = new ScriptedEdge([{ present: [CALLER] }]);
  await using agent = new Agent({
    edge,
    agentUser: { id: 'agent' },
    llm: new ScriptedLLM([says(ANSWER)]),
    stt: new STT({ apiKey: 'test-key', baseUrl: sandbox.openaiUrl, ...options }),
    tts: new ScriptedTTS([speaks(ANSWER)]),
    logger: new RecordingLogger(),
    ...(turnDetector && { turnDetector }),
  });
  const over = Promise.withResolvers<TurnRecord>();
  agent.on('turn', over.resolve);
  await agent.join(await edge.createCall('test', 'call'));
  const { metrics } = agent;
  const hear = (samples: Int16Array): void =>
    edge.connections[0]?.hear(CALLER, { samples, sampleRateHz: SAMPLE_RATE_HZ });
  hear(new Int16Array(FRAME_SAMPLES));
  await vi.waitFor(() => expect(sandbox.truth().counts['stt.audio_duration.ms']).toBe(20));

  const samples = utterance(QUESTION, 800);
  for (let at = 0; at < samples.length; at += FRAME_SAMPLES) {
    hear(samples.subarray(at, at + FRAME_SAMPLES));
  }
  endTurn?.(samples.length / 24 - 780);
  const turn = await over.promise;
  expect(sandbox.truth().problems).toEqual([]);
  return { turn, metrics };
}

test('an agent answers when OpenAI ends the turn', async () => {
  const { turn, metrics } = await ask({});
  expect(turn).toMatchObject(ANSWERED);
  expect(metrics.sttTranscripts.total).toBe(1);
  expect(metrics.sttLatencyMs.count).toBe(1);
  expect(metrics.agentResponseLatencyMs.count).toBe(1);
});

test.each(['gpt-4o-mini-transcribe', 'gpt-live-transcribe'])(
  'an agent has %s commit when its turn detector ends the turn, which knows when that was',
  async (model) => {
    const turnDetector = new ScriptedTurnDetector();
    const { turn, metrics } = await ask({
      options: { model, turnDetection: false },
      turnDetector,
      endTurn: (spokenMs) =>
        turnDetector.report(
          { type: 'speech-start', offsetMs: 0 },
          { type: 'turn-end', eager: false, speechEndMs: spokenMs },
        ),
    });
    expect(turn).toMatchObject(ANSWERED);
    expect(metrics.sttTranscripts.total).toBe(1);
    expect(metrics.sttLatencyMs.count).toBe(0);
    expect(metrics.turnDurationMs.count).toBe(1);
    expect(metrics.agentResponseLatencyMs.count).toBe(1);
  },
);

test('an hour that is over is a reconnect, and what is said then is answered', async () => {
  sandbox.inject({ provider: 'openai-transcription', fault: 'session-expired', times: 1 });
  const edge = new ScriptedEdge([{ present: [CALLER] }]);
  await using agent = new Agent({
    edge,
    agentUser: { id: 'agent' },
    llm: new ScriptedLLM([says(ANSWER)]),
    stt: new STT({ apiKey: 'test-key', baseUrl: sandbox.openaiUrl }),
    tts: new ScriptedTTS([speaks(ANSWER)]),
    logger: new RecordingLogger(),
  });
  const over = Promise.withResolvers<TurnRecord>();
  agent.on('turn', over.resolve);
  await agent.join(await edge.createCall('test', 'call'));
  const { metrics } = agent;
  const hear = (samples: Int16Array): void =>
    edge.connections[0]?.hear(CALLER, { samples, sampleRateHz: SAMPLE_RATE_HZ });
  await vi.waitFor(() => expect(metrics.providerConnections.total).toBe(1));
  hear(new Int16Array(FRAME_SAMPLES));
  await vi.waitFor(() => expect(metrics.sttErrors.total).toBe(1));
  hear(utterance(QUESTION, 800));
  expect(await over.promise).toMatchObject(ANSWERED);
  expect(metrics.providerReconnects.total).toBe(1);
  expect(metrics.sttErrors.total).toBe(1);
});
