import { createRequire } from 'node:module';

import type { TurnEvent } from '@vision-agents/core';
import { MetricsCollector, Resampler } from '@vision-agents/core';
import { describe, expect, test } from 'vitest';

import { TurnDetector } from '../src/index.ts';
import { WINDOW_MS } from '../src/silero-wire.ts';
import { eventsOf, listen } from './listen.ts';
import { joined, lengthMs, noise, quiet, soundIn, speak, tone } from './speech.ts';

const SENTENCES = [
  ['en', 'The quick brown fox jumps over the lazy dog.'],
  ['en-us', 'Where is the sun?'],
  ['en+f2', 'I would like to book a table for two at eight.'],
  ['de', 'Wie wird das Wetter morgen in Paris?'],
] as const;

describe('speech', () => {
  test.for(SENTENCES)('is found where it sounds, within 100 ms: %s, %s', async ([voice, text]) => {
    const audio = joined(quiet(1010), speak(text, voice), quiet(1000));
    const { startMs, endMs } = soundIn(audio);
    const [start, end, ...others] = await eventsOf(new TurnDetector(), audio);
    expect(others).toEqual([]);
    expect(start).toMatchObject({ type: 'speech-start' });
    expect(end).toMatchObject({ type: 'turn-end', eager: false });
    expect(Math.abs(startOf(start) - startMs)).toBeLessThan(100);
    expect(Math.abs(endOf(end) - endMs)).toBeLessThan(100);
  });

  test('starts where its first window does, and is told when it has lasted long enough', async () => {
    const audio = joined(quiet(1010), speak('Where is the sun?'), quiet(1000));
    const [start] = await eventsOf(new TurnDetector({ minSpeechMs: 300 }), audio);
    const [sooner] = await eventsOf(new TurnDetector({ minSpeechMs: 0 }), audio);
    expect(startOf(start)).toBe(startOf(sooner));
    expect(startOf(start) % WINDOW_MS).toBe(0);
    expect((start?.atMs ?? 0) - startOf(start)).toBeGreaterThanOrEqual(300);
    // A window, and the frame of 20 ms in which it ends.
    expect((sooner?.atMs ?? 0) - startOf(sooner)).toBeLessThanOrEqual(WINDOW_MS + 20);
  });

  test('is found at the same place in audio of 48 kHz', async () => {
    const audio = joined(quiet(1010), speak('Where is the sun?'), quiet(1000));
    const direct = await eventsOf(new TurnDetector(), audio);
    const at48 = new Resampler(16_000, 48_000).push(audio);
    const converted = await eventsOf(new TurnDetector(), at48, 48_000);
    expect(converted.map(({ type }) => type)).toEqual(['speech-start', 'turn-end']);
    expect(Math.abs(startOf(converted[0]) - startOf(direct[0]))).toBeLessThanOrEqual(WINDOW_MS);
    expect(Math.abs(endOf(converted[1]) - endOf(direct[1]))).toBeLessThanOrEqual(WINDOW_MS);
  });

  test.for([
    ['silence', quiet(4000)],
    ['noise', noise(4000)],
    ['a tone of 440 Hz', tone(440, 4000)],
  ] as const)('is not %s', async ([, audio]) => {
    expect(await eventsOf(new TurnDetector(), audio)).toEqual([]);
  });

  test('can be looked for with a model of version 6', async () => {
    const modelPath = createRequire(import.meta.url).resolve(
      '@ricky0123/vad-web/dist/silero_vad_v6.onnx',
    );
    const audio = joined(quiet(1000), speak('Where is the sun?'), quiet(1000));
    const events = await eventsOf(new TurnDetector({ modelPath }), audio);
    expect(events.map(({ type }) => type)).toEqual(['speech-start', 'turn-end']);
  });
});

describe('two sentences', () => {
  test('are one turn with a pause that is shorter than the silence that ends it', async () => {
    const { audio, endMs } = twoSentences(300);
    const events = await eventsOf(new TurnDetector(), audio);
    expect(events.map(named)).toEqual(['speech-start', 'turn-end']);
    expect(Math.abs(endOf(events[1]) - endMs)).toBeLessThan(100);
  });

  test('are two turns with a longer pause', async () => {
    const { audio } = twoSentences(900);
    const events = await eventsOf(new TurnDetector(), audio);
    expect(events.map(named)).toEqual(['speech-start', 'turn-end', 'speech-start', 'turn-end']);
  });

  test('are one turn where a longer silence ends it', async () => {
    const { audio } = twoSentences(900);
    const detector = new TurnDetector({ endpointingMs: 1200 });
    const events = await eventsOf(detector, joined(audio, quiet(500)));
    expect(events.map(named)).toEqual(['speech-start', 'turn-end']);
  });

  test('are one turn that ends early, goes on, and ends early again', async () => {
    const { audio, endMs } = twoSentences(500);
    const detector = new TurnDetector({
      eagerTurnDetection: true,
      eagerEndpointingMs: 200,
      endpointingMs: 700,
    });
    const events = await eventsOf(detector, audio);
    expect(events.map(named)).toEqual([
      'speech-start',
      'eager turn-end',
      'turn-resumed',
      'eager turn-end',
      'turn-end',
    ]);
    const [, , , eager, end] = events;
    expect(endOf(eager)).toBe(endOf(end));
    expect(Math.abs(endOf(end) - endMs)).toBeLessThan(100);
    expect((eager?.atMs ?? 0) - endOf(eager)).toBeLessThan(200 + WINDOW_MS + 20);
    expect((end?.atMs ?? 0) - endOf(end)).toBeLessThan(700 + WINDOW_MS + 20);
  });
});

