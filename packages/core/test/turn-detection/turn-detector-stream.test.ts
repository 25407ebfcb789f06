import { describe, expect, test } from 'vitest';

import type { TurnEvent } from '../../src/index.ts';
import { MetricsCollector, silence } from '../../src/index.ts';
import { ScriptedTurnDetector, ManualClock } from '../../src/testing/index.ts';

const START = { type: 'speech-start', offsetMs: 100 } as const;
const EAGER_END = { type: 'turn-end', eager: true, speechEndMs: 600 } as const;
const END = { type: 'turn-end', eager: false, speechEndMs: 600 } as const;

/** A stream in which 1,000 ms were heard: from 1,000 ms to 2,000 ms of the clock. */
async function listening(patienceMs?: () => number) {
  const clock = new ManualClock();
  const detector = new ScriptedTurnDetector();
  const collector = new MetricsCollector();
  const events: TurnEvent[] = [];
  const context = { clock, metrics: collector, patienceMs };
  const stream = await detector.open((event) => events.push(event), context);
  const hear = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 20) {
      await clock.advance(20);
      stream.write(silence(20, 16_000));
    }
  };
  await hear(1000);
  const told = (): string[] =>
    events.map(
      (event) => `${event.atMs} ${'eager' in event && event.eager ? 'eager ' : ''}${event.type}`,
    );
  return { clock, detector, stream, events, told, hear, metrics: collector.metrics };
}

test('without patience an end is declared as the detector tells it', async () => {
  const { detector, told, events, metrics } = await listening();
  detector.report(START, END);
  expect(told()).toEqual(['2000 speech-start', '2000 turn-end']);
  expect(events).toMatchObject([{ startedAtMs: 1100 }, { speechEndedAtMs: 1600 }]);
  expect(metrics.turnDurationMs).toMatchObject({ count: 1, sum: 500 });
  expect(metrics.turnTrailingSilenceMs).toMatchObject({ count: 1, sum: 400 });
});

describe('with patience', () => {
  test('an end is told eagerly, and declared when the time has passed', async () => {
    const { clock, detector, told, events, metrics } = await listening(() => 300);
    detector.report(START, END);
    await clock.advance(299);
    expect(told()).toEqual(['2000 speech-start', '2000 eager turn-end']);
    expect(metrics.turnTrailingSilenceMs.count).toBe(0);
    await clock.advance(1);
    expect(told().slice(2)).toEqual(['2300 turn-end']);
    expect(events.at(-1)).toMatchObject({ speechEndedAtMs: 1600 });
    expect(metrics.turnDurationMs).toMatchObject({ count: 1, sum: 500 });
    expect(metrics.turnTrailingSilenceMs).toMatchObject({ count: 1, sum: 700 });
    expect(clock.pendingTimers).toBe(0);
  });

  test('an end that the detector told eagerly is not told so again', async () => {
    const { clock, detector, told } = await listening(() => 300);
    detector.report(START, EAGER_END);
    await clock.advance(50);
    detector.report(END);
    await clock.advance(300);
    expect(told()).toEqual(['2000 speech-start', '2000 eager turn-end', '2350 turn-end']);
  });

  test('speech that goes on makes one turn of both pieces', async () => {
    const { clock, detector, told, hear, metrics } = await listening(() => 300);
    detector.report(START, END);
    await hear(200);
    detector.report({ type: 'speech-start', offsetMs: 1150 });
    await hear(800);
    detector.report({ ...END, speechEndMs: 1800 });
    await clock.advance(300);
    expect(told()).toEqual([
      '2000 speech-start',
      '2000 eager turn-end',
      '2200 turn-resumed',
      '3000 eager turn-end',
      '3300 turn-end',
    ]);
    expect(metrics.turnDurationMs).toMatchObject({ count: 1, sum: 1700 });
    expect(metrics.turnTrailingSilenceMs).toMatchObject({ count: 1, sum: 500 });
    expect(clock.pendingTimers).toBe(0);
  });

  test('that is gone when it is reconsidered, an end is declared at once', async () => {
    let patienceMs = 300;
    const { clock, stream, detector, told, metrics } = await listening(() => patienceMs);
    detector.report(START, END);
    await clock.advance(100);
    stream.reconsider();
    expect(told()).toHaveLength(2);
    patienceMs = 0;
    stream.reconsider();
    stream.reconsider();
    await clock.advance(1000);
    expect(told().slice(2)).toEqual(['2100 turn-end']);
    expect(metrics.turnTrailingSilenceMs).toMatchObject({ count: 1, sum: 500 });
  });

  test('nothing is reconsidered between turns or in one', async () => {
    let patienceMs = 300;
    const { stream, detector, told } = await listening(() => patienceMs);
    patienceMs = 0;
    stream.reconsider();
    detector.report(START);
    stream.reconsider();
    detector.report(EAGER_END);
    stream.reconsider();
    expect(told()).toEqual(['2000 speech-start', '2000 eager turn-end']);
  });

  test('a turn that waits for its end gets none when the stream is closed', async () => {
    const { clock, stream, detector, told, metrics } = await listening(() => 300);
    detector.report(START, END);
    await stream.close();
    expect(clock.pendingTimers).toBe(0);
    stream.reconsider();
    detector.report(START, END);
    await clock.advance(1000);
    expect(told()).toEqual(['2000 speech-start', '2000 eager turn-end']);
    expect(metrics.turnDurationMs.count).toBe(0);
  });
});
