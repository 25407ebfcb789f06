import { describe, expect, test } from 'vitest';

import { says, settled, speaks } from '../../src/testing/index.ts';
import { CALLER, TestCall } from '../fakes/test-call.ts';
import { startTelemetry } from '../metrics/telemetry.ts';

describe('the first words of a call', () => {
  test('are a greeting, timed from the joining of the caller', async () => {
    const telemetry = startTelemetry();
    const call = await new TestCall({
      join: { present: [] },
      rounds: [says('Hello!', { afterMs: 300 })],
      speeches: [speaks('Hello!', { afterMs: 100, audioMs: 60 })],
    }).joinAlone();
    await call.clock.advance(1000);
    call.connection.join(CALLER);
    await call.clock.advance(50);
    const response = call.agent.simpleResponse('Greet the caller.');
    await call.clock.advance(1000);

    const record = await response;
    expect(record).toMatchObject({
      kind: 'greeting',
      outcome: 'completed',
      participant: undefined,
      agentText: 'Hello!',
      timeline: {
        responseLatencyMs: 450,
        stages: { endpointing: 50, llm: 300, tool: 0, sentence: 0, tts: 100, playout: 0 },
        overheadMs: 0,
      },
    });
    expect(call.turns).toEqual([record]);
    expect(call.llm.requests).toEqual([
      { instructions: '', messages: [{ role: 'user', text: 'Greet the caller.' }] },
    ]);
    const { metrics } = call.agent;
    expect(metrics.agentResponseLatencyMs).toMatchObject({ count: 1, sum: 450 });
    expect(metrics.agentTurns.total).toBe(0);
    const latency = await telemetry.histogram('agent.response.latency.ms', { kind: 'greeting' });
    expect(latency).toMatchObject({ count: 1, sum: 450 });
  });

  test('can be words of the program, which the model then knows of', async () => {
    const call = await new TestCall({
      rounds: [says('Fine.')],
      speeches: [speaks('Welcome to the test.', { afterMs: 80 }), speaks('Fine.')],
    }).join();
    const response = call.agent.say('Welcome to the test.');
    await call.clock.advance(500);
    expect(await response).toMatchObject({ kind: 'greeting', agentText: 'Welcome to the test.' });
    await call.userSays('How are you?');
    await call.clock.advance(500);
    expect(call.llm.requests[0]?.messages).toEqual([
      { role: 'assistant', text: 'Welcome to the test.', toolCalls: [], interrupted: false },
      { role: 'user', text: 'How are you?', participantId: 'caller' },
    ]);
    expect(call.connection.captions[0]).toEqual({
      speaker: 'agent',
      text: 'Welcome to the test.',
      final: true,
    });
  });

  test('have no latency when nobody was there to wait for them', async () => {
    const call = await new TestCall({
      join: { present: [] },
      openings: [],
      speeches: [speaks('Is anybody there?')],
    }).joinAlone();
    const response = call.agent.say('Is anybody there?');
    await call.clock.advance(500);
    expect(await response).toMatchObject({ kind: 'greeting', timeline: undefined });
    expect(call.agent.metrics.agentResponseLatencyMs.count).toBe(0);
  });
});

describe('words that the program puts in later', () => {
  test('are no greeting and have no latency', async () => {
    const call = await new TestCall({
      speeches: [speaks('Hello.'), speaks('Still there?')],
    }).join();
    for (const text of ['Hello.', 'Still there?']) {
      const response = call.agent.say(text);
      await call.clock.advance(500);
      await response;
    }
    expect(call.turns.map(({ kind }) => kind)).toEqual(['greeting', 'prompted']);
    expect(call.agent.metrics.agentResponseLatencyMs.count).toBe(1);
  });

  test('cut off what the agent was saying, which is no interruption by a user', async () => {
    const call = await new TestCall({
      speeches: [
        speaks('A long story.', { audioMs: 2000, level: 1 }),
        speaks('Stop!', { level: 2 }),
      ],
    }).join();
    const first = call.agent.say('A long story.');
    await call.clock.advance(1000);
    const second = call.agent.say('Stop!');
    await settled();
    expect(await first).toMatchObject({ outcome: 'interrupted', agentText: 'A long' });
    await call.clock.advance(500);
    expect(await second).toMatchObject({ outcome: 'completed' });
    expect(call.frameLevels.filter((level) => level === 2)).toHaveLength(5);
    expect(call.frameLevels.lastIndexOf(1)).toBeLessThan(call.frameLevels.indexOf(2));
    expect(call.agent.metrics.agentInterruptions.total).toBe(0);
    expect(call.agent.metrics.agentInterruptionLatencyMs.count).toBe(0);
  });

  test('come after the words that they cut off in what the model is told', async () => {
    const call = await new TestCall({
      rounds: [says('Back to work.')],
      speeches: [speaks('A long story.', { audioMs: 2000 }), speaks('Back to work.')],
    }).join();
    void call.agent.say('A long story.');
    await call.clock.advance(1000);
    void call.agent.simpleResponse('Get back to work.');
    await call.clock.advance(500);
    expect(call.llm.requests[0]?.messages).toEqual([
      { role: 'assistant', text: 'A long', toolCalls: [], interrupted: true },
      { role: 'user', text: 'Get back to work.' },
    ]);
  });

  test('may be nothing: the turn ends without a response', async () => {
    const call = await new TestCall().join();
    const response = call.agent.say(' ');
    await settled();
    expect(await response).toMatchObject({ outcome: 'no_response', agentText: '' });
    expect(call.connection.frames).toEqual([]);
  });
});

test.each(['simpleResponse', 'say'] as const)('%s outside a call is refused', async (method) => {
  const call = new TestCall({ join: { present: [CALLER] } });
  await expect(call.agent[method]('Hello.')).rejects.toMatchObject({ code: 'not_in_call' });
  await call.join();
  await call.agent.close();
  await expect(call.agent[method]('Hello.')).rejects.toMatchObject({ code: 'not_in_call' });
});
