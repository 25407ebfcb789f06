import { beforeEach, describe, expect, test, vi } from 'vitest';

import { ProviderError } from '../../src/index.ts';
import { settled } from '../../src/testing/index.ts';
import { RealtimeCall } from '../fakes/realtime-call.ts';
import { CALLER } from '../fakes/test-call.ts';

const LOST = new ProviderError({ provider: 'scripted', type: 'network', message: 'lost' });
const REFUSED = new ProviderError({
  provider: 'scripted',
  type: 'authentication',
  message: 'the key is not valid',
});

beforeEach(() => {
  // The only chance is how long core waits before it connects again.
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});

describe('a session that is lost', () => {
  test('is opened anew, with what was said, and hears what was said meanwhile', async () => {
    const call = await new RealtimeCall({ openings: [{}, { delayMs: 1000 }] }).join();
    await call.userSays('Hello');
    await call.modelSays('Good morning.', 200);
    await call.modelEnds();
    await call.pass(500);
    call.model.resumption = 'handle-1';
    call.model.lose(LOST);
    await settled();
    expect(call.agent.metrics.realtimeSessions.total).toBe(0);
    await call.microphone(300, 3000);
    await call.pass(1000);
    expect(call.realtime.connections).toHaveLength(2);
    expect(call.realtime.requests[1]).toMatchObject({
      resumption: 'handle-1',
      history: [
        { role: 'user', text: 'Hello' },
        { role: 'assistant', text: 'Good morning.' },
      ],
    });
    expect(call.sentMs).toBe(300);
    await call.userSays('Are you there?');
    await call.modelSays('Yes.', 200);
    await call.modelEnds();
    await call.pass(500);
    expect(call.turns.map(({ outcome }) => outcome)).toEqual(['completed', 'completed']);
    const { metrics } = call.agent;
    expect(metrics.providerReconnects.total).toBe(1);
    expect(metrics.realtimeSessions.total).toBe(1);
    expect(call.errors).toEqual([LOST]);
  });

  test('in the middle of an answer makes that fail, and its beginning is heard', async () => {
    const call = await new RealtimeCall({ openings: [{}, {}] }).join();
    await call.userSays('Hello');
    await call.modelSays('Good', 300, false);
    call.model.lose(LOST);
    await call.pass(500);
    expect(call.turns).toMatchObject([{ outcome: 'error', error: LOST, agentText: 'Good' }]);
    expect(call.connection.frames).toHaveLength(15);
  });

  test('does not cut off an answer that is all there', async () => {
    const call = await new RealtimeCall({ openings: [{}, {}] }).join();
    await call.userSays('Hello');
    await call.modelSays('Good morning.', 400);
    await call.modelEnds();
    call.model.lose(LOST);
    await call.pass(1000);
    expect(call.turns).toMatchObject([{ outcome: 'completed', agentText: 'Good morning.' }]);
  });

  test('is asked again what the program wanted said meanwhile', async () => {
    const call = await new RealtimeCall({ openings: [{}, {}] }).join();
    call.model.lose(LOST);
    await settled();
    const said = call.agent.simpleResponse('Say hello.');
    await call.pass(300);
    expect(call.model.told).toEqual(['Say hello.']);
    await call.modelSays('Hello.', 200);
    await call.modelEnds();
    await call.pass(300);
    expect(await said).toMatchObject({ outcome: 'completed' });
  });

  test('with what nobody takes back begins anew', async () => {
    const refused = new ProviderError({
      provider: 'scripted',
      type: 'bad_request',
      message: 'old',
    });
    const call = await new RealtimeCall({ openings: [{}, { error: refused }, {}] }).join();
    call.model.resumption = 'too-old';
    call.model.lose(LOST);
    await call.pass(1000);
    expect(call.realtime.connections).toHaveLength(2);
    expect(call.realtime.requests.at(-1)).not.toHaveProperty('resumption');
    expect(call.endings).toEqual([]);
  });

  test('and is refused for good ends the call, loudly', async () => {
    const call = await new RealtimeCall({ openings: [{}, { error: REFUSED }] }).join();
    call.model.lose(LOST);
    await call.pass(1000);
    expect(call.endings).toEqual(['error']);
    expect(call.errors).toEqual([LOST, REFUSED]);
  });

  test('and never comes back ends the call after ten attempts', async () => {
    const openings = [{}, ...Array.from({ length: 10 }, () => ({ error: LOST }))];
    const call = await new RealtimeCall({ openings }).join();
    call.model.lose(LOST);
    for (let second = 0; second < 60; second += 1) await call.pass(1000);
    expect(call.endings).toEqual(['error']);
    expect(call.agent.metrics.providerReconnects.total).toBe(10);
  });
});

