import { describe, expect, test } from 'vitest';

import { MetricsCollector, ProviderError } from '../../src/index.ts';
import { Conversing, SuppliedRealtime } from './conversing.ts';

const LOST = new ProviderError({
  provider: 'supplied',
  type: 'network',
  message: 'the line is dead',
});

/** A tenth of a second at the model's output rate. */
const AUDIO = new Uint8Array(4800);

describe('a session', () => {
  test('is counted while it is open, and its length when it is closed', async () => {
    const { session, metrics, clock, connection, ended } = await Conversing.start();
    expect(metrics.realtimeSessions.total).toBe(1);
    await clock.advance(2500);
    await session.close();
    await session.close();
    await ended;
    expect(connection.closes).toBe(1);
    expect(metrics.realtimeSessions.total).toBe(0);
    expect(metrics.realtimeSessionDurationMs).toMatchObject({ count: 1, sum: 2500 });
  });

  test('counts the audio of both directions exactly, whatever the chunks', async () => {
    const conversing = await Conversing.start();
    await conversing.speak(1000);
    for (const bytes of [3, 4000, 797]) {
      await conversing.report({ type: 'audio', bytes: new Uint8Array(bytes) });
    }
    const { metrics } = conversing;
    expect(metrics.realtimeAudioInputBytes.total).toBe(32_000);
    expect(metrics.realtimeAudioInputDurationMs.total).toBe(1000);
    expect(metrics.realtimeAudioOutputBytes.total).toBe(4800);
    expect(metrics.realtimeAudioOutputDurationMs.total).toBeCloseTo(100, 9);
    const samples = conversing.events.flatMap((event) =>
      event.type === 'audio' ? event.frame.samples.length : [],
    );
    expect(samples).toEqual([1, 2000, 399]);
    await conversing.session.close();
  });

  test('audio that the network does not take is not counted', async () => {
    const conversing = await Conversing.start();
    await conversing.speak(1000);
    conversing.connection.isBacklogged = true;
    await conversing.speak(500);
    expect(conversing.metrics.realtimeAudioInputBytes.total).toBe(32_000);
    expect(conversing.metrics.realtimeAudioInputDurationMs.total).toBe(1000);
    await conversing.session.close();
  });

  test('the first audio counts from the end of the speech that it answers', async () => {
    const conversing = await Conversing.start();
    await conversing.speak(1000);
    // The user's last word ended 300 ms ago.
    await conversing.report({ type: 'user-speech-end', offsetMs: 700 });
    await conversing.clock.advance(450);
    await conversing.report({ type: 'audio', bytes: AUDIO }, { type: 'audio', bytes: AUDIO });
    expect(conversing.metrics.realtimeTimeToFirstAudioMs).toMatchObject({ count: 1, sum: 750 });
    await conversing.session.close();
  });

  test('an end of speech that is not known gives no latency', async () => {
    const conversing = await Conversing.start();
    await conversing.speak(100);
    await conversing.report({ type: 'user-speech-end' }, { type: 'audio', bytes: AUDIO });
    expect(conversing.metrics.realtimeTimeToFirstAudioMs.count).toBe(0);
    await conversing.session.close();
  });

  test('counts utterances and not chunks, answers by outcome, tokens as reported', async () => {
    const conversing = await Conversing.start();
    await conversing.report(
      { type: 'user-transcript', text: 'Hel', final: false },
      { type: 'user-transcript', text: 'Hello', final: true },
      { type: 'agent-transcript', text: 'Hi', final: false },
      { type: 'agent-transcript', text: 'Hi there', final: true },
      { type: 'agent-transcript', text: '', final: true },
      { type: 'usage', usage: { inputTokens: 10, outputTokens: 4 } },
      { type: 'usage', usage: { inputTokens: 3, outputTokens: 2 } },
      { type: 'response-end', outcome: 'completed' },
      { type: 'response-end', outcome: 'interrupted' },
    );
    const { metrics } = conversing;
    expect(metrics.realtimeUserTranscriptions.total).toBe(1);
    expect(metrics.realtimeAgentTranscriptions.total).toBe(1);
    expect(metrics.realtimeInputTokens.total).toBe(13);
    expect(metrics.realtimeOutputTokens.total).toBe(6);
    expect(metrics.realtimeResponses.total).toBe(2);
    await conversing.session.close();
  });

  test('passes words, results and interruptions on until it is closed', async () => {
    const { session, connection } = await Conversing.start();
    const result = { callId: '1', name: 'get_weather', output: 'sunny', success: true };
    session.sendText('Greet the caller.');
    session.sendToolResults([result]);
    session.interrupt(340);
    await session.close();
    session.sendText('too late');
    session.interrupt(1);
    expect(connection.told).toEqual(['Greet the caller.', [result], 340]);
  });
});

describe('failures', () => {
  test('an error that the connection outlives is counted once', async () => {
    const conversing = await Conversing.start();
    await conversing.report({ type: 'error', error: LOST });
    expect(conversing.events).toMatchObject([{ type: 'error', error: LOST }]);
    expect(conversing.metrics.realtimeErrors.total).toBe(1);
    await conversing.session.close();
    expect(await conversing.ended).toBeUndefined();
  });

  test('a connection that is lost is counted once, closed, and thrown', async () => {
    const conversing = await Conversing.start();
    conversing.connection.lose(LOST);
    expect(await conversing.ended).toBe(LOST);
    expect(conversing.metrics.realtimeErrors.total).toBe(1);
    expect(conversing.metrics.realtimeSessions.total).toBe(0);
    expect(conversing.connection.closes).toBe(1);
  });

  test('a model that refuses is counted once', async () => {
    const collector = new MetricsCollector();
    const model = new SuppliedRealtime(() => Promise.reject(LOST));
    await expect(model.open({ instructions: '' }, { metrics: collector })).rejects.toBe(LOST);
    expect(collector.metrics.realtimeErrors.total).toBe(1);
    expect(collector.metrics.realtimeSessions.total).toBe(0);
  });

  test('the end of the call closes it', async () => {
    const { controller, ended, metrics, connection } = await Conversing.start();
    controller.abort();
    expect(await ended).toBeUndefined();
    expect(metrics.realtimeSessions.total).toBe(0);
    expect(connection.closes).toBe(1);
  });
});
