import { describe, expect, test } from 'vitest';

import type { Playout } from '../../src/index.ts';
import { silence } from '../../src/index.ts';
import { Line, RATE_HZ, tone } from './line.ts';

const SAMPLES_A_FRAME = 320;

describe('pace', () => {
  test('sends the first frame within play and each other one 20 ms later', async () => {
    const line = new Line();
    const utterance = line.playout.begin();
    utterance.play(tone(100));
    expect(line.times).toEqual([1000]);
    await line.clock.advance(19);
    expect(line.times).toEqual([1000]);
    await line.clock.advance(1);
    expect(line.times).toEqual([1000, 1020]);
    await line.clock.advance(500);
    expect(line.times).toEqual([1000, 1020, 1040, 1060, 1080]);
  });

  test('sends frames of 20 ms whatever the size of the pieces', async () => {
    const line = new Line();
    const utterance = line.playout.begin();
    for (let piece = 0; piece < 14; piece++) utterance.play(tone(5));
    await line.clock.advance(500);
    expect(line.frames.map(({ samples }) => samples.length)).toEqual([320, 320, 320]);
    expect(line.playout.queuedMs).toBe(10);
  });

  test('fills the last frame of an utterance up with silence', async () => {
    const line = new Line();
    const utterance = line.playout.begin();
    utterance.play(tone(30));
    utterance.end();
    await line.clock.advance(40);
    const last = line.frames[1]?.samples ?? [];
    expect(line.frames).toHaveLength(2);
    expect([...last].filter((sample) => sample === 1000)).toHaveLength(SAMPLES_A_FRAME / 2);
    expect([...last].slice(SAMPLES_A_FRAME / 2).every((sample) => sample === 0)).toBe(true);
  });

  test('sends less than a frame when no more comes', async () => {
    const line = new Line();
    const utterance = line.playout.begin();
    utterance.play(tone(5));
    expect(line.frames).toHaveLength(0);
    utterance.end();
    expect(line.times).toEqual([1000]);
    await line.clock.advance(20);
    await expect(utterance.done).resolves.toBe('played');
  });

  test('catches up after a short stall, so that the end comes on time', async () => {
    const line = new Line();
    const utterance = line.playout.begin();
    let isStalled = true;
    line.onSend = () => {
      if (isStalled) line.clock.stall(100);
      isStalled = false;
    };
    utterance.play(tone(200));
    utterance.end();
    await line.clock.advance(400);
    // The event loop stood still until 1100: what was due by then leaves at once, the rest in step.
    expect(line.times.slice(1, 5)).toEqual([1100, 1100, 1100, 1100]);
    expect(line.times.at(-1)).toBe(1180);
    expect(line.frames).toHaveLength(10);
  });

  test('starts its schedule anew after a long stall instead of rushing', async () => {
    const line = new Line();
    const utterance = line.playout.begin();
    utterance.play(tone(1000));
    line.clock.stall(2000);
    await line.clock.advance(100);
    expect(line.times).toEqual([1000, 3020, 3040, 3060, 3080, 3100]);
  });

  test('keeps its pace when the timers of the process are late', async () => {
    const line = new Line();
    line.clock.latenessMs = 3;
    const utterance = line.playout.begin();
    utterance.play(tone(1000));
    await line.clock.advance(1000);
    expect(line.frames.length).toBeGreaterThanOrEqual(50);
  });
});

describe('rates', () => {
  test('resamples to the rate of the edge and keeps the length', async () => {
    const line = new Line({ sampleRateHz: 48_000 });
    const utterance = line.playout.begin();
    utterance.play(tone(60, 1000, 24_000));
    utterance.play(tone(40, 1000, 24_000));
    utterance.end();
    await line.clock.advance(300);
    expect(line.frames.map(({ samples }) => samples.length)).toEqual([960, 960, 960, 960, 960]);
    // In the middle, away from the filter's run-in, a constant stays what it is: no click at the joint.
    const middle = line.frames.slice(1).map(({ samples }) => samples);
    expect(middle.every((samples) => samples.every((sample) => sample === 1000))).toBe(true);
  });

  test('takes another rate in the same utterance', async () => {
    const line = new Line();
    const utterance = line.playout.begin();
    utterance.play(tone(40, 1000, 48_000));
    utterance.play(tone(40, 1000, 8000));
    utterance.end();
    await line.clock.advance(200);
    expect(utterance.playedMs).toBe(80);
  });
});

describe('flush', () => {
  test('lets nothing leave after it and tells the far side', async () => {
    const line = new Line();
    const utterance = line.playout.begin();
    utterance.play(tone(200));
    await line.clock.advance(50);
    expect(line.frames).toHaveLength(3);
    expect(line.playout.flush()).toBe(140);
    expect(line.flushes).toBe(1);
    await expect(utterance.done).resolves.toBe('flushed');
    utterance.play(tone(200));
    utterance.end();
    await line.clock.advance(1000);
    expect(line.frames).toHaveLength(3);
    expect(utterance.playedMs).toBe(60);
    expect(line.playout.lastFrameAtMs).toBe(1040);
    expect(line.playout.queuedMs).toBe(0);
    expect(line.clock.pendingTimers).toBe(0);
  });

  test('bothers the far side only when it has something to forget', async () => {
    const line = new Line();
    expect(line.playout.flush()).toBe(0);
    const utterance = line.playout.begin();
    line.playout.flush();
    await expect(utterance.done).resolves.toBe('flushed');
    expect(line.flushes).toBe(0);
  });

  test('from within send stops the utterance and leaves no timer behind', async () => {
    const line = new Line();
    const utterance = line.playout.begin();
    line.onSend = () => line.playout.flush();
    utterance.play(tone(200));
    expect(line.frames).toHaveLength(1);
    expect(line.clock.pendingTimers).toBe(0);
    await line.clock.advance(200);
    expect(line.frames).toHaveLength(1);
  });

  test('from within onStart stops the utterance and leaves no timer behind', async () => {
    const line = new Line();
    const first = line.playout.begin();
    const next: { utterance?: ReturnType<Playout['begin']> } = {};
    first.onStart(() => {
      next.utterance = line.playout.begin();
      next.utterance.play(tone(40, 2000));
      next.utterance.end();
    });
    first.play(tone(200));
    await line.clock.advance(40);
    expect(line.levels).toEqual([1000, 2000, 2000]);
    await expect(next.utterance?.done).resolves.toBe('played');
    expect(line.clock.pendingTimers).toBe(0);
  });
});

