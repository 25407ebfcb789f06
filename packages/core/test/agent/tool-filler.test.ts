import { describe, expect, test } from 'vitest';

import type { ToolCall } from '../../src/index.ts';
import type { LLMStep, ScriptedSpeech } from '../../src/testing/index.ts';
import { ManualClock, asksFor, says, speaks } from '../../src/testing/index.ts';
import { SlowTool } from '../fakes/slow-tool.ts';
import type { CallScript } from '../fakes/test-call.ts';
import { TestCall } from '../fakes/test-call.ts';
import { startTelemetry } from '../metrics/telemetry.ts';

const FILLER = 'One moment, please.';
const ANSWER = 'It is booked.';
const book = (id: string, city = 'Paris'): ToolCall => ({
  id,
  name: 'book',
  arguments: { city },
});

interface Wait {
  readonly toolMs?: number;
  readonly fillerAfterMs?: number;
  readonly speeches: readonly ScriptedSpeech[];
  readonly rounds?: readonly (readonly LLMStep[])[];
  readonly agent?: CallScript['agent'];
}

/** The caller has asked for something that takes a tool `toolMs`. The turn ended 400 ms after it began. */
async function callThatWaits({ toolMs = 3000, fillerAfterMs = 500, ...script }: Wait) {
  const clock = new ManualClock();
  const slow = new SlowTool(clock, { takesMs: toolMs });
  const call = new TestCall({
    clock,
    rounds: [asksFor([book('a')], { afterMs: 300 }), says(ANSWER, { afterMs: 250 })],
    ...script,
    agent: {
      tools: { book: slow.tool },
      toolFiller: { text: FILLER, afterMs: fillerAfterMs },
      interruption: { minSpeechMs: 0, minWords: 0 },
      ...script.agent,
    },
  });
  await call.join();
  await call.userSays('Book a table.');
  return call;
}

describe('a filler', () => {
  const filler = speaks(FILLER, { afterMs: 80, audioMs: 400, level: 1 });
  const answer = speaks(ANSWER, { afterMs: 80, level: 2 });

  test('is said when tools keep the caller waiting, and the answer follows', async () => {
    const call = await callThatWaits({ speeches: [filler, answer] });
    await call.clock.advance(6000);
    expect(call.turns).toMatchObject([{ outcome: 'completed', agentText: `${FILLER} ${ANSWER}` }]);
    expect(call.frameTimes[0]).toBe(1900 + 500 + 80);
    expect(new Set(call.frameLevels)).toEqual(new Set([1, 2]));
    expect(call.agentTranscripts.at(-1)).toEqual({ text: `${FILLER} ${ANSWER}`, final: true });
    expect(call.agent.metrics.ttsCharacters.total).toBe(FILLER.length + ANSWER.length);
  });

  test('is in the conversation, before the results of the tools that it waited for', async () => {
    const call = await callThatWaits({ speeches: [filler, answer] });
    await call.clock.advance(6000);
    expect(call.llm.requests[1]?.messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant', text: FILLER, toolCalls: [book('a')], interrupted: false },
      { role: 'tool', results: [{ callId: 'a', output: 'Paris: run 1' }] },
    ]);
  });

  test('is no answer: the latency goes on until that', async () => {
    const telemetry = startTelemetry();
    const call = await callThatWaits({ speeches: [filler, answer] });
    await call.clock.advance(6000);
    expect(call.turns[0]).toMatchObject({
      kind: 'tool_reply',
      marks: { fillerStart: 2480, firstSentence: 5150, ttsRequest: 5150, playoutStart: 5230 },
      timeline: {
        responseLatencyMs: 5230 - 1400,
        stages: { endpointing: 200, llm: 550, tool: 3000, sentence: 0, tts: 80, playout: 0 },
        overheadMs: 0,
      },
    });
    const latency = await telemetry.histogram('agent.response.latency.ms', { kind: 'tool_reply' });
    expect(latency).toMatchObject({ count: 1, sum: 3830 });
  });

  test('that is longer than the wait is said to its end; the time is not ours', async () => {
    const long = speaks(FILLER, { afterMs: 80, audioMs: 5000 });
    const call = await callThatWaits({ speeches: [long, answer] });
    await call.clock.advance(9000);
    expect(call.turns[0]).toMatchObject({
      marks: { ttsFirstAudio: 5230, playoutStart: 7480 },
      timeline: { stages: { tts: 80, playout: 2250 }, overheadMs: 0 },
    });
  });

  test('is said once in an answer, however often tools are slow', async () => {
    const call = await callThatWaits({
      rounds: [asksFor([book('a')]), asksFor([book('b', 'Oslo')]), says(ANSWER)],
      speeches: [filler, answer],
    });
    await call.clock.advance(9000);
    expect(call.turns[0]).toMatchObject({ agentText: `${FILLER} ${ANSWER}` });
  });

  test('is said again in the next answer', async () => {
    const rounds = [asksFor([book('a')]), says(ANSWER)];
    const call = await callThatWaits({
      rounds: [...rounds, ...rounds],
      speeches: [filler, answer, filler, answer],
    });
    await call.clock.advance(5000);
    await call.userSays('Another one.');
    await call.clock.advance(5000);
    expect(call.turns.map(({ agentText }) => agentText)).toEqual(
      Array(2).fill(`${FILLER} ${ANSWER}`),
    );
  });

  test('waits for two seconds by default', async () => {
    const call = await callThatWaits({
      speeches: [filler, answer],
      agent: { toolFiller: { text: FILLER } },
    });
    await call.clock.advance(6000);
    expect(call.turns[0]?.marks.fillerStart).toBe(1900 + 2000 + 80);
  });
});

