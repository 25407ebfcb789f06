import { expect, describe, test } from 'vitest';

import { ProviderError, tool } from '../../src/index.ts';
import { CITY_INPUT } from '../fakes/city-input.ts';
import { RealtimeCall } from '../fakes/realtime-call.ts';

// What a realtime model owes and never sends.

const LOST = new ProviderError({ provider: 'scripted', type: 'network', message: 'lost' });
const TOOL_CALL = { id: 'call-1', name: 'get_weather', arguments: { city: 'Paris' } };

/** A tool whose result never comes. */
const SLOW = {
  get_weather: tool({
    description: 'The weather in a city.',
    input: CITY_INPUT,
    timeoutMs: 60_000,
    execute: () => new Promise<string>(() => undefined),
  }),
};

test('two seconds after an answer was cut off, what the model sends is another', async () => {
  const call = await new RealtimeCall().join();
  await call.userSays('Hello');
  await call.modelSays('A long story.', 2000, false);
  await call.report({ type: 'user-speech-start' });
  const before = call.connection.frames.length;
  await call.pass(1900);
  await call.modelSays('that nobody wants', 200, false);
  await call.pass(100);
  expect(call.connection.frames).toHaveLength(before);
  await call.modelSays('Yes?', 200);
  await call.modelEnds();
  await call.pass(500);
  expect(call.turns.map(({ agentText }) => agentText)).toContain('Yes?');
});

describe('an answer that the model forgets', () => {
  test('fails, whoever asked for it, after the dead air that was told', async () => {
    const call = await new RealtimeCall().join();
    const said = call.agent.say('One moment.', { interruptible: false });
    // The model hears a noise instead, and tells of neither.
    await call.report({ type: 'user-speech-start' }, { type: 'user-speech-end' });
    await call.pass(29_999);
    expect(call.states.at(-1)).toBe('thinking');
    await call.pass(1);
    expect(await said).toMatchObject({ outcome: 'error', error: { code: 'response_timeout' } });
    await call.userSays('Hello?');
    await call.pass(30_000);
    expect(call.deadAir).toEqual(['turn-3']);
    expect(call.turns.map(({ outcome }) => outcome)).toEqual(['no_response', 'error', 'error']);
    expect(call.errors).toMatchObject([{ code: 'response_timeout' }, { code: 'response_timeout' }]);
    expect(call.states.at(-1)).toBe('listening');
  });

  test('in the middle fails when what there was of it has been heard', async () => {
    const call = await new RealtimeCall().join();
    await call.userSays('Hello');
    await call.modelSays('A long story.', 20_000, false);
    await call.pass(49_900);
    expect(call.turns).toEqual([]);
    await call.pass(100);
    expect(call.turns).toMatchObject([{ outcome: 'error', agentText: 'A long story.' }]);
  });

  test('slowly does not fail while words of it come', async () => {
    const call = await new RealtimeCall().join();
    await call.userSays('Hello');
    await call.pass(20_000);
    await call.report({ type: 'agent-transcript', text: 'Good', final: false });
    await call.pass(20_000);
    await call.modelSays('Good morning.', 200);
    await call.modelEnds();
    await call.pass(500);
    expect(call.turns).toMatchObject([{ outcome: 'completed' }]);
  });

  test('with its session is waited for anew when the next one hears the question', async () => {
    const call = await new RealtimeCall({ openings: [{}, {}] }).join();
    await call.userSays('Hello');
    await call.pass(20_000);
    call.model.lose(LOST);
    await call.pass(1000);
    await call.userSays('Hello');
    await call.pass(20_000);
    expect(call.turns).toEqual([]);
    await call.pass(10_000);
    expect(call.turns).toMatchObject([{ outcome: 'error', userText: 'Hello' }]);
  });

  test('is waited for while a tool is at work, and not for longer', async () => {
    const call = await new RealtimeCall({ agent: { tools: SLOW } }).join();
    await call.userSays('How is the weather in Paris?');
    await call.report({ type: 'tool-call', call: TOOL_CALL });
    await call.modelEnds();
    await call.pass(60_000 + 29_900);
    expect(call.turns).toEqual([]);
    await call.pass(100);
    expect(call.turns).toMatchObject([{ outcome: 'error' }]);
  });
});
