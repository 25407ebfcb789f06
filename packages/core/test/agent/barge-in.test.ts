import { describe, expect, test } from 'vitest';

import { says, speaks } from '../../src/testing/index.ts';
import type { CallScript } from '../fakes/test-call.ts';
import { TestCall } from '../fakes/test-call.ts';
import { startTelemetry } from '../metrics/telemetry.ts';

const ANSWER = 'One two three four five six seven eight nine ten.';

/** A call in which the caller asked something; the answer begins to sound `afterMs` later. */
async function askedCall(script: CallScript): Promise<TestCall> {
  const call = await new TestCall(script).join();
  await call.userSays('Count to ten.');
  return call;
}

describe('a user who speaks while the agent thinks', () => {
  const thought = says(ANSWER, { afterMs: 1000 });

  test('stops the request, and nothing of the answer is heard', async () => {
    const call = await askedCall({
      rounds: [thought, says('Yes.')],
      speeches: [speaks('Yes.')],
    });
    await call.clock.advance(500);
    await call.bargeIn();
    expect(call.llm.signals[0]?.aborted).toBe(true);
    expect(call.turns).toMatchObject([
      { outcome: 'interrupted', interruptedWhile: 'thinking', agentText: '', timeline: undefined },
    ]);
    expect(call.turns[0]?.marks.interruptedAt).toBe(call.clock.now());
    await call.clock.advance(5000);
    expect(call.connection.frames).toEqual([]);
    expect(call.states).toEqual(['listening', 'thinking', 'listening']);
    await call.userSays('Are you there?');
    await call.clock.advance(500);
    expect(call.turns[1]).toMatchObject({ outcome: 'completed' });
  });

  test('counts as an interruption of thinking, and the request as interrupted', async () => {
    const telemetry = startTelemetry();
    const call = await askedCall({ rounds: [thought] });
    await call.clock.advance(500);
    await call.bargeIn();
    expect(await telemetry.value('agent.interruptions', { phase: 'thinking' })).toBe(1);
    expect(await telemetry.value('llm.requests', { outcome: 'interrupted' })).toBe(1);
    expect(await telemetry.value('agent.turns', { outcome: 'interrupted' })).toBe(1);
    const { metrics } = call.agent;
    expect(metrics.agentInterruptionLatencyMs).toMatchObject({ count: 1, sum: 0 });
    expect(metrics.agentResponseLatencyMs.count).toBe(0);
    expect(metrics.llmErrors.total).toBe(0);
  });
});

