import { describe, expect, test } from 'vitest';

import { tool } from '../../src/index.ts';
import type { LLMStep } from '../../src/testing/index.ts';
import { asksFor, pause, says, settled, speaks } from '../../src/testing/index.ts';
import { CITY_INPUT } from '../fakes/city-input.ts';
import type { CallScript } from '../fakes/test-call.ts';
import { TestCall } from '../fakes/test-call.ts';
import { startTelemetry } from '../metrics/telemetry.ts';

const weatherIn = (city: string) => ({ id: 'call-1', name: 'weather', arguments: { city } });
const WEATHER = weatherIn('Paris');
const TEMPERATURE = { id: 'call-2', name: 'temperature', arguments: { city: 'Paris' } };

interface Weather {
  /** How long the tool takes. */
  readonly takesMs?: number;
  readonly output?: unknown;
}

/** A call with an agent that has the tools `weather` and `temperature`. */
function callWithTools(script: CallScript, { takesMs = 200, output = 'sunny' }: Weather = {}) {
  const call: TestCall = new TestCall({
    ...script,
    agent: {
      ...script.agent,
      tools: {
        weather: tool({
          description: 'Tells the weather.',
          input: CITY_INPUT,
          timeoutMs: 5000,
          async execute({ city }, { signal }) {
            await pause(call.clock, takesMs, signal);
            if (output instanceof Error) throw output;
            return `${String(output)} in ${city}`;
          },
        }),
        temperature: tool({
          description: 'Tells the temperature.',
          input: CITY_INPUT,
          execute: () => ({ degrees: 21 }),
        }),
      },
    },
  });
  return call.join();
}

describe('an answer with a tool', () => {
  const script: CallScript = {
    rounds: [asksFor([WEATHER], { afterMs: 300 }), says('It is sunny.', { afterMs: 250 })],
    speeches: [speaks('It is sunny.', { afterMs: 80, audioMs: 100 })],
  };

  test('is a tool reply whose time is split between model and tool', async () => {
    const call = await callWithTools(script);
    await call.userSays('How is the weather?');
    await call.clock.advance(2000);
    expect(call.turns).toMatchObject([
      {
        kind: 'tool_reply',
        outcome: 'completed',
        agentText: 'It is sunny.',
        marks: { llmRequest: 1600, toolStart: 1900, toolEnd: 2100, llmFirstToken: 2350 },
        timeline: {
          responseLatencyMs: 200 + 300 + 200 + 250 + 80,
          stages: { endpointing: 200, llm: 550, tool: 200, sentence: 0, tts: 80, playout: 0 },
          overheadMs: 0,
        },
      },
    ]);
  });

  test('counts one request a round, and the tool apart', async () => {
    const telemetry = startTelemetry();
    const call = await callWithTools(script);
    await call.userSays('How is the weather?');
    await call.clock.advance(2000);
    const { metrics } = call.agent;
    expect(metrics.llmRequests.total).toBe(2);
    expect(metrics.llmLatencyMs).toMatchObject({ count: 2, sum: 550 });
    expect(metrics.llmInputTokens.total).toBe(30);
    expect(metrics.llmToolCalls.total).toBe(1);
    expect(metrics.llmToolLatencyMs).toMatchObject({ count: 1, sum: 200 });
    const labels = { tool_name: 'weather', success: 'true' };
    expect(await telemetry.value('llm.tool_calls', labels)).toBe(1);
    const tools = await telemetry.histogram('agent.response.stage.ms', {
      kind: 'tool_reply',
      stage: 'tool',
    });
    expect(tools).toMatchObject({ count: 1, sum: 200 });
  });

  test('tells the model of the tools, then of what came out', async () => {
    const call = await callWithTools(script);
    await call.userSays('How is the weather?');
    await call.clock.advance(2000);
    const [first, second] = call.llm.requests;
    expect(first?.tools?.map(({ name }) => name)).toEqual(['weather', 'temperature']);
    expect(first?.tools?.[0]).toMatchObject({
      description: 'Tells the weather.',
      inputSchema: { type: 'object' },
    });
    expect(second?.messages).toEqual([
      { role: 'user', text: 'How is the weather?', participantId: 'caller' },
      { role: 'assistant', text: '', toolCalls: [WEATHER], interrupted: false },
      {
        role: 'tool',
        results: [{ callId: 'call-1', name: 'weather', output: 'sunny in Paris', success: true }],
      },
    ]);
  });

  test('runs the tools of a round side by side', async () => {
    const call = await callWithTools({
      rounds: [asksFor([WEATHER, TEMPERATURE]), says('Sunny, 21 degrees.')],
      speeches: [speaks('Sunny, 21 degrees.')],
    });
    await call.userSays('How is the weather?');
    await call.clock.advance(1000);
    const results = call.llm.requests[1]?.messages.at(-1);
    expect(results).toMatchObject({
      role: 'tool',
      results: [
        { callId: 'call-1', output: 'sunny in Paris' },
        { callId: 'call-2', output: '{"degrees":21}' },
      ],
    });
    expect(call.turns[0]?.timeline?.stages.tool).toBe(200);
    expect(call.agent.metrics.llmToolCalls.total).toBe(2);
  });

  test('speaks what the model said before it asked', async () => {
    const round: LLMStep[] = [{ type: 'text', text: 'One moment' }, ...asksFor([WEATHER])];
    const call = await callWithTools({
      rounds: [round, says('It is sunny.')],
      speeches: [speaks('One moment', { level: 1 }), speaks('It is sunny.', { level: 2 })],
    });
    await call.userSays('How is the weather?');
    await call.clock.advance(1000);
    expect(call.turns).toMatchObject([
      { kind: 'reply', outcome: 'completed', agentText: 'One moment It is sunny.' },
    ]);
    expect(call.llm.requests[1]?.messages[1]).toMatchObject({
      text: 'One moment',
      toolCalls: [WEATHER],
    });
    expect(new Set(call.frameLevels)).toEqual(new Set([1, 2]));
  });

  test('does not take white space before the tool for the first words', async () => {
    const call = await callWithTools({
      rounds: [
        [{ type: 'text', text: '\n' }, ...asksFor([WEATHER], { afterMs: 300 })],
        says('It is sunny.', { afterMs: 250 }),
      ],
      speeches: [speaks('It is sunny.')],
    });
    await call.userSays('How is the weather?');
    await call.clock.advance(2000);
    expect(call.turns[0]).toMatchObject({
      kind: 'tool_reply',
      timeline: { stages: { llm: 550, tool: 200, sentence: 0 }, overheadMs: 0 },
    });
  });
});

