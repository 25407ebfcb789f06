import { describe, expect, test } from 'vitest';

import { ProviderError, tool } from '../../src/index.ts';
import { settled } from '../../src/testing/index.ts';
import { CITY_INPUT } from '../fakes/city-input.ts';
import { RealtimeCall } from '../fakes/realtime-call.ts';
import { CALLER } from '../fakes/test-call.ts';

// Sequences in which random conversations (test/property/realtime) found mistakes.

const LOST = new ProviderError({ provider: 'scripted', type: 'network', message: 'lost' });
const REFUSED = ProviderError.fromStatus('scripted', 401);
const OTHER = { id: 'other' };
const TOOL_CALL = { id: 'call-1', name: 'get_weather', arguments: { city: 'Paris' } };

/** A tool whose result never comes. */
const NEVER_ENDING = {
  get_weather: tool({
    description: 'The weather in a city.',
    input: CITY_INPUT,
    execute: () => new Promise<string>(() => undefined),
  }),
};

describe('words of a user', () => {
  test('that come after their turn was over are told, and open no other', async () => {
    const call = await new RealtimeCall().join();
    await call.userSays('');
    await call.modelSays('Good morning.', 200);
    await call.modelEnds();
    await call.pass(500);
    await call.report({ type: 'user-transcript', text: 'Hello there', final: true });
    await call.agent.close();
    expect(call.turns).toMatchObject([{ outcome: 'completed', userText: '' }]);
    expect(call.userTranscripts).toMatchObject([{ participant: CALLER, text: 'Hello there' }]);
    expect(call.agent.metrics.agentTurns.total).toBe(1);
  });

  test('are not taken for those of somebody who made a sound and left', async () => {
    const call = await new RealtimeCall({ present: [CALLER, OTHER] }).join();
    await call.report({ type: 'user-speech-start' });
    call.connection.leave(CALLER);
    await call.report({ type: 'user-speech-start' });
    await call.report({ type: 'user-transcript', text: 'Hello', final: true });
    await call.report({ type: 'user-speech-end' });
    await call.modelEnds();
    expect(call.turns).toMatchObject([{ participant: OTHER, userText: 'Hello' }]);
  });

  test('are of who began to speak, whoever is heard when they end', async () => {
    const call = await new RealtimeCall({ present: [CALLER, OTHER] }).join();
    await call.microphone(100, 5000, CALLER);
    await call.report({ type: 'user-speech-start' });
    await call.pass(6000);
    await call.microphone(100, 5000, OTHER);
    await call.report({ type: 'user-transcript', text: 'Hello', final: true });
    await call.report({ type: 'user-speech-end' });
    await call.modelSays('Hi.', 200);
    await call.modelEnds();
    await call.pass(500);
    expect(call.turns).toMatchObject([
      { participant: CALLER, userText: 'Hello', agentText: 'Hi.', outcome: 'completed' },
    ]);
  });

  test('of who cuts in are not mixed with those of another: the floor stays theirs', async () => {
    const call = await new RealtimeCall({ present: [CALLER, OTHER] }).join();
    await call.microphone(20, 5000, CALLER);
    await call.report({ type: 'user-speech-start' }, { type: 'user-speech-end' });
    await call.modelSays('A long story.', 2000, false);
    await call.microphone(100, 5000, CALLER);
    await call.report({ type: 'user-speech-start' });
    const { sentMs } = call;
    await call.microphone(100, 6000, OTHER);
    expect(call.sentMs).toBe(sentMs);
  });
});

