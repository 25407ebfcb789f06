import { describe, expect, test } from 'vitest';

import type { Message, ToolCall } from '../../src/index.ts';
import { tool } from '../../src/index.ts';
import type { LLMStep } from '../../src/testing/index.ts';
import { ManualClock, asksFor, says, settled, speaks } from '../../src/testing/index.ts';
import { CITY_INPUT } from '../fakes/city-input.ts';
import type { SlowToolOptions } from '../fakes/slow-tool.ts';
import { SlowTool } from '../fakes/slow-tool.ts';
import type { CallScript } from '../fakes/test-call.ts';
import { TestCall } from '../fakes/test-call.ts';
import { startTelemetry } from '../metrics/telemetry.ts';

const book = (id: string): ToolCall => ({ id, name: 'book', arguments: { city: 'Paris' } });
const lookUp = (id: string): ToolCall => ({ id, name: 'look_up', arguments: { city: 'Paris' } });

const RUNNING: unknown = expect.stringContaining('"status":"running"');

interface Interrupted {
  readonly call: TestCall;
  readonly booking: SlowTool;
  readonly lookingUp: SlowTool;
}

/** Any sound interrupts: here it matters what becomes of tools, not who may interrupt. */
const AT_ONCE = { minSpeechMs: 0, minWords: 0 };

/** A call with a tool that does something and one that only looks something up. */
async function joinWithTools(script: CallScript, options?: SlowToolOptions): Promise<Interrupted> {
  const clock = new ManualClock();
  const booking = new SlowTool(clock, { takesMs: 3000, ...options });
  const lookingUp = new SlowTool(clock, { takesMs: 3000, readOnly: true });
  const call = new TestCall({
    clock,
    ...script,
    agent: {
      tools: { book: booking.tool, look_up: lookingUp.tool },
      interruption: AT_ONCE,
      ...script.agent,
    },
  });
  await call.join();
  await call.userSays('Book a table.');
  return { call, booking, lookingUp };
}

/** Each call is followed by its results, in order, before anything else. */
function isValid(messages: readonly Message[]): boolean {
  return messages.every((message, index) => {
    const next = messages[index + 1];
    if (message.role === 'tool') {
      const before = messages[index - 1];
      return before?.role === 'assistant' && before.toolCalls.length > 0;
    }
    if (message.role !== 'assistant' || message.toolCalls.length === 0) return true;
    const ids = message.toolCalls.map(({ id }) => id);
    return next?.role === 'tool' && next.results.map(({ callId }) => callId).join() === ids.join();
  });
}