describe('what the lost session did not answer', () => {
  const LOUD = 3000;

  test('is said to the next one again, from its beginning, in one turn', async () => {
    const call = await new RealtimeCall({ openings: [{}, { delayMs: 500 }] }).join();
    await call.microphone(1000);
    await call.report({ type: 'user-speech-start', offsetMs: 1000 });
    await call.microphone(400, LOUD);
    // What was heard of it is told as all that there is, since no more comes.
    await call.report({ type: 'user-transcript', text: 'Book a', final: true });
    call.model.resumption = 'handle-1';
    call.model.lose(LOST);
    await settled();
    await call.microphone(800, LOUD);
    expect(call.realtime.requests[1]).toMatchObject({ resumption: 'handle-1', history: [] });
    expect(call.sentMs).toBe(500 + 400 + 800);
    await call.report({ type: 'user-speech-start', offsetMs: 500 });
    await call.microphone(200);
    await call.report({ type: 'user-speech-end', offsetMs: 1700 });
    await call.report({ type: 'user-transcript', text: 'Book a table for two', final: true });
    await call.modelSays('It is done.', 200);
    await call.modelEnds();
    await call.pass(500);
    expect(call.turns).toMatchObject([
      { userText: 'Book a table for two', outcome: 'completed', agentText: 'It is done.' },
    ]);
    expect(call.turns[0]?.marks).toMatchObject({ speechStart: 2000, speechEnd: 3200 });
    expect(call.agent.metrics.realtimeAudioInputDurationMs.total).toBe(1400 + 1700 + 200);
  });

  test('is answered once where the question was over, and the caller waited all the time', async () => {
    const call = await new RealtimeCall({ openings: [{}, { delayMs: 1000 }] }).join();
    await call.report({ type: 'user-speech-start', offsetMs: 0 });
    await call.microphone(400, LOUD);
    await call.report({ type: 'user-speech-end', offsetMs: 400 });
    await call.report({ type: 'user-transcript', text: 'Who are you?', final: true });
    expect(call.states.at(-1)).toBe('thinking');
    call.model.lose(LOST);
    await settled();
    expect(call.states.at(-1)).toBe('listening');
    await call.microphone(1400);
    expect(call.sentMs).toBe(1800);
    await call.report(
      { type: 'user-speech-start', offsetMs: 0 },
      { type: 'user-speech-end', offsetMs: 400 },
      { type: 'user-transcript', text: 'Who are you?', final: true },
    );
    await call.modelSays('Nobody.', 200);
    await call.modelEnds();
    await call.pass(500);
    expect(call.turns).toMatchObject([{ userText: 'Who are you?', outcome: 'completed' }]);
    expect(call.turns[0]?.timeline?.responseLatencyMs).toBe(1400);
    expect(call.agent.metrics.agentTurns.total).toBe(1);
    // The next session, if there is one, is told of both once.
    expect(call.realtime.requests[1]?.history).toEqual([]);
  });

  test('and the next one takes for no speech either, is not when the next turn began', async () => {
    const call = await new RealtimeCall({ openings: [{}, {}] }).join();
    await call.microphone(400, LOUD);
    await call.report({ type: 'user-speech-start', offsetMs: 100 });
    await call.report({ type: 'user-speech-end', offsetMs: 400 });
    call.model.lose(LOST);
    await settled();
    await call.microphone(5000);
    const startMs = call.sentMs;
    const startedAtMs = call.clock.now();
    await call.report({ type: 'user-speech-start', offsetMs: startMs });
    await call.microphone(400, LOUD);
    await call.report({ type: 'user-speech-end', offsetMs: startMs + 400 });
    await call.report({ type: 'user-transcript', text: 'Who are you?', final: true });
    await call.modelSays('Nobody.', 200);
    await call.modelEnds();
    await call.pass(500);
    expect(call.turns).toMatchObject([{ userText: 'Who are you?' }]);
    expect(call.turns[0]?.marks.speechStart).toBe(startedAtMs);
  });

  test('does not go with what it answered', async () => {
    const call = await new RealtimeCall({ openings: [{}, {}] }).join();
    await call.report({ type: 'user-speech-start', offsetMs: 0 });
    await call.microphone(400, LOUD);
    await call.report({ type: 'user-speech-end', offsetMs: 400 });
    await call.report({ type: 'user-transcript', text: 'Who are you?', final: true });
    await call.modelSays('I', 200, false);
    call.model.lose(LOST);
    await settled();
    await call.microphone(300, LOUD);
    expect(call.sentMs).toBe(300);
    expect(call.turns).toMatchObject([{ userText: 'Who are you?', outcome: 'error' }]);
  });

  test('goes with what was said into its answer', async () => {
    const call = await new RealtimeCall({ openings: [{}, {}] }).join();
    await call.userSays('Who are you?');
    await call.modelSays('I', 2000, false);
    await call.report({ type: 'user-speech-start', offsetMs: 600 });
    await call.microphone(200, LOUD);
    await call.report({ type: 'response-end', outcome: 'interrupted' });
    call.model.lose(LOST);
    await settled();
    await call.microphone(300, LOUD);
    expect(call.sentMs).toBe(200 + 200 + 300);
    expect(call.turns).toMatchObject([{ userText: 'Who are you?', outcome: 'interrupted' }]);
  });

  test('does not go with sounds that it did not take for speech', async () => {
    const call = await new RealtimeCall({ openings: [{}, {}] }).join();
    await call.userSays('Who are you?');
    await call.modelSays('I am.', 200);
    await call.microphone(200, LOUD);
    await call.modelEnds();
    call.model.lose(LOST);
    await settled();
    await call.microphone(300, LOUD);
    expect(call.sentMs).toBe(300);
  });

  test('comes in bursts, and what the program wants said comes after it', async () => {
    const call = await new RealtimeCall({ openings: [{}, {}] }).join();
    await call.microphone(3000, LOUD);
    call.model.lose(LOST);
    await settled();
    void call.agent.simpleResponse('Say hello.');
    await call.pass(200);
    expect(call.sentMs).toBeGreaterThanOrEqual(1000);
    expect(call.sentMs).toBeLessThan(3000);
    void call.agent.simpleResponse('Say goodbye.');
    await settled();
    // Nothing was heard of the answer that this cut off.
    expect(call.model.told).toEqual([0]);
    await call.pass(200);
    expect(call.sentMs).toBe(3000);
    expect(call.model.told).toEqual([0, 'Say goodbye.']);
  });

  test('is not said to anybody where the session that was to say it is lost before', async () => {
    const call = await new RealtimeCall({ openings: [{}, {}, {}] }).join();
    await call.microphone(3000, LOUD);
    call.model.lose(LOST);
    await settled();
    const said = call.agent.simpleResponse('Say hello.');
    await call.pass(160);
    expect(call.realtime.connections).toHaveLength(2);
    call.model.lose(LOST);
    await settled();
    expect(await said).toMatchObject({ outcome: 'error', error: LOST });
    await call.pass(1000);
    expect(call.realtime.connections).toHaveLength(3);
    expect(call.sentMs).toBe(3000);
    expect(call.model.told).toEqual([]);
  });

  test('is told of as an event', async () => {
    const call = await new RealtimeCall({ openings: [{}, { error: LOST }, {}] }).join();
    const told: unknown[] = [];
    call.agent.on('reconnect', (event) => told.push(event));
    call.model.lose(LOST);
    await call.pass(1000);
    const common = { provider: 'scripted', component: 'realtime', participant: undefined };
    expect(told).toMatchObject([
      { ...common, outcome: 'error', attempt: 1 },
      { ...common, outcome: 'completed', attempt: 2 },
    ]);
  });
});

