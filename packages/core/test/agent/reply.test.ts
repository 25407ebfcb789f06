import { describe, expect, test } from 'vitest';

import type { LLMStep } from '../../src/testing/index.ts';
import { says, settled, speaks } from '../../src/testing/index.ts';
import { TestCall } from '../fakes/test-call.ts';
import { startTelemetry } from '../metrics/telemetry.ts';

const ANSWER = says(['Hello', ' there. ', 'How are you?'], { afterMs: 300, everyMs: 20 });
const SPEECHES = [
  speaks('Hello there.', { afterMs: 80, audioMs: 100, level: 1 }),
  speaks('How are you?', { afterMs: 60, audioMs: 60, level: 2 }),
];

/** A call in which the caller said `Hi.` and was answered. */
async function answeredCall(rounds: readonly (readonly LLMStep[])[] = [ANSWER]): Promise<TestCall> {
  const agent = { instructions: 'Be brief.' };
  const call = await new TestCall({ rounds, speeches: SPEECHES, agent }).join();
  await call.userSays('Hi.');
  await call.clock.advance(1000);
  return call;
}

describe('a turn of a user', () => {
  test('is answered, and its record has all marks in order', async () => {
    const call = await answeredCall();
    expect(call.turns).toHaveLength(1);
    const [record] = call.turns;
    expect(record).toMatchObject({
      id: 'turn-1',
      kind: 'reply',
      outcome: 'completed',
      participant: { id: 'caller' },
      userText: 'Hi.',
      agentText: 'Hello there. How are you?',
      interruptedWhile: undefined,
    });
    expect(record?.marks).toEqual({
      speechStart: 1000,
      speechEnd: 1400,
      transcriptFinal: 1600,
      endpointed: 1600,
      committed: 1600,
      llmRequest: 1600,
      llmFirstToken: 1900,
      firstSentence: 1920,
      ttsRequest: 1920,
      ttsFirstAudio: 2000,
      playoutStart: 2000,
      playoutEnd: 2140,
    });
    expect(record?.timeline).toEqual({
      responseLatencyMs: 600,
      stages: { endpointing: 200, llm: 300, tool: 0, sentence: 20, tts: 80, playout: 0 },
      overheadMs: 0,
    });
  });

  test('is heard sentence by sentence, without a gap', async () => {
    const call = await answeredCall();
    expect(call.frameLevels).toEqual([1, 1, 1, 1, 1, 2, 2, 2]);
    expect(call.frameTimes).toEqual([2000, 2020, 2040, 2060, 2080, 2100, 2120, 2140]);
  });

  test('is heard in order also when a later sentence is synthesised sooner', async () => {
    const slow = [
      { type: 'audio' as const, ms: 60, level: 1 },
      { type: 'wait' as const, ms: 100 },
      { type: 'audio' as const, ms: 60, level: 2 },
    ];
    const call = await new TestCall({
      rounds: [says('First. Second. Third.')],
      speeches: [
        { text: 'First.', steps: slow },
        speaks('Second.', { audioMs: 40, level: 3 }),
        speaks('Third.', { audioMs: 40, level: 4 }),
      ],
    }).join();
    await call.userSays('Count.');
    await call.clock.advance(1000);
    expect(call.frameLevels).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 4, 4]);
    expect(call.turns).toMatchObject([{ agentText: 'First. Second. Third.' }]);
  });

  test('has each of its figures once', async () => {
    const call = await answeredCall();
    const counts = Object.entries(call.agent.metrics.toJSON()).map(([key, figures]) => [
      key,
      'count' in figures ? [figures.count, figures.sum] : figures.total,
    ]);
    expect(Object.fromEntries(counts)).toEqual({
      sttLatencyMs: [1, 200],
      sttAudioDurationMs: [1, 600],
      sttTranscripts: 1,
      turnDurationMs: [1, 400],
      turnTrailingSilenceMs: [1, 200],
      llmRequests: 1,
      llmLatencyMs: [1, 340],
      llmTimeToFirstTokenMs: [1, 300],
      llmInputTokens: 10,
      llmOutputTokens: 5,
      ttsRequests: 2,
      ttsLatencyMs: [2, 140],
      ttsTimeToFirstAudioMs: [2, 140],
      ttsAudioDurationMs: [2, 160],
      ttsCharacters: 'Hello there.How are you?'.length,
      agentTurns: 1,
      agentResponseLatencyMs: [1, 600],
      agentFrameworkOverheadMs: [1, 0],
      agentResponseStageMs: [6, 600],
      agentJoinDurationMs: [1, 0],
      agentSessionsActive: 1,
      providerConnections: 2,
    });
  });

  test('is exported under its kind and outcome', async () => {
    const telemetry = startTelemetry();
    await answeredCall();
    const kind = { kind: 'reply' };
    expect(await telemetry.value('agent.turns', { outcome: 'completed' })).toBe(1);
    const latency = await telemetry.histogram('agent.response.latency.ms', kind);
    expect(latency).toMatchObject({ count: 1, sum: 600 });
    const llm = await telemetry.histogram('agent.response.stage.ms', { ...kind, stage: 'llm' });
    expect(llm).toMatchObject({ count: 1, sum: 300 });
  });

  test('is told as it goes: states, transcripts and captions', async () => {
    const call = await answeredCall();
    expect(call.states).toEqual(['listening', 'thinking', 'speaking', 'listening']);
    expect(call.userTranscripts).toMatchObject([{ text: 'Hi.', final: true }]);
    expect(call.agentTranscripts).toEqual([
      { text: 'Hello there.', final: false },
      { text: 'Hello there. How are you?', final: false },
      { text: 'Hello there. How are you?', final: true },
    ]);
    expect(call.connection.captions).toEqual([
      { speaker: 'user', text: 'Hi.', final: true },
      { speaker: 'agent', text: 'Hello there.', final: false },
      { speaker: 'agent', text: 'Hello there. How are you?', final: false },
      { speaker: 'agent', text: 'Hello there. How are you?', final: true },
    ]);
  });

  test('is part of what the model is told next', async () => {
    const call = await answeredCall([ANSWER, says('Good.')]);
    call.tts.script.add(speaks('Good.'));
    await call.userSays('Fine.');
    await call.clock.advance(500);
    expect(call.llm.requests[1]).toEqual({
      instructions: 'Be brief.',
      messages: [
        { role: 'user', text: 'Hi.', participantId: 'caller' },
        {
          role: 'assistant',
          text: 'Hello there. How are you?',
          toolCalls: [],
          interrupted: false,
        },
        { role: 'user', text: 'Fine.', participantId: 'caller' },
      ],
    });
    expect(call.turns.map(({ id }) => id)).toEqual(['turn-1', 'turn-2']);
  });
});