describe('no filler is said', () => {
  const answer = speaks(ANSWER);

  test('when the tools are done in time', async () => {
    const call = await callThatWaits({ toolMs: 499, speeches: [answer] });
    await call.clock.advance(6000);
    expect(call.turns[0]).toMatchObject({ agentText: ANSWER });
  });

  test.each([
    ['and is heard', speaks('Let me see.', { audioMs: 600 })],
    ['and the voice is slow', speaks('Let me see.', { afterMs: 2000 })],
  ])('when the model says something itself %s', async (_, words) => {
    const call = await callThatWaits({
      rounds: [[{ type: 'text', text: 'Let me see.' }, ...asksFor([book('a')])], says(ANSWER)],
      speeches: [words, answer],
    });
    await call.clock.advance(6000);
    expect(call.turns[0]).toMatchObject({ kind: 'reply', agentText: `Let me see. ${ANSWER}` });
  });

  test('when the user interrupts before', async () => {
    const call = await callThatWaits({
      rounds: [asksFor([book('a')]), says('Fine.')],
      speeches: [speaks('Fine.')],
    });
    await call.clock.advance(300);
    await call.userSays('Never mind.');
    await call.clock.advance(6000);
    expect(call.turns).toMatchObject([{ agentText: '' }, { agentText: 'Fine.' }]);
  });
});

test('a filler is said in a later round though the model spoke in an earlier one', async () => {
  const call = await callThatWaits({
    rounds: [
      [{ type: 'text', text: 'Let me see.' }, ...asksFor([book('a')])],
      asksFor([book('b', 'Oslo')]),
      says(ANSWER),
    ],
    speeches: [speaks('Let me see.'), speaks(FILLER), speaks(ANSWER)],
  });
  await call.clock.advance(9000);
  expect(call.llm.requests[2]?.messages).toMatchObject([
    { role: 'user' },
    { text: 'Let me see.', toolCalls: [book('a')] },
    { role: 'tool' },
    { text: FILLER, toolCalls: [book('b', 'Oslo')] },
    { role: 'tool' },
  ]);
});

test('a user who interrupts a filler has heard no answer, and what was heard is remembered', async () => {
  const telemetry = startTelemetry();
  const call = await callThatWaits({
    rounds: [asksFor([book('a')]), says('Fine.')],
    speeches: [speaks(FILLER, { audioMs: 1900 }), speaks('Fine.')],
  });
  await call.clock.advance(500 + 1000);
  await call.userSays('Never mind.');
  await call.clock.advance(6000);
  expect(call.turns[0]).toMatchObject({
    outcome: 'interrupted',
    interruptedWhile: 'speaking',
    agentText: 'One moment',
    timeline: undefined,
  });
  expect(call.llm.requests[1]?.messages.slice(1, 3)).toMatchObject([
    { role: 'assistant', text: 'One moment', toolCalls: [book('a')], interrupted: true },
    { role: 'tool', results: [{ callId: 'a' }] },
  ]);
  const latency = await telemetry.histogram('agent.response.latency.ms', { kind: 'tool_reply' });
  expect(latency?.count ?? 0).toBe(0);
  expect(call.agent.metrics.agentResponseLatencyMs.count).toBe(1);
});

test('an answer of nothing but a filler is empty', async () => {
  const call = await callThatWaits({
    rounds: [asksFor([book('a')]), says('')],
    speeches: [speaks(FILLER), speaks('Sorry.')],
    agent: { apology: 'Sorry.' },
  });
  await call.clock.advance(6000);
  expect(call.errors).toMatchObject([{ code: 'empty_answer' }]);
  expect(call.turns[0]).toMatchObject({ outcome: 'error', agentText: `${FILLER} Sorry.` });
});

test.each([
  ['is not dead air', 500, 0],
  ['that comes too late does not undo dead air', 1200, 1],
])('a wait with a filler %s', async (_, fillerAfterMs, deadAir) => {
  const call = await callThatWaits({
    fillerAfterMs,
    speeches: [speaks(FILLER), speaks(ANSWER)],
    agent: { deadAirMs: 1000 },
  });
  await call.clock.advance(6000);
  expect(call.turns[0]).toMatchObject({ agentText: `${FILLER} ${ANSWER}` });
  expect(call.agent.metrics.agentDeadAir.total).toBe(deadAir);
});
