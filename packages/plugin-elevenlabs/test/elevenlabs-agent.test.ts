import type { AgentMetrics, TurnDetector, TurnRecord } from '@vision-agents/core';
import { Agent } from '@vision-agents/core';
import {
  RecordingLogger,
  says,
  ScriptedEdge,
  ScriptedLLM,
  ScriptedTurnDetector,
} from '@vision-agents/core/testing';
import { startSandbox } from '@vision-agents/sandbox';
import { expect, test, vi } from 'vitest';

import type { STTOptions } from '../src/index.ts';
import { STT, TTS } from '../src/index.ts';
import { SAMPLE_RATE_HZ, utterance } from './caller.ts';

const CALLER = { id: 'caller' };
const QUESTION = 'what is new';
const ANSWER = 'Nothing much.';

/** Has a caller ask a question, and hears what became of the turn. */
async function askWith(
  options: STTOptions,
  turnDetector: TurnDetector | undefined,
  endTurn: (spokenMs: number) => void,
): Promise<{ turn: TurnRecord; metrics: AgentMetrics }> {
  await using sandbox = await startSandbox({
    delays: { commitMs: 20, firstAudioMs: 20, lastAudioMs: 40 },
  });
  const access = { apiKey: 'test-key', baseUrl: sandbox.elevenlabsUrl };
  const edge = new ScriptedEdge([{ present: [CALLER] }]);
  const llm = new ScriptedLLM([says(ANSWER)]);
  await using agent = new Agent({
    edge,
    agentUser: { id: 'agent' },
    llm,
    stt: new STT({ ...access, ...options }),
    tts: new TTS(access),
    logger: new RecordingLogger(),
    ...(turnDetector && { turnDetector }),
  });
  const over = Promise.withResolvers<TurnRecord>();
  agent.on('turn', over.resolve);
  agent.on('error', ({ error }) => over.reject(error));
  await agent.join(await edge.createCall('test', 'call'));
  const { metrics } = agent;
  await vi.waitFor(() => expect(metrics.providerConnections.total).toBe(2));

  const samples = utterance(QUESTION, 700);
  for (let at = 0; at < samples.length; at += 320) {
    const frame = { samples: samples.subarray(at, at + 320), sampleRateHz: SAMPLE_RATE_HZ };
    edge.connections[0]?.hear(CALLER, frame);
  }
  endTurn(samples.length / 16 - 700);
  const turn = await over.promise;
  expect(sandbox.truth().counts['tts.characters']).toBe(ANSWER.length);
  expect(sandbox.truth().problems).toEqual([]);
  return { turn, metrics };
}

const ANSWERED = { outcome: 'completed', userText: QUESTION, agentText: ANSWER };

/** What was measured of what was heard. */
function figures({ sttTranscripts, sttLatencyMs, turnDurationMs, sttErrors }: AgentMetrics) {
  return [sttTranscripts.total, sttLatencyMs.count, turnDurationMs.count, sttErrors.total];
}

test('an agent answers when Scribe ends the turn', async () => {
  const { turn, metrics } = await askWith({}, undefined, () => undefined);
  expect(turn).toMatchObject(ANSWERED);
  expect(figures(metrics)).toEqual([1, 1, 1, 0]);
});

test('an agent has Scribe commit when its turn detector ends the turn', async () => {
  const turnDetector = new ScriptedTurnDetector();
  const { turn, metrics } = await askWith({ commitStrategy: 'manual' }, turnDetector, (spokenMs) =>
    turnDetector.report(
      { type: 'speech-start', offsetMs: 0 },
      { type: 'turn-end', eager: false, speechEndMs: spokenMs },
    ),
  );
  expect(turn).toMatchObject(ANSWERED);
  expect(figures(metrics)).toEqual([1, 1, 1, 0]);
});
