import { describe, expect, test } from 'vitest';

import { ProviderError } from '../../src/index.ts';
import { startTelemetry } from '../metrics/telemetry.ts';
import { final, Listening, TURN_END } from './supplied-stt.ts';

describe('the latency of a transcript', () => {
  test('runs from the end of speech, on the clock of the audio', async () => {
    const listening = await Listening.start();
    await listening.speak(1000);
    await listening.clock.advance(150);
    await listening.report(final('Hello.', 200, 800));
    // Said until 800 ms of the audio, handed over 150 ms after its 1,000 ms.
    expect(listening.metrics.sttLatencyMs).toMatchObject({ count: 1, sum: 350 });
    expect(listening.metrics.sttTranscripts.total).toBe(1);
  });

  test('counts time in which no audio came', async () => {
    const listening = await Listening.start();
    await listening.speak(500);
    await listening.clock.advance(3000);
    await listening.speak(500);
    await listening.report(final('Hello.', 100, 400));
    expect(listening.metrics.sttLatencyMs.sum).toBe(100 + 3000 + 500);
  });

  test('uses the time at which late audio was heard', async () => {
    const listening = await Listening.start();
    await listening.clock.advance(2000);
    // Kept while there was no connection: heard a second ago.
    const heardAtMs = listening.clock.now() - 1000;
    listening.stream.write({ samples: new Int16Array(1600), sampleRateHz: 16_000 }, heardAtMs);
    await listening.report(final('Hello.', 0, 100));
    expect(listening.metrics.sttLatencyMs.sum).toBe(1000);
  });

  test.for([
    ['not told', undefined],
    ['in audio that is yet to come', 5000],
  ] as const)('is not recorded when the end of speech is %s', async ([, speechEndMs]) => {
    const listening = await Listening.start();
    await listening.speak(400);
    await listening.report(final('Hello.', undefined, speechEndMs));
    expect(listening.metrics.sttLatencyMs.count).toBe(0);
    expect(listening.metrics.sttTranscripts.total).toBe(1);
    expect(listening.events).toMatchObject([{ type: 'transcript', speechEndedAtMs: undefined }]);
  });

  test('is not recorded for partial and for empty transcripts, which count as none', async () => {
    const listening = await Listening.start();
    await listening.speak(400);
    await listening.report(
      { type: 'transcript', text: 'Hel', final: false, speechStartMs: 0, speechEndMs: 100 },
      final('', 0, 100),
    );
    expect(listening.metrics.sttLatencyMs.count).toBe(0);
    expect(listening.metrics.sttTranscripts.total).toBe(0);
  });
});