describe('a user who interrupts an answer while a tool works', () => {
  test('does not stop one that does something, and is answered without waiting for it', async () => {
    const { call, booking } = await joinWithTools({
      rounds: [asksFor([book('a')]), says('One moment.'), says('It is booked.')],
      speeches: [speaks('One moment.'), speaks('It is booked.')],
    });
    await call.clock.advance(100);
    await call.userSays('Are you there?');
    await call.clock.advance(400);
    expect(call.turns).toMatchObject([
      { kind: 'tool_reply', outcome: 'interrupted', interruptedWhile: 'thinking' },
      { outcome: 'completed', timeline: { stages: { endpointing: 200, llm: 0, tool: 0 } } },
    ]);
    expect(call.llm.requests[1]?.messages).toMatchObject([
      { role: 'user', text: 'Book a table.' },
      { role: 'assistant', text: '', toolCalls: [book('a')], interrupted: true },
      { role: 'tool', results: [{ callId: 'a', name: 'book', output: RUNNING, success: true }] },
      { role: 'user', text: 'Are you there?' },
    ]);
    await call.clock.advance(3000);
    expect(booking.ends).toEqual(['done']);
    await call.userSays('And now?');
    await call.clock.advance(400);
    expect(call.llm.requests[2]?.messages.slice(1, 4)).toMatchObject([
      { role: 'assistant', toolCalls: [book('a')] },
      { role: 'tool', results: [{ callId: 'a', output: 'Paris: run 1', success: true }] },
      { role: 'user', text: 'Are you there?' },
    ]);
    expect(call.llm.requests.map(({ messages }) => isValid(messages))).toEqual([true, true, true]);
  });

  test('stops one that only looks things up, and the model is told', async () => {
    const { call, lookingUp } = await joinWithTools({
      rounds: [asksFor([lookUp('a')]), says('Fine.')],
      speeches: [speaks('Fine.')],
    });
    await call.clock.advance(100);
    await call.userSays('Never mind.');
    expect(lookingUp.ends).toEqual(['aborted']);
    await call.clock.advance(400);
    const output = JSON.stringify({ error: 'the work was interrupted' });
    expect(call.llm.requests[1]?.messages).toMatchObject([
      { role: 'user', text: 'Book a table.' },
      { role: 'assistant', toolCalls: [lookUp('a')], interrupted: true },
      { role: 'tool', results: [{ callId: 'a', name: 'look_up', output, success: false }] },
      { role: 'user', text: 'Never mind.' },
    ]);
  });

  test('has each counted once, with how it truly ended and how long it took', async () => {
    const telemetry = startTelemetry();
    const { call } = await joinWithTools({
      rounds: [asksFor([book('a'), lookUp('b')]), says('Fine.')],
      speeches: [speaks('Fine.')],
    });
    await call.clock.advance(100);
    await call.userSays('Never mind.');
    await call.clock.advance(5000);
    const booked = { tool_name: 'book', success: 'true' };
    const lookedUp = { tool_name: 'look_up', success: 'false' };
    expect(await telemetry.value('llm.tool_calls', booked)).toBe(1);
    expect(await telemetry.histogram('llm.tool_latency.ms', booked)).toMatchObject({
      count: 1,
      sum: 3000,
    });
    expect(await telemetry.value('llm.tool_calls', lookedUp)).toBe(1);
    expect(await telemetry.histogram('llm.tool_latency.ms', lookedUp)).toMatchObject({
      count: 1,
      sum: 100,
    });
    expect(call.agent.metrics.llmToolCalls.total).toBe(2);
  });

  test('is told the truth of what was done already', async () => {
    const clock = new ManualClock();
    const quick = new SlowTool(clock, { takesMs: 50 });
    const slow = new SlowTool(clock, { takesMs: 3000 });
    const call = new TestCall({
      clock,
      rounds: [asksFor([book('a'), { ...lookUp('b'), name: 'quick' }]), says('Fine.')],
      speeches: [speaks('Fine.')],
      agent: { tools: { book: slow.tool, quick: quick.tool }, interruption: AT_ONCE },
    });
    await call.join();
    await call.userSays('Book a table.');
    await call.clock.advance(100);
    await call.userSays('Never mind.');
    await call.clock.advance(400);
    expect(call.llm.requests[1]?.messages[2]).toMatchObject({
      results: [
        { callId: 'a', output: RUNNING },
        { callId: 'b', output: 'Paris: run 1', success: true },
      ],
    });
  });

  test('is told of a failure that came later', async () => {
    const { call } = await joinWithTools(
      {
        rounds: [asksFor([book('a')]), says('Yes.'), says('No.')],
        speeches: [speaks('Yes.'), speaks('No.')],
      },
      { failures: [new Error('fully booked')] },
    );
    await call.clock.advance(100);
    await call.userSays('Are you there?');
    await call.clock.advance(4000);
    await call.userSays('And?');
    await call.clock.advance(400);
    expect(call.llm.requests[2]?.messages[2]).toMatchObject({
      results: [{ output: '{"error":"fully booked"}', success: false }],
    });
  });
});

