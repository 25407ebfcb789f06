import { expect, test } from 'vitest';

import type { SessionEndReason } from '../../src/index.ts';
import { CATALOGUE, ProviderError, tool } from '../../src/index.ts';
import { asksFor, says, settled, speaks } from '../../src/testing/index.ts';
import { CITY_INPUT } from '../fakes/city-input.ts';
import { TestCall } from '../fakes/test-call.ts';
import { startTelemetry } from '../metrics/telemetry.ts';

/** The event loop's delay is the process's, and has a test of its own. */
const OF_CALLS = Object.values(CATALOGUE).filter(({ name }) => name.startsWith('agent.'));

/** Calls in which everything happens that the metrics tell of. */
async function everything(): Promise<void> {
  const weather = tool({ description: 'W', input: CITY_INPUT, execute: () => 'rain' });
  const paris = { id: '1', name: 'weather', arguments: { city: 'Paris' } };
  const call = await new TestCall({
    rounds: [
      says('Yes.', { afterMs: 100 }),
      asksFor([paris], { afterMs: 100 }),
      says('It rains.', { afterMs: 50 }),
      says('Ahead.', { afterMs: 300 }),
      says('Too late.', { afterMs: 20_000 }),
      [{ type: 'throw', error: ProviderError.fromStatus('fake', 503) }],
    ],
    speeches: [
      speaks('Hello.', { afterMs: 40 }),
      speaks('Yes.', { afterMs: 60 }),
      speaks('It rains.', { afterMs: 60, audioMs: 1000 }),
      speaks('Ahead.', { afterMs: 60 }),
    ],
    agent: { tools: { weather }, deadAirMs: 1000 },
  }).join();
  const greeted = call.agent.say('Hello.');
  await call.clock.advance(500);
  await greeted;
  await call.userSays('A reply?');
  await call.clock.advance(500);
  await call.userSays('A tool?');
  await call.clock.advance(500);
  // The caller speaks while the agent does, and an answer is begun ahead and used.
  const speechStartMs = call.heardMs();
  call.ears.report({ type: 'speech-start', offsetMs: speechStartMs });
  await call.microphone(400);
  const speechEndMs = call.heardMs();
  const words = { text: 'A guess?', final: true, speechStartMs, speechEndMs };
  call.ears.report({ type: 'transcript', ...words }, { type: 'turn-end', eager: true });
  await call.microphone(200);
  call.ears.report({ type: 'turn-end', eager: false });
  await settled();
  await call.clock.advance(1000);
  // Nothing follows within the limit, and the caller speaks while the agent thinks.
  await call.userSays('Are you there?');
  await call.clock.advance(2000);
  await call.userSays('An error?');
  await call.clock.advance(500);
  await call.agent.close('hangup');
}

test('every metric of the agent is recorded, with all its labels and no others', async () => {
  const telemetry = startTelemetry();
  await everything();
  const collected = new Map<string, readonly string[]>();
  for (const { name } of OF_CALLS) {
    const keys = (await telemetry.samples(name)).flatMap(({ attributes }) =>
      Object.keys(attributes).toSorted().join(),
    );
    collected.set(name, [...new Set(keys)]);
  }
  const expected = OF_CALLS.map(({ name, attributes }) => [name, [attributes.toSorted().join()]]);
  expect(Object.fromEntries(collected)).toEqual(Object.fromEntries(expected));
});

test('what happened is counted once, by its kind', async () => {
  const telemetry = startTelemetry();
  await everything();
  const counts = async (name: string): Promise<object> =>
    Object.fromEntries(
      (await telemetry.samples(name)).map(({ attributes, value }) => [
        Object.values(attributes).join(' '),
        typeof value === 'number' ? value : value.count,
      ]),
    );
  expect(await counts('agent.turns')).toEqual({ completed: 2, interrupted: 2, error: 1 });
  expect(await counts('agent.interruptions')).toEqual({ speaking: 1, thinking: 1 });
  expect(await counts('agent.speculation')).toEqual({ used: 1 });
  expect(await counts('agent.dead_air')).toEqual({ '': 1 });
  expect(await counts('agent.sessions')).toEqual({ hangup: 1 });
  expect(await counts('agent.sessions.active')).toEqual({ '': 0 });
  const answered = { greeting: 1, reply: 2, tool_reply: 1 };
  expect(await counts('agent.response.latency.ms')).toEqual(answered);
  expect(await counts('agent.framework.overhead.ms')).toEqual(answered);
});

test('the stages of each kind of answer add up to its latencies exactly', async () => {
  const telemetry = startTelemetry();
  await everything();
  const sums = new Map<unknown, number>();
  for (const { attributes, value } of await telemetry.samples('agent.response.stage.ms')) {
    if (typeof value === 'number') throw new TypeError('a histogram');
    sums.set(attributes['kind'], (sums.get(attributes['kind']) ?? 0) + (value.sum ?? Number.NaN));
  }
  expect(new Set(sums.keys())).toEqual(new Set(['greeting', 'reply', 'tool_reply']));
  for (const [kind, sum] of sums) {
    const latency = await telemetry.histogram('agent.response.latency.ms', { kind: String(kind) });
    expect(sum).toBe(latency?.sum);
    expect(sum).toBeGreaterThan(0);
  }
});

test.each<SessionEndReason>(['hangup', 'idle', 'max_duration', 'closed', 'error', 'drained'])(
  'a call that ends for the reason %s is counted under it',
  async (reason) => {
    const telemetry = startTelemetry();
    const call = await new TestCall().join();
    await call.clock.advance(2500);
    await call.agent.close(reason);
    const samples = await telemetry.samples('agent.sessions');
    expect(samples.map(({ attributes, value }) => [attributes, value])).toEqual([[{ reason }, 1]]);
    const duration = await telemetry.histogram('agent.session.duration.ms');
    expect(duration).toMatchObject({ count: 1, sum: 2500 });
  },
);