describe('the audio of a stream', () => {
  test('adds up to what was written, transcript by transcript and the rest at the end', async () => {
    const listening = await Listening.start();
    await listening.speak(600);
    await listening.report(final('One.', 0, 500));
    await listening.speak(300);
    await listening.report(final('Two.', 600, 800));
    await listening.speak(40);
    await listening.stream.close();
    expect(listening.metrics.sttAudioDurationMs).toMatchObject({
      count: 3,
      sum: 940,
      min: 40,
      max: 600,
    });
  });

  test('counts what the plugin added of its own accord, which is no event and no time', async () => {
    const listening = await Listening.start();
    await listening.report({ type: 'audio-added', durationMs: 1000 });
    await listening.speak(500);
    await listening.report(final('One.', 0, 400));
    expect(listening.metrics.sttAudioDurationMs.sum).toBe(1500);
    expect(listening.metrics.sttLatencyMs.sum).toBe(100);
    expect(listening.events.map(({ type }) => type)).toEqual(['transcript']);
  });

  test('is not what the network did not take', async () => {
    const listening = await Listening.start();
    await listening.speak(500);
    listening.connection.isBacklogged = true;
    await listening.speak(300);
    listening.connection.isBacklogged = false;
    await listening.speak(200);
    await listening.stream.close();
    expect(listening.metrics.sttAudioDurationMs.sum).toBe(700);
  });

  test('is counted though nothing was ever understood', async () => {
    const listening = await Listening.start();
    await listening.speak(500);
    listening.controller.abort();
    await listening.ended;
    expect(listening.metrics.sttAudioDurationMs).toMatchObject({ count: 1, sum: 500 });
  });

  test('is counted when the connection is lost', async () => {
    const listening = await Listening.start();
    await listening.speak(500);
    listening.connection.lose(new Error('lost'));
    await listening.ended;
    expect(listening.metrics.sttAudioDurationMs.sum).toBe(500);
  });

  test('leaves no measurement where there was none', async () => {
    const listening = await Listening.start();
    await listening.stream.close();
    expect(listening.metrics.sttAudioDurationMs.count).toBe(0);
  });

  test('is resampled to the rate of the provider and counted there', async () => {
    const listening = await Listening.start();
    for (let frame = 0; frame < 100; frame++) {
      listening.stream.write({ samples: new Int16Array(960), sampleRateHz: 48_000 });
    }
    await listening.stream.close();
    const samples = listening.connection.sent.reduce((sum, sent) => sum + sent.length, 0);
    expect(samples).toBe(32_000);
    expect(listening.metrics.sttAudioDurationMs.sum).toBeCloseTo(2000, 6);
  });

  test('may change its rate in the middle', async () => {
    const listening = await Listening.start();
    for (const sampleRateHz of [16_000, 48_000, 8000, 48_000]) {
      listening.stream.write({ samples: new Int16Array(sampleRateHz / 10), sampleRateHz });
    }
    await listening.stream.close();
    expect(listening.connection.sent.map((sent) => sent.length)).toEqual([1600, 1600, 1600, 1600]);
    expect(listening.metrics.sttAudioDurationMs.sum).toBeCloseTo(400, 6);
  });

  test('is not sent where there is none', async () => {
    const listening = await Listening.start();
    listening.stream.write({ samples: new Int16Array(0), sampleRateHz: 16_000 });
    listening.stream.write({ samples: new Int16Array(0), sampleRateHz: 48_000 });
    expect(listening.connection.sent).toEqual([]);
  });
});