describe('what a user said', () => {
  test('is put together from all final transcripts of the turn', async () => {
    const call = await new TestCall({ rounds: [says('Yes.')], speeches: [speaks('Yes.')] }).join();
    call.ears.report(
      { type: 'transcript', text: 'I would', final: false },
      { type: 'transcript', text: 'I would like', final: true },
      { type: 'transcript', text: '', final: true },
      { type: 'transcript', text: 'a table.', final: true },
      { type: 'turn-end', eager: false },
    );
    await call.clock.advance(500);
    expect(call.turns[0]?.userText).toBe('I would like a table.');
    expect(call.userTranscripts.map(({ text, final }) => [text, final])).toEqual([
      ['I would', false],
      ['I would like', true],
      ['a table.', true],
    ]);
  });

  test('may be nothing: the turn ends without a request', async () => {
    const call = await new TestCall().join();
    call.ears.report({ type: 'speech-start' }, { type: 'turn-end', eager: false });
    await settled();
    expect(call.turns).toMatchObject([
      { outcome: 'no_response', userText: '', timeline: undefined },
    ]);
    expect(call.llm.requests).toEqual([]);
    expect(call.agent.metrics.agentTurns.total).toBe(1);
  });

  test('without a known end of speech is answered, and no latency is made up', async () => {
    const call = await new TestCall({ rounds: [says('Yes.')], speeches: [speaks('Yes.')] }).join();
    call.ears.report(
      { type: 'transcript', text: 'Is it open?', final: true },
      { type: 'turn-end', eager: false },
    );
    await call.clock.advance(500);
    expect(call.turns).toMatchObject([{ outcome: 'completed', timeline: undefined }]);
    const { metrics } = call.agent;
    expect(metrics.agentResponseLatencyMs.count).toBe(0);
    expect(metrics.agentFrameworkOverheadMs.count).toBe(0);
    expect(metrics.sttLatencyMs.count).toBe(0);
    expect(metrics.agentTurns.total).toBe(1);
  });

  test('has no latency when the end of its last words is not known, whatever came before', async () => {
    const call = await new TestCall({ rounds: [says('Yes.')], speeches: [speaks('Yes.')] }).join();
    await call.microphone(1000);
    call.ears.report(
      { type: 'transcript', text: 'Is it', final: true, speechStartMs: 0, speechEndMs: 300 },
      { type: 'transcript', text: 'open?', final: true },
      { type: 'turn-end', eager: false },
    );
    await call.clock.advance(500);
    expect(call.turns).toMatchObject([{ userText: 'Is it open?', timeline: undefined }]);
    expect(call.agent.metrics.agentResponseLatencyMs.count).toBe(0);
  });

  test('is committed by its final transcript where the speech to text knows no turns', async () => {
    const call = await new TestCall({
      detectsTurns: false,
      rounds: [says('One.'), says('Two.')],
      speeches: [speaks('One.', { audioMs: 1000 }), speaks('Two.')],
    }).join();
    call.ears.report({ type: 'transcript', text: 'First', final: false });
    await settled();
    expect(call.llm.requests).toEqual([]);
    call.ears.report({ type: 'transcript', text: 'First.', final: true });
    await call.clock.advance(200);
    expect(call.turns).toEqual([]);
    call.ears.report({ type: 'transcript', text: 'Second', final: false });
    await settled();
    expect(call.turns).toMatchObject([{ userText: 'First.', outcome: 'interrupted' }]);
    call.ears.report({ type: 'transcript', text: 'Second.', final: true });
    await call.clock.advance(500);
    expect(call.turns[1]).toMatchObject({ userText: 'Second.', outcome: 'completed' });
    expect(call.agent.metrics.agentInterruptions.total).toBe(1);
  });
});