describe('an answer', () => {
  test('that broke off holds no words of which no audio came', async () => {
    const call = await new RealtimeCall({ openings: [{}, {}] }).join();
    await call.userSays('Hello');
    await call.modelSays('Good morning to you all.', 500);
    call.model.lose(LOST);
    await call.pass(1000);
    expect(call.turns).toMatchObject([{ outcome: 'error', agentText: 'Good' }]);
  });

  test('of words without a sound says nothing', async () => {
    const call = await new RealtimeCall().join();
    await call.userSays('Hello');
    await call.report({ type: 'agent-transcript', text: 'Good morning.', final: true });
    await call.modelEnds();
    expect(call.turns).toMatchObject([{ outcome: 'no_response', agentText: '' }]);
  });

  test('is heard with its afterthought, which comes slower than it plays', async () => {
    const call = await new RealtimeCall().join();
    await call.userSays('Hello');
    await call.modelSays('Good morning.', 100);
    await call.modelEnds();
    await call.modelSays('And', 100, false);
    await call.pass(500);
    await call.modelSays('And welcome.', 200);
    await call.modelEnds();
    await call.pass(500);
    expect(call.connection.frames).toHaveLength(20);
    expect(call.turns).toMatchObject([
      { outcome: 'completed', agentText: 'Good morning. And welcome.' },
    ]);
  });

  test('whose afterthought fails is one that failed', async () => {
    const call = await new RealtimeCall().join();
    await call.userSays('Hello');
    await call.modelSays('Good morning.', 400);
    await call.modelEnds();
    await call.modelSays('And', 300, false);
    await call.modelEnds('error');
    await call.pass(1000);
    expect(call.turns).toMatchObject([{ outcome: 'error' }]);
  });

  test('is not taken for cut off when another, which nobody heard of, was', async () => {
    const call = await new RealtimeCall().join();
    await call.userSays('Hello');
    await call.modelSays('Good morning.', 400);
    await call.modelEnds();
    await call.modelEnds('interrupted');
    await call.pass(1000);
    expect(call.turns).toMatchObject([{ outcome: 'completed', agentText: 'Good morning.' }]);
  });

  test('that failed does not become complete by the end of another', async () => {
    const call = await new RealtimeCall({ openings: [{}, {}] }).join();
    await call.userSays('Hello');
    await call.modelSays('Good morning to you', 1000, false);
    call.model.lose(LOST);
    await call.pass(300);
    await call.modelEnds();
    await call.pass(1000);
    expect(call.turns).toMatchObject([{ outcome: 'error', error: LOST }]);
  });

  test('that the model gives up while a tool is at work is over', async () => {
    const call = await new RealtimeCall({ agent: { tools: NEVER_ENDING } }).join();
    await call.userSays('How is the weather in Paris?');
    await call.report({ type: 'tool-call', call: TOOL_CALL });
    await call.modelEnds('error');
    await call.pass(2000);
    expect(call.turns).toMatchObject([{ outcome: 'error' }]);
    expect(call.states.at(-1)).toBe('listening');
  });

  test('that the end of a turn cuts off is not heard as what answers it', async () => {
    const call = await new RealtimeCall().join();
    await call.report({ type: 'user-speech-start' });
    void call.agent.simpleResponse('Say something.');
    await settled();
    await call.modelSays('Something', 100, false);
    await call.report({ type: 'user-speech-end' });
    const before = call.connection.frames.length;
    await call.modelSays('or other.', 300);
    await call.pass(300);
    expect(call.connection.frames).toHaveLength(before);
    await call.modelEnds('interrupted');
    await call.modelSays('Yes?', 200);
    await call.modelEnds();
    await call.pass(500);
    expect(call.turns.map(({ agentText }) => agentText)).toEqual(['', 'Yes?']);
  });

  test('that nothing was understood for is called off when they go on', async () => {
    const call = await new RealtimeCall().join();
    await call.userSays('');
    await call.report({ type: 'user-speech-start' });
    expect(call.model.told).toEqual([0]);
    expect(call.turns).toMatchObject([{ outcome: 'no_response' }]);
    expect(call.agent.metrics.agentInterruptions.total).toBe(0);
  });
});

describe('a session', () => {
  test('that ends by itself is an error that is counted', async () => {
    const call = await new RealtimeCall({ openings: [{}, {}] }).join();
    await call.model.close();
    await call.pass(500);
    expect(call.errors).toMatchObject([{ type: 'aborted_by_provider' }]);
    expect(call.agent.metrics.realtimeErrors.total).toBe(1);
    expect(call.realtime.connections).toHaveLength(2);
  });

  test('that is lost for good fails what was asked for, before the call ends', async () => {
    const call = await new RealtimeCall().join();
    void call.agent.say('One moment.');
    await settled();
    call.model.lose(REFUSED);
    await call.pass(100);
    expect(call.turns).toMatchObject([{ outcome: 'error', error: REFUSED }]);
    expect(call.endings).toEqual(['error']);
  });

  test('that takes the place of another says what the program wanted when it heard of that', async () => {
    const call = await new RealtimeCall({ openings: [{}, {}] }).join();
    call.agent.on('error', () => void call.agent.say('One moment.'));
    call.model.lose(LOST);
    await call.pass(500);
    expect(call.model.told).toHaveLength(1);
    await call.modelSays('One moment.', 200);
    await call.modelEnds();
    await call.pass(500);
    expect(call.turns).toMatchObject([{ kind: 'greeting', outcome: 'completed' }]);
  });

  test('that is lost with a question leaves nothing when a listener then ends the call', async () => {
    const call = await new RealtimeCall().join();
    await call.userSays('Hello');
    call.agent.on('state', ({ state }) => {
      if (state === 'listening') void call.agent.close();
    });
    call.model.lose(LOST);
    await settled();
    expect(call.turns).toMatchObject([{ outcome: 'no_response', userText: 'Hello' }]);
    expect(call.clock.pendingTimers).toBe(0);
  });

  test('that is lost with a question fails nothing that a listener then has said', async () => {
    const call = await new RealtimeCall({ openings: [{}, {}] }).join();
    await call.userSays('Hello');
    const said: Promise<unknown>[] = [];
    const off = call.agent.on('state', ({ state }) => {
      if (state !== 'listening') return;
      off();
      said.push(call.agent.say('One moment.'));
    });
    call.model.lose(LOST);
    await call.pass(500);
    expect(call.model.told).toHaveLength(1);
    await call.modelSays('One moment.', 200);
    await call.modelEnds();
    await call.pass(500);
    expect(await Promise.all(said)).toMatchObject([{ outcome: 'completed' }]);
  });

  test('measures no first audio of what answers something else', async () => {
    const call = await new RealtimeCall().join();
    await call.userSays('Hello');
    await call.modelEnds();
    await call.modelSays('Are you still there?', 200);
    await call.modelEnds();
    await call.pass(500);
    expect(call.turns).toHaveLength(2);
    expect(call.agent.metrics.realtimeTimeToFirstAudioMs.count).toBe(0);
  });
});

