import { describe, expect, test } from 'vitest';

import type { ToolCall } from '../../src/index.ts';
import { ManualClock, asksFor, says, speaks } from '../../src/testing/index.ts';
import type { SlowToolOptions } from '../fakes/slow-tool.ts';
import { SlowTool } from '../fakes/slow-tool.ts';
import { TestCall } from '../fakes/test-call.ts';

const book = (id: string, city = 'Paris'): ToolCall => ({
  id,
  name: 'book',
  arguments: { city, guests: { adults: 2, children: 1 } },
});

/** The same as {@link book} asks for, written in another order. */
const bookAgain = (id: string): ToolCall => ({
  id,
  name: 'book',
  arguments: { guests: { children: 1, adults: 2 }, city: 'Paris' },
});

async function answer(
  rounds: readonly (readonly ToolCall[])[],
  options: SlowToolOptions = {},
): Promise<{ call: TestCall; slow: SlowTool }> {
  const clock = new ManualClock();
  const slow = new SlowTool(clock, options);
  const call = new TestCall({
    clock,
    rounds: [...rounds.map((calls) => asksFor(calls)), says('Done.')],
    speeches: [speaks('Done.')],
    agent: { tools: { book: slow.tool, other: slow.tool } },
  });
  await call.join();
  await call.userSays('Book a table.');
  await call.clock.advance(10_000);
  expect(call.turns).toMatchObject([{ outcome: 'completed', agentText: 'Done.' }]);
  return { call, slow };
}

/** The results that the model was given, by round. */
function resultsIn(call: TestCall): unknown[] {
  const messages = call.llm.requests.at(-1)?.messages ?? [];
  return messages.flatMap((message) => (message.role === 'tool' ? [message.results] : []));
}

describe('a call that the model makes twice in an answer', () => {
  test('runs once, in one round, and both get the result', async () => {
    const { call, slow } = await answer([[book('a'), bookAgain('b')]]);
    expect(slow.begun).toBe(1);
    expect(resultsIn(call)).toEqual([
      [
        { callId: 'a', name: 'book', output: 'Paris: run 1', success: true },
        { callId: 'b', name: 'book', output: 'Paris: run 1', success: true },
      ],
    ]);
    expect(call.agent.metrics.llmToolCalls.total).toBe(1);
    expect(call.agent.metrics.llmToolLatencyMs).toMatchObject({ count: 1, sum: 1000 });
  });

  test('runs once, in two rounds', async () => {
    const { call, slow } = await answer([[book('a')], [bookAgain('b')]]);
    expect(slow.begun).toBe(1);
    expect(resultsIn(call)).toMatchObject([
      [{ callId: 'a', output: 'Paris: run 1' }],
      [{ callId: 'b', output: 'Paris: run 1' }],
    ]);
    expect(call.agent.metrics.llmToolCalls.total).toBe(1);
  });

  test('runs again when it has failed', async () => {
    const { call, slow } = await answer([[book('a')], [book('b')]], {
      failures: [new Error('busy')],
    });
    expect(slow.begun).toBe(2);
    expect(resultsIn(call)).toMatchObject([
      [{ output: '{"error":"busy"}', success: false }],
      [{ output: 'Paris: run 2', success: true }],
    ]);
    expect(call.agent.metrics.llmToolCalls.total).toBe(2);
  });

  test('runs again in the next round when it only looks things up', async () => {
    const { call, slow } = await answer([[book('a'), book('b')], [book('c')]], { readOnly: true });
    expect(slow.begun).toBe(2);
    expect(resultsIn(call)).toMatchObject([
      [{ output: 'Paris: run 1' }, { output: 'Paris: run 1' }],
      [{ output: 'Paris: run 2' }],
    ]);
  });
});

test('calls of another tool or with another input are others', async () => {
  const calls = [book('a'), book('b', 'Oslo'), { ...book('c'), name: 'other' }];
  const { call, slow } = await answer([calls]);
  expect(slow.begun).toBe(3);
  expect(call.agent.metrics.llmToolCalls.total).toBe(3);
});

test('a call that is made again in the next answer runs again', async () => {
  const clock = new ManualClock();
  const slow = new SlowTool(clock);
  const call = new TestCall({
    clock,
    rounds: [asksFor([book('a')]), says('Done.'), asksFor([book('b')]), says('Again.')],
    speeches: [speaks('Done.'), speaks('Again.')],
    agent: { tools: { book: slow.tool } },
  });
  await call.join();
  await call.userSays('Book a table.');
  await call.clock.advance(2000);
  await call.userSays('Another one, please.');
  await call.clock.advance(2000);
  expect(slow.begun).toBe(2);
  expect(call.turns).toMatchObject([{ outcome: 'completed' }, { outcome: 'completed' }]);
});
