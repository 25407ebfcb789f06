import { describe, expect, test } from 'vitest';

import { Line, tone } from './line.ts';

describe('hold', () => {
  test('sends nothing more, and resuming goes on with the very next frame', async () => {
    const line = new Line();
    const utterance = line.playout.begin();
    utterance.play(tone(40, 1));
    utterance.play(tone(60, 2));
    utterance.end();
    await line.clock.advance(30);
    expect(line.levels).toEqual([1, 1]);
    line.playout.hold();
    await line.clock.advance(1000);
    expect(line.levels).toEqual([1, 1]);
    expect(utterance.playedMs).toBe(40);
    line.playout.resume();
    expect(line.times).toEqual([1000, 1020, 2030]);
    await line.clock.advance(100);
    expect(line.levels).toEqual([1, 1, 2, 2, 2]);
    expect(await utterance.done).toBe('played');
    expect(line.flushes).toBe(0);
    expect(line.collector.metrics.edgeAudioUnderruns.total).toBe(0);
  });

  test('keeps what comes meanwhile, also the first of an utterance', async () => {
    const line = new Line();
    const utterance = line.playout.begin();
    line.playout.hold();
    utterance.play(tone(50, 1));
    utterance.end();
    await line.clock.advance(500);
    expect(line.levels).toEqual([]);
    line.playout.resume();
    await line.clock.advance(60);
    expect(line.times).toEqual([1500, 1520, 1540]);
    expect(await utterance.done).toBe('played');
  });

  test('keeps the last piece that fills no frame', async () => {
    const line = new Line();
    const utterance = line.playout.begin();
    utterance.play(tone(30, 1));
    line.playout.hold();
    utterance.end();
    line.playout.resume();
    await line.clock.advance(20);
    expect(line.levels).toEqual([1, 1]);
  });

  test('of an utterance without audio that has ended lets it end when it is resumed', async () => {
    const line = new Line();
    const utterance = line.playout.begin();
    line.playout.hold();
    utterance.end();
    line.playout.resume();
    expect(await utterance.done).toBe('played');
  });

  test('does nothing where nothing is said, and ends with a flush', async () => {
    const line = new Line();
    line.playout.hold();
    line.playout.resume();
    const first = line.playout.begin();
    first.play(tone(100, 1));
    line.playout.hold();
    line.playout.hold();
    expect(line.playout.flush()).toBe(80);
    expect(await first.done).toBe('flushed');
    line.playout.begin().play(tone(20, 2));
    expect(line.levels).toEqual([1, 2]);
  });
});