describe('a tool that goes wrong', () => {
  test.each([
    ['an unknown one', { ...WEATHER, name: 'forecast' }, {}, 'there is no tool of this name'],
    ['a bad input', { ...WEATHER, arguments: {} }, {}, 'bad input: city: must be a string'],
    ['a failure', WEATHER, { output: new Error('no such city') }, 'no such city'],
    ['a time-out', WEATHER, { takesMs: 60_000 }, 'it took longer than 5000 ms'],
  ])('goes back to the model, which can tell: %s', async (_, asked, weather, problem) => {
    const call = await callWithTools(
      { rounds: [asksFor([asked]), says('Sorry.')], speeches: [speaks('Sorry.')] },
      weather,
    );
    await call.userSays('How is the weather?');
    await call.clock.advance(10_000);
    expect(call.llm.requests[1]?.messages.at(-1)).toEqual({
      role: 'tool',
      results: [
        {
          callId: asked.id,
          name: asked.name,
          output: JSON.stringify({ error: problem }),
          success: false,
        },
      ],
    });
    expect(call.turns).toMatchObject([{ outcome: 'completed', agentText: 'Sorry.' }]);
    expect(call.agent.metrics.llmToolCalls.total).toBe(1);
    expect(call.errors).toEqual([]);
  });
});

describe('a model that only ever asks for tools', () => {
  test('is stopped after maxToolRounds rounds', async () => {
    const call = await callWithTools({
      agent: { maxToolRounds: 2 },
      rounds: [
        ...['Paris', 'Oslo', 'Rome'].map((city) => asksFor([weatherIn(city)])),
        says('Yes.'),
      ],
      speeches: [speaks('Yes.')],
    });
    await call.userSays('How is the weather?');
    await call.clock.advance(10_000);
    expect(call.llm.requests).toHaveLength(3);
    // Nothing is done any more that no answer would tell of.
    expect(call.agent.metrics.llmToolCalls.total).toBe(2);
    expect(call.turns).toMatchObject([{ outcome: 'error', agentText: '' }]);
    expect(call.errors).toMatchObject([{ code: 'tool_rounds' }]);
    await call.userSays('Hello?');
    await call.clock.advance(1000);
    expect(call.turns[1]).toMatchObject({ outcome: 'completed' });
  });

  test('with maxToolRounds 0 may not ask at all', async () => {
    const call = await callWithTools({
      agent: { maxToolRounds: 0 },
      rounds: [asksFor([TEMPERATURE])],
    });
    await call.userSays('How warm is it?');
    await call.clock.advance(1000);
    expect(call.turns).toMatchObject([{ outcome: 'error' }]);
    expect(call.agent.metrics.llmToolCalls.total).toBe(0);
  });
});

describe('a program that speaks while a tool works', () => {
  test('goes first, and the model is told that the tool goes on', async () => {
    const call = await callWithTools({
      rounds: [asksFor([WEATHER]), says('Yes.')],
      speeches: [speaks('Yes.')],
    });
    await call.userSays('How is the weather?');
    await call.clock.advance(100);
    const response = call.agent.simpleResponse('Say yes.');
    await call.clock.advance(1000);
    expect(await response).toMatchObject({ outcome: 'completed' });
    expect(call.llm.requests[1]?.messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant', toolCalls: [WEATHER] },
      { role: 'tool', results: [{ callId: 'call-1', success: true }] },
      { role: 'user', text: 'Say yes.' },
    ]);
  });

  test('is remembered to have heard only what was said before the tool', async () => {
    const round: LLMStep[] = [{ type: 'text', text: 'One moment please.' }, ...asksFor([WEATHER])];
    const call = await callWithTools({
      rounds: [round, says('Yes.')],
      speeches: [speaks('One moment please.', { audioMs: 1000 }), speaks('Yes.')],
    });
    await call.userSays('How is the weather?');
    await call.clock.advance(100);
    void call.agent.simpleResponse('Say yes.');
    await settled();
    expect(call.llm.requests[1]?.messages[1]).toMatchObject({
      role: 'assistant',
      text: '',
      toolCalls: [WEATHER],
    });
    await call.clock.advance(500);
  });
});