test('an answer without text is an error of its turn', async () => {
  const call = await new TestCall({
    rounds: [[{ type: 'end', reason: 'stop' }], says('Yes.'), says(' \n')],
    speeches: [speaks('Yes.')],
  }).join();
  await call.userSays('Hm.');
  await settled();
  await call.userSays('Is it open?');
  await call.clock.advance(500);
  await call.userSays('Hm.');
  await settled();
  expect(call.turns).toMatchObject([
    { outcome: 'error', agentText: '' },
    { outcome: 'completed' },
    { outcome: 'error', agentText: '' },
  ]);
  expect(call.turns[2]?.marks).not.toHaveProperty('playoutEnd');
  expect(call.errors).toMatchObject([{ code: 'empty_answer' }, { code: 'empty_answer' }]);
  expect(call.states.at(-1)).toBe('listening');
});

test('a listener that throws hurts neither the turn nor the other listeners', async () => {
  const call = new TestCall({ rounds: [says('Yes.')], speeches: [speaks('Yes.')] });
  for (const name of ['state', 'turn', 'user-transcript', 'agent-transcript', 'ended'] as const) {
    call.agent.on(name, () => {
      throw new Error('a bad listener');
    });
  }
  const heard: string[] = [];
  const off = call.agent.on('state', ({ state }) => heard.push(state));
  await call.join();
  await call.userSays('Is it open?');
  await call.clock.advance(500);
  off();
  await call.agent.close();
  expect(call.turns).toMatchObject([{ outcome: 'completed' }]);
  expect(heard).toEqual(['listening', 'thinking', 'speaking', 'listening']);
  expect(call.logger.entries.filter(({ message }) => message.includes('listener'))).toHaveLength(
    4 + 1 + 1 + 2 + 1 + 1, // states, turn, user's words, agent's words, closed, ended
  );
});

test('sentences whose lengths are fractions of a millisecond were heard to their last character', async () => {
  const sentences = ['One.', 'Two.', 'Three.', 'Four.', 'Five.', 'Six.'];
  const steps = [{ type: 'audio', ms: 100 / 3, level: 1000 }] as const;
  const call = new TestCall({
    rounds: [says(sentences.map((sentence) => `${sentence} `))],
    speeches: sentences.map((text) => ({ text, steps })),
    ttsSampleRateHz: 24_000,
  });
  await call.join();
  await call.userSays('Count.');
  await call.clock.advance(1000);
  expect(call.turns).toMatchObject([{ agentText: sentences.join(' '), outcome: 'completed' }]);
});