describe('a listener with patience', () => {
  test('hears two sentences with a pause for thought as one turn, which it declares later', async () => {
    const { audio, startMs, endMs } = twoSentences(900);
    const metrics = new MetricsCollector();
    await using listening = await listen(new TurnDetector(), { metrics, patienceMs: () => 700 });
    await listening.hear(audio);
    const { events } = listening;
    expect(events.map(named)).toEqual([
      'speech-start',
      'eager turn-end',
      'turn-resumed',
      'eager turn-end',
      'turn-end',
    ]);
    expect(Math.abs(endOf(events[4]) - endMs)).toBeLessThan(100);
    const { turnDurationMs, turnTrailingSilenceMs } = metrics.metrics;
    expect(turnDurationMs.count).toBe(1);
    expect(Math.abs(turnDurationMs.sum - (endMs - startMs))).toBeLessThan(150);
    expect(turnTrailingSilenceMs.count).toBe(1);
    expect(turnTrailingSilenceMs.sum).toBe((events[4]?.atMs ?? 0) - endOf(events[4]));
    expect(turnTrailingSilenceMs.sum).toBeGreaterThanOrEqual(1200);
    // A window, a frame of 20 ms in which it ends, and one in which the time is up.
    expect(turnTrailingSilenceMs.sum).toBeLessThan(1200 + WINDOW_MS + 40);
  });
});

describe('a call', () => {
  test("gets each turn's length and the silence that ended it, once", async () => {
    const { audio } = twoSentences(900);
    const collector = new MetricsCollector();
    await using listening = await listen(new TurnDetector({ eagerTurnDetection: true }), {
      metrics: collector,
    });
    await listening.hear(audio);
    const [firstStart, , firstEnd, secondStart, , secondEnd] = listening.events;
    const { turnDurationMs, turnTrailingSilenceMs } = collector.metrics;
    const lengths = [
      endOf(firstEnd) - startOf(firstStart),
      endOf(secondEnd) - startOf(secondStart),
    ];
    expect(turnDurationMs.count).toBe(2);
    expect(turnDurationMs.min).toBeCloseTo(Math.min(...lengths));
    expect(turnDurationMs.max).toBeCloseTo(Math.max(...lengths));
    expect(turnTrailingSilenceMs.count).toBe(2);
    expect(turnTrailingSilenceMs.min).toBeGreaterThanOrEqual(500);
    expect(turnTrailingSilenceMs.max).toBeLessThan(500 + WINDOW_MS + 20);
  });

  test('hears several participants at once, each as if alone', async () => {
    const detector = new TurnDetector();
    const voices = SENTENCES.map(([voice, text], index) =>
      joined(quiet(200 + index * 130), speak(text, voice), quiet(1000 - index * 50)),
    );
    const alone = [];
    for (const audio of voices) alone.push(await eventsOf(detector, audio));
    const together = await Promise.all(voices.map((audio) => eventsOf(detector, audio)));
    expect(together).toEqual(alone);
    expect(alone.map((events) => events.length)).toEqual([2, 2, 2, 2]);
  });

  test('is told nothing more once it is closed, in the middle of a turn or of its audio', async () => {
    const { audio } = twoSentences(900);
    const whole = await eventsOf(new TurnDetector(), audio);
    const listening = await listen(new TurnDetector());
    await listening.hear(audio.subarray(0, 16_000));
    expect(listening.events.map(named)).toEqual(['speech-start']);
    listening.write(audio.subarray(16_000, 45_000)); // with the end of the first turn
    await listening.close();
    await listening.close();
    await listening.hear(audio);
    expect(listening.events).toEqual(whole.slice(0, 1));
  });

  test('costs a small part of the time that its audio takes', async () => {
    const audio = joined(quiet(500), speak('The quick brown fox jumps over the lazy dog.'));
    await using listening = await listen(new TurnDetector());
    await listening.hear(audio); // and what is done once is done
    const before = process.cpuUsage();
    await listening.hear(audio);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(lengthMs(audio) / 4);
  });
});

/** Two sentences, with as long a pause between their sounds as is asked for. */
function twoSentences(pauseMs: number): { audio: Int16Array; startMs: number; endMs: number } {
  const sentence = speak('Where is the sun?');
  const { startMs, endMs } = soundIn(sentence);
  const sound = sentence.subarray(startMs * 16, endMs * 16);
  const audio = joined(quiet(500), sound, quiet(pauseMs), sound, quiet(1500));
  return { audio, ...soundIn(audio) };
}

function named(event: TurnEvent): string {
  return event.type === 'turn-end' && event.eager ? 'eager turn-end' : event.type;
}

function startOf(event: TurnEvent | undefined): number {
  return (event?.type === 'speech-start' ? event.startedAtMs : undefined) ?? Number.NaN;
}

function endOf(event: TurnEvent | undefined): number {
  return (event?.type === 'turn-end' ? event.speechEndedAtMs : undefined) ?? Number.NaN;
}