describe('utterances', () => {
  test('tell when they start, once', async () => {
    const line = new Line();
    const starts: number[] = [];
    const utterance = line.playout.begin();
    utterance.onStart((atMs) => starts.push(atMs));
    expect(utterance.startedAtMs).toBeUndefined();
    await line.clock.advance(70);
    utterance.play(tone(100));
    await line.clock.advance(200);
    expect(starts).toEqual([1070]);
    expect(utterance.startedAtMs).toBe(1070);
  });

  test('tell when a frame has left that lies beyond some of their audio, once', async () => {
    const line = new Line();
    const calls: [number, number][] = [];
    const utterance = line.playout.begin();
    utterance.onStart((atMs) => calls.push([-1, atMs]));
    for (const beyondMs of [0, 50, 60, 59.9999]) {
      utterance.onPlayed(beyondMs, (atMs) => calls.push([beyondMs, atMs]));
    }
    utterance.play(tone(60));
    await line.clock.advance(100);
    expect(calls).toEqual([
      [0, 1000],
      [-1, 1000],
      [50, 1040],
    ]);
    utterance.play(tone(60));
    await line.clock.advance(200);
    expect(calls.slice(3)).toEqual([
      [60, 1100],
      [59.9999, 1100],
    ]);
  });

  test('are done when their last frame has left', async () => {
    const line = new Line();
    const utterance = line.playout.begin();
    utterance.play(tone(40));
    let end: string | undefined;
    void utterance.done.then((how) => (end = how));
    await line.clock.advance(1000);
    expect(end).toBeUndefined();
    utterance.end();
    await line.clock.advance(0);
    expect(end).toBe('played');
    expect(utterance.playedMs).toBe(40);
    expect(line.clock.pendingTimers).toBe(0);
  });

  test('are done at once when there was nothing to say', async () => {
    const line = new Line();
    const utterance = line.playout.begin();
    utterance.end();
    await expect(utterance.done).resolves.toBe('played');
    expect(line.frames).toHaveLength(0);
    expect(utterance.startedAtMs).toBeUndefined();
  });

  test('give way to the next one, whose first frame leaves at once', async () => {
    const line = new Line();
    const first = line.playout.begin();
    first.play(tone(200, 1000));
    await line.clock.advance(30);
    const second = line.playout.begin();
    await expect(first.done).resolves.toBe('flushed');
    first.play(tone(100, 3000));
    second.play(tone(40, 2000));
    second.end();
    first.end();
    await line.clock.advance(200);
    expect(line.levels).toEqual([1000, 1000, 2000, 2000]);
    expect(line.times).toEqual([1000, 1020, 1030, 1050]);
    await expect(second.done).resolves.toBe('played');
    expect([first.playedMs, second.playedMs]).toEqual([40, 40]);
  });

  test('follow one another without a rest of the one before', async () => {
    const line = new Line();
    for (const level of [1000, 2000]) {
      const utterance = line.playout.begin();
      utterance.play(tone(30, level));
      utterance.end();
      await line.clock.advance(60);
    }
    expect(line.levels).toEqual([1000, 1000, 2000, 2000]);
    expect(line.flushes).toBe(0);
  });
});

describe('figures', () => {
  test('an underrun counts once a gap, and the audio goes on at once when it is there', async () => {
    const line = new Line();
    const utterance = line.playout.begin();
    const underruns = (): number => line.collector.metrics.edgeAudioUnderruns.total;
    await line.clock.advance(300);
    utterance.play(tone(40));
    await line.clock.advance(300);
    expect(underruns()).toBe(0);
    utterance.play(tone(10));
    utterance.play(tone(10));
    utterance.play(tone(20));
    expect(line.times).toEqual([1300, 1320, 1600]);
    expect(underruns()).toBe(1);
    await line.clock.advance(300);
    utterance.play(tone(20));
    expect(underruns()).toBe(2);
    utterance.end();
    await line.clock.advance(300);
    expect(underruns()).toBe(2);
  });

  test('what does not fit is dropped and counted in milliseconds', async () => {
    const line = new Line({ maxQueueMs: 100 });
    const utterance = line.playout.begin();
    const dropped = (): number => line.collector.metrics.edgeAudioDroppedMs.total;
    utterance.play(tone(60));
    utterance.play(tone(60)); // 40 of the first wait still: just fits
    expect(dropped()).toBe(0);
    utterance.play(tone(30));
    expect(dropped()).toBe(30);
    expect(line.playout.queuedMs).toBe(100);
    utterance.end();
    await line.clock.advance(500);
    expect(utterance.playedMs).toBe(120);
  });

  test('silence is audio too', async () => {
    const line = new Line();
    const utterance = line.playout.begin();
    utterance.play(silence(40, RATE_HZ));
    await line.clock.advance(100);
    expect(line.frames).toHaveLength(2);
  });
});