test('a session that cannot be opened keeps the agent out of the call', async () => {
  const call = new RealtimeCall({ openings: [{ error: REFUSED }] });
  await expect(call.join()).rejects.toBe(REFUSED);
  expect(call.endings).toEqual(['error']);
});

describe('several participants', () => {
  const OTHER = { id: 'other' };

  test('are heard one at a time: who spoke first, until they were answered', async () => {
    const call = await new RealtimeCall({ present: [CALLER, OTHER] }).join();
    await call.microphone(100, 0, OTHER);
    expect(call.sentMs).toBe(0);
    await call.microphone(100, 5000, OTHER);
    await call.microphone(100, 4000, CALLER);
    expect(call.model.sent.map((samples) => samples[0])).toEqual(Array(5).fill(5000));
    await call.report({ type: 'user-speech-start' }, { type: 'user-speech-end' });
    await call.report({ type: 'user-transcript', text: 'Hi', final: true });
    await call.modelSays('Hello.', 200);
    await call.microphone(100, 4000, CALLER);
    expect(call.sentMs).toBe(100);
    await call.modelEnds();
    await call.pass(500);
    expect(call.turns).toMatchObject([{ participant: OTHER, userText: 'Hi' }]);
    await call.microphone(100, 4000, CALLER);
    expect(call.sentMs).toBe(200);
  });

  test('leave, and nobody else is taken for who said what they had said', async () => {
    const openings = [{}, { delayMs: 1000 }];
    const call = await new RealtimeCall({ present: [CALLER, OTHER], openings }).join();
    await call.microphone(600, 3000);
    call.model.lose(LOST);
    await call.microphone(200, 3000);
    call.connection.leave(CALLER);
    await call.microphone(1400, 0, OTHER);
    expect(call.realtime.connections).toHaveLength(2);
    expect(new Set(call.model.sent.map((samples) => samples[0]))).toEqual(new Set([0]));
  });

  test('leave, and who is left is heard', async () => {
    const call = await new RealtimeCall({ present: [CALLER, OTHER] }).join();
    call.connection.leave(CALLER);
    await call.microphone(100, 0, OTHER);
    expect(call.sentMs).toBe(100);
  });
});
