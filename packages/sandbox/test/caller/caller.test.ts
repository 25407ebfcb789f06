import { placeCall, type CallEvent } from '@vision-agents/sandbox';
import { expect, test } from 'vitest';

import { chordMs, FakeEdge } from './fake-edge.ts';

test.each([16_000, 48_000])('a call at %i Hz, from greeting to good-bye', async (sampleRateHz) => {
  await using edge = await FakeEdge.start();
  const events: CallEvent[] = [];
  const report = await placeCall({
    url: edge.url,
    lines: ['How are you?', 'Fine.'],
    sampleRateHz,
    chordMs,
    onEvent: (event) => events.push(event),
  });
  expect(report).toMatchObject({
    greeting: 'Hello!',
    turns: [
      { said: 'How are you?', heard: 'I heard: How are you?' },
      { said: 'Fine.', heard: 'I heard: Fine.' },
    ],
    problems: [],
  });
  // The edge knows that speech is over half a chord after its end, which is when the caller's clock says so, too.
  for (const { responseLatencyMs } of report.turns) {
    expect(responseLatencyMs).toBeGreaterThanOrEqual(0);
  }
  expect(events.filter(({ type }) => type !== 'caption').map(({ type }) => type)).toEqual([
    'connected',
    'greeting',
    'turn',
    'turn',
    'ended',
  ]);
  expect(events).toContainEqual({ type: 'caption', speaker: 'agent', text: 'Hello!', final: true });
  expect(edge.asked).toEqual([`/call?id=call-1&token=secret&rate=${sampleRateHz}`]);
  await expect.poll(() => edge.closeCode).toBe(1000);
});

test('audio is sent in real time without a pause', async () => {
  await using edge = await FakeEdge.start();
  await placeCall({ url: edge.url, lines: ['Hello.'], chordMs });
  const spanMs = (edge.receivedFrom.at(-1) ?? 0) - (edge.receivedFrom[0] ?? 0);
  const audioMs = edge.receivedBytes / 32;
  // A frame may be under way at either end, and a busy machine may hold some up.
  expect(Math.abs(audioMs - spanMs)).toBeLessThan(audioMs / 10);
});

test('a call that the agent ends early is reported so', async () => {
  await using edge = await FakeEdge.start((text) => (text === 'Bye.' ? undefined : 'Yes?'));
  const report = await placeCall({ url: edge.url, lines: ['Hi.', 'Bye.', 'Never said.'], chordMs });
  expect(report.turns.map(({ heard }) => heard)).toEqual(['Yes?', '']);
  expect(report.problems).toEqual([
    'no complete answer to line 2',
    'the call ended early: the agent hung up',
  ]);
});

test('a missing answer is reported, and the call goes on', async () => {
  await using edge = await FakeEdge.start((text) => (text === 'One.' ? '' : 'Yes?'));
  const report = await placeCall({
    url: edge.url,
    lines: ['One.', 'Two.'],
    chordMs,
    answerTimeoutMs: 1500,
  });
  expect(report.turns).toMatchObject([
    { heard: '', responseLatencyMs: undefined },
    { heard: 'Yes?' },
  ]);
  expect(report.problems).toEqual(['no complete answer to line 1']);
});

test('a call that nobody takes is an error', async () => {
  const edge = await FakeEdge.start();
  const { url } = edge;
  await edge[Symbol.asyncDispose]();
  await expect(placeCall({ url, lines: [] })).rejects.toThrow('ECONNREFUSED');
});

test('a call can be aborted', async () => {
  await using edge = await FakeEdge.start();
  const abort = new AbortController();
  const report = await placeCall({
    url: edge.url,
    lines: ['A line that is much too long to be said to its end in time.'],
    chordMs,
    signal: abort.signal,
    onEvent: ({ type }) => {
      if (type === 'greeting') abort.abort();
    },
  });
  expect(report.greeting).toBe('Hello!');
  expect(report.problems).toEqual(['the call ended early: aborted']);
  await expect.poll(() => edge.closeCode).toBe(1000);
});