describe('a turn', () => {
  test('lasts from the start to the end of speech, and is over some silence later', async () => {
    const listening = await Listening.start();
    await listening.speak(1000);
    await listening.report({ type: 'speech-start', offsetMs: 200 }, final('Hello.', 220, 900));
    await listening.speak(300);
    await listening.report(TURN_END);
    expect(listening.metrics.turnDurationMs).toMatchObject({ count: 1, sum: 680 });
    expect(listening.metrics.turnTrailingSilenceMs).toMatchObject({ count: 1, sum: 400 });
  });

  test('of several transcripts lasts from the first word to the last', async () => {
    const listening = await Listening.start();
    await listening.speak(3000);
    await listening.report(
      { type: 'speech-start', offsetMs: 180 },
      final('I would like', 200, 900),
      { type: 'speech-start', offsetMs: 1480 },
      final('to book a table.', 1500, 2700),
      TURN_END,
    );
    expect(listening.metrics.turnDurationMs.sum).toBe(2500);
    expect(listening.metrics.turnTrailingSilenceMs.sum).toBe(300);
    expect(listening.events.at(3)).toMatchObject({ speechStartedAtMs: 2500 });
  });

  test('begins with the words, not with a noise long before them', async () => {
    const listening = await Listening.start();
    await listening.speak(3000);
    await listening.report(
      { type: 'speech-start', offsetMs: 100 },
      { type: 'speech-start', offsetMs: 1900 },
      { type: 'transcript', text: '', final: true },
      final('Hello.', undefined, 2500),
      TURN_END,
    );
    expect(listening.metrics.turnDurationMs.sum).toBe(600);
  });

  test('starts where its final words do when partial ones did not tell', async () => {
    const listening = await Listening.start();
    const partial = { type: 'transcript', text: 'Hel', final: false } as const;
    await listening.speak(1000);
    await listening.report({ type: 'speech-start' }, partial, final('Hello.', 300, 900), TURN_END);
    expect(listening.metrics.turnDurationMs.sum).toBe(600);
    await listening.report(
      { type: 'speech-start', offsetMs: 100 },
      partial,
      { type: 'speech-start', offsetMs: 500 },
      final('Hello.', 150, 900),
      TURN_END,
    );
    expect(listening.metrics.turnDurationMs.max).toBe(800);
  });

  test('of which the first final words do not tell their start is not measured', async () => {
    const listening = await Listening.start();
    await listening.speak(1000);
    await listening.report(final('Hello'), final('you.', 600, 900), TURN_END);
    expect(listening.metrics.turnDurationMs.count).toBe(0);
  });

  test('is measured once, when it is over and not when it may be', async () => {
    const listening = await Listening.start();
    await listening.speak(1000);
    await listening.report(final('Hello', 100, 500), { type: 'turn-end', eager: true });
    expect(listening.metrics.turnDurationMs.count).toBe(0);
    await listening.report({ type: 'turn-resumed' }, final('Hello there.', 100, 900), TURN_END);
    expect(listening.metrics.turnDurationMs).toMatchObject({ count: 1, sum: 800 });
    expect(listening.metrics.turnTrailingSilenceMs.count).toBe(1);
  });

  test('starts where its own words do, not those of the one before', async () => {
    const listening = await Listening.start();
    await listening.speak(3000);
    await listening.report(final('Hello.', 100, 500), TURN_END);
    await listening.report(final('And you?', 1900, 2900), TURN_END);
    expect(listening.metrics.turnDurationMs).toMatchObject({ count: 2, min: 400, max: 1000 });
  });

  test('leaves nothing to the next', async () => {
    const listening = await Listening.start();
    await listening.speak(1000);
    await listening.report(final('Hello.', 100, 500), TURN_END);
    await listening.report(final('And?'), TURN_END);
    expect(listening.metrics.turnDurationMs.count).toBe(1);
    expect(listening.metrics.turnTrailingSilenceMs.count).toBe(1);
  });

  test('of which start or end are unknown is not measured', async () => {
    const listening = await Listening.start();
    await listening.speak(1000);
    await listening.report(final('Hello.', undefined, 500), TURN_END);
    expect(listening.metrics.turnDurationMs.count).toBe(0);
    expect(listening.metrics.turnTrailingSilenceMs).toMatchObject({ count: 1, sum: 500 });
  });

  test('carries the vendor alone', async () => {
    const telemetry = startTelemetry();
    const listening = await Listening.start('turning');
    await listening.speak(200);
    await listening.report(final('Hello.', 0, 100), TURN_END);
    const [sample] = await telemetry.samples('turn.duration.ms', { provider: 'turning' });
    expect(sample?.attributes).toEqual({ provider: 'turning' });
  });
});

describe('a failure', () => {
  test('that the connection outlives is counted once, and an event', async () => {
    const telemetry = startTelemetry();
    const listening = await Listening.start('hiccup');
    const error = ProviderError.fromStatus('hiccup', 400);
    await listening.report({ type: 'error', error }, final('Hello.'));
    expect(listening.events).toMatchObject([{ type: 'error', error }, { type: 'transcript' }]);
    const labels = { provider: 'hiccup', error_type: 'bad_request', error_code: '400' };
    expect(await telemetry.value('stt.errors', labels)).toBe(1);
    expect(listening.metrics.sttErrors.total).toBe(1);
  });

  test('that ends the connection is counted once, and thrown', async () => {
    const listening = await Listening.start();
    const error = ProviderError.fromStatus('supplied', 500);
    listening.connection.lose(error);
    expect(await listening.ended).toBe(error);
    expect(listening.metrics.sttErrors.total).toBe(1);
    expect(listening.connection.closes).toBe(1);
  });

  test('of an unknown kind is thrown as one of the provider', async () => {
    const listening = await Listening.start();
    const cause = new Error('read ECONNRESET');
    listening.connection.lose(Object.assign(cause, { code: 'ECONNRESET' }));
    expect(await listening.ended).toMatchObject({ name: 'ProviderError', type: 'network', cause });
  });
});
