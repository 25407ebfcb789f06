import { describe, expect, test } from 'vitest';

import { ProviderError } from '../../src/index.ts';
import { settled } from '../../src/testing/index.ts';
import { RealtimeCall } from '../fakes/realtime-call.ts';

const BROKEN = new ProviderError({ provider: 'scripted', type: 'unavailable', message: 'no' });

test('a turn is answered, measured from the end of the speech, and remembered', async () => {
  const call = await new RealtimeCall({ agent: { instructions: 'Be brief.' } }).join();
  await call.userSays('Hello there');
  await call.pass(300);
  await call.modelSays('Good morning.', 400);
  await call.modelEnds();
  await call.pass(1000);

  expect(call.states).toEqual(['listening', 'thinking', 'speaking', 'listening']);
  expect(call.turns).toHaveLength(1);
  expect(call.turns[0]).toMatchObject({
    kind: 'reply',
    outcome: 'completed',
    userText: 'Hello there',
    agentText: 'Good morning.',
    timeline: {
      responseLatencyMs: 500,
      stages: { endpointing: 200, llm: 300, tool: 0, sentence: 0, tts: 0, playout: 0 },
      overheadMs: 0,
    },
  });
  const { metrics } = call.agent;
  expect(metrics.agentResponseLatencyMs).toMatchObject({ count: 1, sum: 500 });
  expect(metrics.realtimeTimeToFirstAudioMs).toMatchObject({ count: 1, sum: 500 });
  expect(metrics.agentTurns.total).toBe(1);
  expect(metrics.realtimeSessions.total).toBe(1);
  expect(call.connection.frames).toHaveLength(20);
  expect(call.connection.captions).toEqual([
    { speaker: 'user', text: 'Hello there', final: true },
    { speaker: 'agent', text: 'Good morning.', final: true },
  ]);
  expect(call.userTranscripts.map(({ text, final }) => [text, final])).toEqual([
    ['Hello there', true],
  ]);
  expect(call.agentTranscripts).toEqual([{ text: 'Good morning.', final: true }]);
  expect(call.realtime.requests[0]).toEqual({ instructions: 'Be brief.', tools: [] });
});

test('words that come after the answer began are of the turn that it answers', async () => {
  const call = await new RealtimeCall().join();
  await call.userSays('');
  await call.modelSays('Good morning.', 400);
  await call.report({ type: 'user-transcript', text: 'Hello there', final: true });
  await call.modelEnds();
  await call.pass(1000);
  expect(call.turns).toMatchObject([{ outcome: 'completed', userText: 'Hello there' }]);
});

test('an answer that comes before the end of the turn was told ends the turn', async () => {
  const call = await new RealtimeCall().join();
  await call.report({ type: 'user-speech-start', offsetMs: 0 });
  await call.microphone(400);
  await call.modelSays('Yes?', 100);
  await call.report({ type: 'user-speech-end', offsetMs: 300 });
  await call.modelEnds();
  await call.pass(1000);
  expect(call.turns).toMatchObject([{ kind: 'reply', outcome: 'completed', agentText: 'Yes?' }]);
});

test('a model that speaks unasked opens a turn that is nobody’s', async () => {
  const call = await new RealtimeCall().join();
  await call.modelSays('Are you still there?', 200);
  await call.modelEnds();
  await call.pass(500);
  expect(call.turns).toMatchObject([{ participant: undefined, agentText: 'Are you still there?' }]);
  expect(call.agent.metrics.agentTurns.total).toBe(0);
});