describe('a tool that went on when its answer was interrupted', () => {
  test.each([
    ['while it still works', 0],
    ['when it has just been done', 2800],
  ])('is not run a second time when the model asks again %s', async (_, thinkingMs) => {
    const { call, booking } = await joinWithTools({
      rounds: [
        asksFor([book('a')]),
        asksFor([book('b')], { afterMs: thinkingMs }),
        says('It is booked.'),
      ],
      speeches: [speaks('It is booked.')],
    });
    await call.clock.advance(100);
    await call.userSays('Are you there?');
    await call.clock.advance(5000);
    expect(booking.begun).toBe(1);
    expect(call.turns.at(-1)).toMatchObject({ outcome: 'completed', agentText: 'It is booked.' });
    expect(call.llm.requests[2]?.messages.slice(1)).toMatchObject([
      { role: 'assistant', toolCalls: [book('a')] },
      { role: 'tool', results: [{ callId: 'a', output: 'Paris: run 1' }] },
      { role: 'user', text: 'Are you there?' },
      { role: 'assistant', toolCalls: [book('b')] },
      { role: 'tool', results: [{ callId: 'b', output: 'Paris: run 1' }] },
    ]);
    expect(call.agent.metrics.llmToolCalls.total).toBe(1);
  });

  test('serves also an answer after the next that is interrupted', async () => {
    const { call, booking } = await joinWithTools(
      {
        rounds: [asksFor([book('a')]), asksFor([book('b')]), asksFor([book('c')]), says('Done.')],
        speeches: [speaks('Done.')],
      },
      { takesMs: 6000 },
    );
    await call.clock.advance(100);
    await call.userSays('Are you there?');
    await call.clock.advance(100);
    await call.userSays('Hello?');
    await call.clock.advance(6000);
    expect(booking.begun).toBe(1);
    const results = call.llm.requests[3]?.messages.filter(({ role }) => role === 'tool');
    expect(results).toMatchObject(
      ['a', 'b', 'c'].map((callId) => ({ results: [{ callId, output: 'Paris: run 1' }] })),
    );
  });

  test('is stopped by the end of the call, which does not wait for it', async () => {
    const { call, booking } = await joinWithTools({ rounds: [asksFor([book('a')])] });
    await call.clock.advance(100);
    call.ears.report({ type: 'speech-start' });
    await settled();
    await call.agent.close();
    expect(booking.ends).toEqual(['aborted']);
    expect(call.clock.pendingTimers).toBe(0);
    const { llmToolCalls, llmToolLatencyMs } = call.agent.metrics;
    expect(llmToolCalls.total).toBe(1);
    expect(llmToolLatencyMs).toMatchObject({ count: 1, sum: 100 });
  });

  test('is given up when it takes too long', async () => {
    const { call } = await joinWithTools(
      { rounds: [asksFor([book('a')]), says('Yes.')], speeches: [speaks('Yes.')] },
      { takesMs: 60_000 },
    );
    await call.clock.advance(100);
    call.ears.report({ type: 'speech-start' });
    await call.clock.advance(31_000);
    await call.userSays('Are you there?');
    await call.clock.advance(400);
    expect(call.llm.requests[1]?.messages[2]).toMatchObject({
      results: [{ output: '{"error":"it took longer than 30000 ms"}', success: false }],
    });
  });
});

test('a response of the program that is cut off is over at once, though its tool goes on', async () => {
  const { call, booking } = await joinWithTools({
    rounds: [says('Yes.'), asksFor([book('a')])],
    speeches: [speaks('Yes.')],
  });
  await call.clock.advance(500);
  const response = call.agent.simpleResponse('Book it.');
  await call.clock.advance(100);
  await call.bargeIn();
  await expect(response).resolves.toMatchObject({ outcome: 'interrupted' });
  expect(booking.ends).toEqual([]);
  await call.clock.advance(3000);
  expect(booking.ends).toEqual(['done']);
});