describe('a user who speaks while the agent speaks', () => {
  const script: CallScript = {
    rounds: [says([`${ANSWER} `, 'And so on.'], { everyMs: 400 }), says('Yes.')],
    speeches: [
      speaks(ANSWER, { audioMs: 2000, level: 1 }),
      { text: 'And so on.', steps: [{ type: 'wait', ms: 10_000 }] },
      speaks('Yes.', { level: 2 }),
    ],
  };

  test('silences it within the same moment', async () => {
    const call = await askedCall(script);
    await call.clock.advance(1010);
    expect(call.connection.frames).toHaveLength(51);
    await call.bargeIn();
    expect(call.connection.frames).toHaveLength(51);
    expect(call.connection.flushes).toBe(1);
    await call.clock.advance(5000);
    expect(call.connection.frames).toHaveLength(51);
    expect(call.states.at(-1)).toBe('listening');
    await call.userSays('Are you there?');
    await call.clock.advance(500);
  });

  test('stops the model and the voice', async () => {
    const call = await askedCall({
      rounds: [says([`${ANSWER} `, 'And so on.'], { everyMs: 10_000 })],
      speeches: [{ text: ANSWER, steps: [...speaks(ANSWER).steps, { type: 'wait', ms: 10_000 }] }],
    });
    await call.clock.advance(50);
    await call.bargeIn();
    expect(call.llm.signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(call.tts.signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(call.tts.openConnections).toBe(1);
    const { metrics } = call.agent;
    expect(metrics.llmRequests.total).toBe(1);
    expect(metrics.ttsRequests.total).toBe(1);
    expect(metrics.ttsCharacters.total).toBe(ANSWER.length);
    expect(metrics.ttsAudioDurationMs).toMatchObject({ count: 1, sum: 100 });
    expect(metrics.ttsErrors.total).toBe(0);
  });

  test('leaves the model with the words that were heard, marked as cut off', async () => {
    const call = await askedCall(script);
    await call.clock.advance(1010);
    await call.userSays('Are you there?');
    await call.clock.advance(500);
    expect(call.turns[0]).toMatchObject({
      outcome: 'interrupted',
      interruptedWhile: 'speaking',
      agentText: 'One two three four five',
    });
    expect(call.llm.requests[1]?.messages).toMatchObject([
      { role: 'user', text: 'Count to ten.' },
      { role: 'assistant', text: 'One two three four five', interrupted: true },
      { role: 'user', text: 'Are you there?' },
    ]);
  });

  test('counts as an interruption of speaking, with the latency that the answer had', async () => {
    const telemetry = startTelemetry();
    const call = await askedCall(script);
    await call.clock.advance(1010);
    await call.userSays('Are you there?');
    await call.clock.advance(500);
    expect(await telemetry.value('agent.interruptions', { phase: 'speaking' })).toBe(1);
    expect(await telemetry.value('agent.turns', { outcome: 'interrupted' })).toBe(1);
    expect(await telemetry.value('tts.requests', { outcome: 'interrupted' })).toBe(1);
    const { metrics } = call.agent;
    expect(metrics.agentInterruptionLatencyMs).toMatchObject({ count: 1, sum: 0 });
    expect(metrics.agentResponseLatencyMs).toMatchObject({ count: 2, sum: 400 });
  });
});

describe('a user who speaks during audio that was synthesised long before', () => {
  const script: CallScript = {
    rounds: [says(ANSWER), says('Yes.')],
    speeches: [speaks(ANSWER, { audioMs: 20_000, level: 1 }), speaks('Yes.', { level: 2 })],
  };

  test('silences it too', async () => {
    const call = await askedCall(script);
    await call.clock.advance(10_000);
    expect(call.agent.metrics.ttsRequests.total).toBe(1);
    const sent = call.connection.frames.length;
    await call.userSays('Are you there?');
    expect(call.frameLevels.filter((level) => level === 1)).toHaveLength(sent);
    await call.clock.advance(500);
    expect(call.turns).toMatchObject([
      { outcome: 'interrupted', agentText: 'One two three four five' },
      { outcome: 'completed', agentText: 'Yes.' },
    ]);
    expect(call.agent.metrics.agentInterruptions.total).toBe(1);
  });
});

describe('what was heard', () => {
  test('is a share of the sentence also while its audio is still coming', async () => {
    const steps = Array.from({ length: 5 }, () => [
      { type: 'audio' as const, ms: 200, level: 1 },
      { type: 'wait' as const, ms: 100 },
    ]);
    const call = await askedCall({
      rounds: [says(ANSWER)],
      speeches: [{ text: ANSWER, steps: steps.flat() }],
    });
    // Half of the audio that came has been heard, but the whole sentence will take seconds.
    await call.clock.advance(390);
    await call.bargeIn();
    expect(call.turns).toMatchObject([{ interruptedWhile: 'speaking', agentText: 'One' }]);
  });

  test('is cut between words also where a script has no spaces', async () => {
    const text = '我们今天下午三点在公园见面';
    const call = await askedCall({
      rounds: [says(text)],
      speeches: [speaks(text, { audioMs: 2600 })],
    });
    await call.clock.advance(1300);
    await call.bargeIn();
    const heard = call.turns[0]?.agentText ?? '';
    expect(text.startsWith(heard)).toBe(true);
    expect(heard.length).toBeGreaterThan(2);
    expect(heard.length).toBeLessThanOrEqual(7);
  });

  test('is every sentence that was over, and the words of the one that was not', async () => {
    const call = await askedCall({
      rounds: [says('First one. Second two three four. Third.')],
      speeches: [
        speaks('First one.', { audioMs: 1000 }),
        speaks('Second two three four.', { audioMs: 1000 }),
        speaks('Third.', { audioMs: 1000 }),
      ],
    });
    await call.clock.advance(1490);
    await call.bargeIn();
    expect(call.turns[0]?.agentText).toBe('First one. Second two');
  });
});

test('a user who speaks when nobody listens to an answer interrupts nothing', async () => {
  const call = await new TestCall({ rounds: [says('Yes.')], speeches: [speaks('Yes.')] }).join();
  await call.bargeIn();
  await call.userSays('Are you there?');
  await call.clock.advance(5000);
  await call.bargeIn();
  expect(call.agent.metrics.agentInterruptions.total).toBe(0);
  expect(call.turns).toMatchObject([{ outcome: 'completed' }]);
});

test('a listener that speaks when the program cuts the agent off does not keep it from that', async () => {
  const call = await new TestCall({
    speeches: [
      speaks('A long story.', { audioMs: 2000, level: 1 }),
      speaks('Sorry.', { audioMs: 2000, level: 2 }),
      speaks('Stop!', { audioMs: 2000, level: 3 }),
    ],
  }).join();
  void call.agent.say('A long story.');
  let isSorry = false;
  call.agent.on('turn', () => {
    if (!isSorry) void call.agent.say('Sorry.');
    isSorry = true;
  });
  await call.clock.advance(500);
  void call.agent.say('Stop!');
  await call.clock.advance(500);
  expect(call.states.at(-1)).toBe('speaking');
  expect(call.frameLevels.at(-1)).toBe(3);
  const sent = call.connection.frames.length;
  await call.bargeIn();
  await call.clock.advance(500);
  expect(call.connection.frames).toHaveLength(sent);
  expect(call.turns.map(({ outcome }) => outcome)).toEqual(Array(3).fill('interrupted'));
});

test('a model that a listener asks when the program cuts the agent off is not left at work', async () => {
  const call = await new TestCall({
    rounds: [says(['One. ', 'Two. '], { afterMs: 100, everyMs: 500 })],
    speeches: [speaks('Hello.', { audioMs: 2000 }), speaks('Bye.', { audioMs: 1000 })],
  }).join();
  const off = call.agent.on('turn', () => {
    off();
    void call.agent.simpleResponse('Say what you think of that.');
  });
  void call.agent.say('Hello.');
  await call.clock.advance(100);
  void call.agent.say('Bye.');
  await call.clock.advance(2000);
  expect(call.agentTranscripts.map(({ text }) => text)).toEqual(['Hello.', 'Bye.']);
  expect(call.turns.map(({ outcome }) => outcome)).toEqual([
    'interrupted',
    'interrupted',
    'completed',
  ]);
  expect(call.errors).toEqual([]);
});

test('a listener that speaks when a user cuts the agent off can be cut off itself', async () => {
  const call = await askedCall({
    rounds: [says(ANSWER)],
    speeches: [speaks(ANSWER, { audioMs: 2000, level: 1 }), speaks('Sorry.', { audioMs: 2000 })],
  });
  call.agent.on('turn', ({ kind }) => {
    if (kind === 'reply') void call.agent.say('Sorry.');
  });
  await call.clock.advance(500);
  await call.bargeIn();
  await call.clock.advance(500);
  expect(call.states.at(-1)).toBe('speaking');
  const sent = call.connection.frames.length;
  await call.bargeIn();
  await call.clock.advance(500);
  expect(call.connection.frames).toHaveLength(sent);
  expect(call.turns).toMatchObject([
    { kind: 'reply' },
    { kind: 'prompted', outcome: 'interrupted' },
  ]);
});
