import { describe, expect, test } from 'vitest';

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
    await call.microphone(300);
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
    await call.modelSays('Good', 200, false);
    call.model.lose(LOST);
    await call.pass(500);
    expect(call.turns).toMatchObject([{ outcome: 'error', error: LOST, agentText: 'Good' }]);
    expect(call.connection.frames).toHaveLength(10);
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

  test('leave, and who is left is heard', async () => {
    const call = await new RealtimeCall({ present: [CALLER, OTHER] }).join();
    call.connection.leave(CALLER);
    await call.microphone(100, 0, OTHER);
    expect(call.sentMs).toBe(100);
  });
});