test.each(Array.from({ length: 30 }, (_, steps) => steps))(
  'an interruption %i steps after a tool was done finds its round in the conversation, once',
  async (steps) => {
    const interrupt = (left: number): void => {
      if (left > 0) queueMicrotask(() => interrupt(left - 1));
      else void call.agent.simpleResponse('Stop.');
    };
    const call: TestCall = new TestCall({
      rounds: [asksFor([book('a')])],
      agent: {
        tools: {
          book: tool({ description: 'Books.', input: CITY_INPUT, execute: () => interrupt(steps) }),
        },
      },
    });
    // Whether the next request of the cut answer was sent depends on the steps.
    call.llm.script.add(says('Fine.'), says('Fine.'), says('Fine.'));
    call.tts.script.add(speaks('Fine.'), speaks('Fine.'));
    await call.join();
    await call.userSays('Book a table.');
    await call.clock.advance(1000);
    if (call.llm.requests.length === 2) call.llm.script.next('nothing');
    void call.agent.simpleResponse('And now?');
    await call.clock.advance(1000);
    const messages = call.llm.requests.at(-1)?.messages ?? [];
    const roles = ['user', 'assistant', 'tool', 'user', 'assistant', 'user'];
    expect(messages.map(({ role }) => role)).toEqual(roles);
    expect(isValid(messages)).toBe(true);
  },
);

describe('what was said before the tool', () => {
  const round: LLMStep[] = [
    { type: 'text', text: 'Let me look what there is.' },
    ...asksFor([book('a')]),
  ];
  const script: CallScript = {
    rounds: [round, says('It is booked.', { afterMs: 10_000 }), says('Yes.')],
    speeches: [speaks('Let me look what there is.', { audioMs: 2600 }), speaks('Yes.')],
  };

  test('is remembered as far as it was heard, also when the tool was done by then', async () => {
    const { call, booking } = await joinWithTools(script, { takesMs: 200 });
    await call.clock.advance(1300);
    expect(booking.ends).toEqual(['done']);
    await call.userSays('Stop.');
    await call.clock.advance(400);
    expect(call.turns[0]).toMatchObject({ outcome: 'interrupted', agentText: 'Let me look' });
    expect(call.llm.requests[2]?.messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant', text: 'Let me look', toolCalls: [book('a')], interrupted: true },
      { role: 'tool', results: [{ output: 'Paris: run 1' }] },
      { role: 'user', text: 'Stop.' },
    ]);
  });

  test('is remembered with the tool before which it was said', async () => {
    const lookingUp: LLMStep[] = [
      { type: 'text', text: 'One more moment.' },
      ...asksFor([lookUp('b')]),
    ];
    const { call } = await joinWithTools(
      {
        rounds: [round, lookingUp, says('Yes.')],
        speeches: [
          speaks('Let me look what there is.', { audioMs: 1000 }),
          speaks('One more moment.', { audioMs: 1000 }),
          speaks('Yes.'),
        ],
      },
      { takesMs: 200 },
    );
    await call.clock.advance(1900);
    await call.userSays('Stop.');
    await call.clock.advance(400);
    expect(call.llm.requests[2]?.messages).toMatchObject([
      { role: 'user' },
      { text: 'Let me look what there is.', toolCalls: [book('a')], interrupted: false },
      { role: 'tool', results: [{ output: 'Paris: run 1' }] },
      { text: 'One more', toolCalls: [lookUp('b')], interrupted: true },
      { role: 'tool', results: [{ success: false }] },
      { role: 'user', text: 'Stop.' },
    ]);
  });

  test('is not called interrupted when it was heard whole', async () => {
    const { call } = await joinWithTools(script, { takesMs: 200 });
    await call.clock.advance(3000);
    await call.userSays('Stop.');
    await call.clock.advance(400);
    expect(call.llm.requests[2]?.messages[1]).toMatchObject({
      text: 'Let me look what there is.',
      interrupted: false,
    });
  });
});
