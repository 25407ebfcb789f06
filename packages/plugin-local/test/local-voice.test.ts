import { pcmBytes, pcmSamples } from '@vision-agents/core';
import { expect, test, vi } from 'vitest';

import { Edge } from '../src/index.ts';
import { ManualClock } from './manual-clock.ts';
import { joinTestCall } from './test-call.ts';
import type { TestCaller } from './test-caller.ts';
import { connectCaller } from './test-caller.ts';
import { frequencyOf, tone } from './tone.ts';

const OFTEN = { interval: 1 };

function samplesHeard(caller: TestCaller): Int16Array {
  return pcmSamples(Buffer.concat(caller.frames));
}

test('frames of 20 ms leave in real time, all of them, in order, byte for byte', async () => {
  const clock = new ManualClock();
  const { call, connection } = await joinTestCall(new Edge(), { clock });
  const caller = await connectCaller(call.socketUrl);
  const speech = tone(440, 1000, 24_000);
  const utterance = connection.playout.begin();
  utterance.play({ samples: speech, sampleRateHz: 24_000 });
  utterance.end();
  for (let sent = 1; sent <= 50; sent++) {
    await vi.waitFor(() => expect(caller.frames).toHaveLength(sent), OFTEN);
    clock.advance(20);
  }
  expect(await utterance.done).toBe('played');
  expect(caller.frames.every((frame) => frame.byteLength === 960)).toBe(true);
  expect(Buffer.concat(caller.frames).equals(pcmBytes(speech))).toBe(true);
});

test.for([8000, 16_000, 44_100, 48_000])(
  'a caller at %i Hz hears the same tone for the same time',
  async (rate) => {
    const { call, connection } = await joinTestCall(new Edge());
    const caller = await connectCaller(call.socketUrl, { rate: String(rate) });
    const utterance = connection.playout.begin();
    utterance.play({ samples: tone(440, 200, 24_000), sampleRateHz: 24_000 });
    utterance.end();
    await vi.waitFor(() => expect(caller.frames).toHaveLength(10));
    const heard = samplesHeard(caller);
    expect(heard).toHaveLength(rate / 5);
    // Without the filter's settling at the start.
    expect(frequencyOf(heard.subarray(rate / 50), rate)).toBeCloseTo(440, -1);
  },
);

test('a flush comes after what was sent and before what is said next, which is whole', async () => {
  const clock = new ManualClock();
  const { call, connection } = await joinTestCall(new Edge(), { clock });
  const caller = await connectCaller(call.socketUrl);
  const first = connection.playout.begin();
  first.play({ samples: tone(440, 1000, 24_000), sampleRateHz: 24_000 });
  clock.advance(100);
  expect(connection.playout.flush()).toBeCloseTo(1000 - 120);
  const answer = tone(880, 60, 24_000);
  const second = connection.playout.begin();
  second.play({ samples: answer, sampleRateHz: 24_000 });
  second.end();
  clock.advance(1000);
  await vi.waitFor(() => expect(caller.frames).toHaveLength(9));
  const audio = Array.from({ length: 6 }, () => 'audio');
  expect(caller.received).toEqual([...audio, { type: 'flush' }, ...audio.slice(3)]);
  expect(Buffer.concat(caller.frames.slice(6)).equals(pcmBytes(answer))).toBe(true);
});

test('a flush leaves nothing of what was said in the filter of a caller at another rate', async () => {
  const clock = new ManualClock();
  const { call, connection } = await joinTestCall(new Edge(), { clock });
  const caller = await connectCaller(call.socketUrl, { rate: '48000' });
  connection.playout.begin().play({ samples: tone(440, 200, 24_000), sampleRateHz: 24_000 });
  clock.advance(50);
  const second = connection.playout.begin();
  second.play({ samples: new Int16Array(480), sampleRateHz: 24_000 });
  clock.advance(50);
  await vi.waitFor(() => expect(caller.frames).toHaveLength(4));
  expect(pcmSamples(caller.frames.at(-1) ?? Buffer.alloc(2)).every((sample) => sample === 0)).toBe(
    true,
  );
});

test('captions of both sides arrive in order', async () => {
  const { call, connection } = await joinTestCall(new Edge());
  const caller = await connectCaller(call.socketUrl);
  const captions = [
    { speaker: 'user', text: 'What', final: false },
    { speaker: 'user', text: 'What time?', final: true },
    { speaker: 'agent', text: 'Noon.', final: true },
  ] as const;
  for (const caption of captions) connection.caption(caption);
  await vi.waitFor(() => expect(caller.received).toHaveLength(3));
  expect(caller.received).toMatchObject(captions);
  expect(caller.received).toMatchObject(captions.map(() => ({ type: 'caption' })));
});

test('who reads too slowly misses audio, and nobody else does', async () => {
  const clock = new ManualClock();
  const { call, connection, collector, logged } = await joinTestCall(new Edge(), { clock });
  const fast = await connectCaller(call.socketUrl);
  const slow = await connectCaller(call.socketUrl, { rate: '48000' });
  slow.socket.pause();
  // Far more than the kernel's socket buffers hold.
  const utterance = connection.playout.begin();
  for (let sent = 0; sent < 300; sent++) {
    utterance.play({ samples: tone(440, 1000, 24_000), sampleRateHz: 24_000 });
    clock.advance(1000);
    await vi.waitFor(() => expect(fast.frames.length).toBeGreaterThan(sent * 50), OFTEN);
  }
  utterance.end();
  clock.advance(1000);
  await vi.waitFor(() => expect(fast.frames).toHaveLength(300 * 50));

  slow.socket.resume();
  connection.caption({ speaker: 'agent', text: 'the end', final: true });
  await vi.waitFor(() => expect(slow.received.at(-1)).toMatchObject({ text: 'the end' }));
  expect(slow.frames.length).toBeLessThan(300 * 50);
  const droppedMs = (300 * 50 - slow.frames.length) * 20;
  expect(collector.metrics.edgeAudioDroppedMs.total).toBe(droppedMs);
  slow.socket.close();
  await vi.waitFor(() => expect(logged).toHaveLength(1));
  expect(logged[0]?.fields).toMatchObject({ droppedMs });
}, 30_000);