test('dead air is told once, though more words come', async () => {
  const call = await new RealtimeCall({ agent: { deadAirMs: 1000 } }).join();
  await call.userSays('');
  await call.report({ type: 'user-transcript', text: 'Hello', final: false });
  await call.pass(1500);
  await call.report({ type: 'user-transcript', text: 'Hello?', final: true });
  await call.pass(1500);
  expect(call.deadAir).toEqual(['turn-1']);
});

describe('a program that speaks as soon as it is told of something', () => {
  test('cuts off the answer that was about to come, of which no dead air is told', async () => {
    const call = await new RealtimeCall({ agent: { deadAirMs: 1000 } }).join();
    const said: Promise<unknown>[] = [];
    const off = call.agent.on('state', ({ state }) => {
      if (state !== 'thinking') return;
      off();
      said.push(call.agent.say('One moment.'));
    });
    await call.report({ type: 'user-speech-start' });
    await call.report({ type: 'user-transcript', text: 'Hello', final: true });
    await call.report({ type: 'user-speech-end' });
    await call.modelSays('One moment.', 200);
    await call.modelEnds();
    await call.pass(2000);
    expect(call.deadAir).toEqual([]);
    expect(call.turns.map(({ outcome }) => outcome)).toEqual(['interrupted', 'completed']);
    expect(await Promise.all(said)).toMatchObject([{ outcome: 'completed' }]);
  });

  test('hears nothing more of the answer that had begun to come', async () => {
    const call = await new RealtimeCall().join();
    const off = call.agent.on('state', ({ state }) => {
      if (state !== 'thinking') return;
      off();
      void call.agent.say('One moment.');
    });
    await call.modelSays('Are you still there?', 200);
    await call.pass(300);
    expect(call.connection.frames).toEqual([]);
    await call.modelEnds('interrupted');
    await call.modelSays('One moment.', 200);
    await call.modelEnds();
    await call.pass(500);
    expect(call.turns.map(({ agentText }) => agentText)).toEqual(['', 'One moment.']);
  });

  test('is told the end of everything, also of what was displaced at once', async () => {
    const call = await new RealtimeCall().join();
    const said: Promise<unknown>[] = [];
    await call.modelSays('Are you still there?', 2000, false);
    const off = call.agent.on('state', ({ state }) => {
      if (state !== 'listening') return;
      off();
      said.push(call.agent.say('Inner.'));
    });
    said.push(call.agent.say('Outer.'));
    await settled();
    await call.modelEnds('interrupted');
    await call.modelSays('Outer.', 200);
    await call.modelEnds();
    await call.pass(500);
    expect(await Promise.all(said)).toMatchObject([
      { outcome: 'interrupted', agentText: '' },
      { outcome: 'completed', agentText: 'Outer.' },
    ]);
  });

  test('asks the model for nothing that was cut off before', async () => {
    const call = await new RealtimeCall().join();
    const off = call.agent.on('state', ({ state }) => {
      if (state !== 'thinking') return;
      off();
      void call.agent.say('Inner.');
    });
    void call.agent.say('Outer.');
    await settled();
    expect(call.model.told).toEqual([0, 'Say exactly this, and nothing else:\n\nInner.']);
  });

  test('ends the call and leaves nothing, though a turn had just ended', async () => {
    const call = await new RealtimeCall().join();
    await call.report({ type: 'user-speech-start' });
    const said = call.agent.say('One moment.');
    await call.report({ type: 'user-transcript', text: 'Hello', final: true });
    call.agent.on('state', ({ state }) => {
      if (state === 'listening') void call.agent.close();
    });
    await call.report({ type: 'user-speech-end' });
    expect(await said).toMatchObject({ outcome: 'interrupted' });
    expect(call.agent.metrics.agentTurns.total).toBe(1);
    expect(call.clock.pendingTimers).toBe(0);
  });

  test('is told no error of what it cut off itself', async () => {
    const call = await new RealtimeCall({ openings: [{}, {}] }).join();
    await call.userSays('Hello');
    await call.modelSays('Good morning to you', 1000, false);
    call.model.lose(LOST);
    await settled();
    void call.agent.say('One moment.');
    await call.pass(500);
    expect(call.turns).toMatchObject([{ outcome: 'interrupted', error: undefined }]);
  });
});