describe('an interruption', () => {
  test('silences the agent within the call, and the model is told what was heard', async () => {
    const call = await new RealtimeCall().join();
    await call.userSays('Tell me a story');
    await call.modelSays('Once upon a time there was a king.', 2000);
    await call.modelEnds();
    await call.pass(990);
    const before = call.connection.frames.length;
    await call.report({ type: 'user-speech-start', offsetMs: call.sentMs });
    await call.pass(500);
    expect(call.connection.frames).toHaveLength(before);
    expect(call.connection.flushes).toBe(1);
    expect(call.model.told).toEqual([before * 20]);
    expect(call.turns).toMatchObject([
      { outcome: 'interrupted', interruptedWhile: 'speaking', agentText: 'Once upon a time' },
    ]);
    const { metrics } = call.agent;
    expect(metrics.agentInterruptions.total).toBe(1);
    expect(metrics.agentInterruptionLatencyMs).toMatchObject({ count: 1, sum: 0 });
  });

  test('is one, whether the model tells it twice', async () => {
    const call = await new RealtimeCall().join();
    await call.userSays('Tell me a story');
    await call.modelSays('Once upon a time', 1000, false);
    await call.pass(200);
    await call.report({ type: 'user-speech-start' });
    await call.modelSays('there was a king.', 1000);
    await call.modelEnds('interrupted');
    await call.pass(200);
    expect(call.agent.metrics.agentInterruptions.total).toBe(1);
    expect(call.turns).toHaveLength(1);
    // What came of the old answer after it was cut off is not heard.
    expect(call.states.at(-1)).toBe('listening');
    await call.report({ type: 'user-speech-end' });
    await call.modelSays('Yes?', 200);
    await call.modelEnds();
    await call.pass(500);
    expect(call.turns[1]).toMatchObject({ outcome: 'completed', agentText: 'Yes?' });
  });

  test('that only the model noticed silences the agent as well', async () => {
    const call = await new RealtimeCall().join();
    await call.userSays('Tell me a story');
    await call.modelSays('Once upon a time', 1000, false);
    await call.pass(200);
    await call.modelEnds('interrupted');
    const before = call.connection.frames.length;
    await call.pass(500);
    expect(call.connection.frames).toHaveLength(before);
    expect(call.turns).toMatchObject([{ outcome: 'interrupted' }]);
    expect(call.agent.metrics.agentInterruptions.total).toBe(1);
  });

  test('whose end the model forgets does not make it mute', async () => {
    const call = await new RealtimeCall().join();
    await call.userSays('Tell me a story');
    await call.modelSays('Once upon a time', 1000, false);
    await call.pass(100);
    await call.userSays('Stop');
    await call.modelSays('Very well.', 200);
    await call.modelEnds();
    await call.pass(500);
    expect(call.turns.map(({ agentText }) => agentText)).toEqual(['', 'Very well.']);
  });

  test('while the model thinks is one of thinking', async () => {
    const call = await new RealtimeCall().join();
    await call.userSays('I would like');
    await call.report({ type: 'user-speech-start', offsetMs: call.sentMs });
    expect(call.turns).toMatchObject([
      { outcome: 'interrupted', interruptedWhile: 'thinking', userText: 'I would like' },
    ]);
    expect(call.states.at(-1)).toBe('listening');
  });
});

describe('a turn without an answer', () => {
  test('is none where the model ends it without a sound', async () => {
    const call = await new RealtimeCall().join();
    await call.userSays('Mhm');
    await call.modelEnds();
    expect(call.turns).toMatchObject([{ outcome: 'no_response', userText: 'Mhm' }]);
    expect(call.states.at(-1)).toBe('listening');
  });

  test('is dead air when words wait for too long', async () => {
    const call = await new RealtimeCall({ agent: { deadAirMs: 3000 } }).join();
    await call.userSays('Hello?');
    await call.pass(3100);
    expect(call.deadAir).toEqual(['turn-1']);
    expect(call.agent.metrics.agentDeadAir.total).toBe(1);
  });

  test('was a noise where nothing was understood either', async () => {
    const call = await new RealtimeCall().join();
    await call.userSays('');
    expect(call.states.at(-1)).toBe('thinking');
    await call.pass(5100);
    expect(call.states.at(-1)).toBe('listening');
    expect(call.turns).toMatchObject([{ outcome: 'no_response', userText: '' }]);
    expect(call.deadAir).toEqual([]);
  });
});

test('an answer that fails is an error, and what was made of it is heard', async () => {
  const call = await new RealtimeCall().join();
  await call.userSays('Hello');
  await call.modelSays('Good', 300, false);
  await call.report({ type: 'error', error: BROKEN });
  await call.modelEnds('error');
  await call.pass(500);
  expect(call.turns).toMatchObject([{ outcome: 'error', agentText: 'Good', error: BROKEN }]);
  expect(call.errors).toEqual([BROKEN]);
  expect(call.connection.frames).toHaveLength(15);
  expect(call.agent.metrics.realtimeErrors.total).toBe(1);
  expect(call.logger.entries.map(({ message }) => message)).toContain('a response failed');
});

describe('what the program wants said', () => {
  test('is asked of the model, as a greeting first', async () => {
    const call = await new RealtimeCall().join();
    const said = call.agent.say('Hello!');
    await settled();
    expect(call.model.told).toEqual(['Say exactly this, and nothing else:\n\nHello!']);
    await call.pass(150);
    await call.modelSays('Hello!', 200);
    await call.modelEnds();
    await call.pass(500);
    expect(await said).toMatchObject({ kind: 'greeting', outcome: 'completed' });
    expect(call.agent.metrics.agentResponseLatencyMs).toMatchObject({ count: 1, sum: 150 });
  });

  test('cuts off what the model was saying, whose rest is not heard', async () => {
    const call = await new RealtimeCall().join();
    await call.userSays('Tell me a story');
    await call.modelSays('Once upon a time', 1000, false);
    await call.pass(90);
    const responded = call.agent.simpleResponse('Say goodbye.');
    await settled();
    await call.modelSays('there was a king', 1000);
    await call.modelEnds('interrupted');
    await call.modelSays('Goodbye.', 200);
    await call.modelEnds();
    await call.pass(500);
    expect(call.model.told).toEqual([100, 'Say goodbye.']);
    expect(await responded).toMatchObject({ outcome: 'completed', agentText: 'Goodbye.' });
    expect(call.agent.metrics.agentInterruptions.total).toBe(0);
  });

  test('is not cut off where it must not be: the model hears silence meanwhile', async () => {
    const call = await new RealtimeCall().join();
    void call.agent.say('Listen!', { interruptible: false });
    await settled();
    await call.microphone(100, 5000);
    await call.modelSays('Listen!', 300);
    await call.report({ type: 'user-speech-start' });
    await call.modelEnds();
    await call.pass(500);
    expect(call.turns).toMatchObject([{ outcome: 'completed', agentText: 'Listen!' }]);
    await call.microphone(20, 5000);
    expect(call.model.sent.map((samples) => samples[0])).toEqual([0, 0, 0, 0, 0, 5000]);
  });
});

test('what must not be cut off is heard as far as it came when the model gives way all the same', async () => {
  const call = await new RealtimeCall().join();
  const said = call.agent.say('Listen to me!', { interruptible: false });
  await settled();
  await call.modelSays('Listen', 420, false);
  await call.modelEnds('interrupted');
  await call.pass(500);
  expect(await said).toMatchObject({ outcome: 'completed', agentText: 'Listen' });
  expect(call.connection.frames).toHaveLength(21);
});

test('the end of the call in the middle of an answer leaves nothing', async () => {
  const call = await new RealtimeCall().join();
  await call.userSays('Hello');
  await call.modelSays('Good morning to you', 1000, false);
  await call.pass(100);
  await call.agent.close();
  expect(call.turns).toMatchObject([{ outcome: 'interrupted' }]);
  expect(call.states.at(-1)).toBe('closed');
  expect(call.agent.metrics.realtimeSessions.total).toBe(0);
  expect(call.agent.metrics.realtimeSessionDurationMs.count).toBe(1);
});
