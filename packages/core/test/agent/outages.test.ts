import { beforeEach, describe, expect, test, vi } from 'vitest';

import { FallbackSTT, ProviderError, STT } from '../../src/index.ts';
import {
  says,
  ScriptedSTT,
  ScriptedSTTConnection,
  settled,
  speaks,
} from '../../src/testing/index.ts';
import { CALLER, TestCall } from '../fakes/test-call.ts';

const LOST = new ProviderError({ provider: 'scripted', type: 'network', message: 'lost' });
const REFUSED = ProviderError.fromStatus('scripted', 503);
/** Longer than the pause before the first retry. */
const RETRY_MS = 200;

beforeEach(() => {
  // The only chance is how long core waits before it connects again.
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});

async function lose(call: TestCall): Promise<void> {
  call.ears.lose(LOST);
  await settled();
}

/** A call in which the first words of a turn are known. */
async function callWithWords(final: boolean): Promise<TestCall> {
  const call = await new TestCall({
    rounds: [says('A table?')],
    speeches: [speaks('A table?', { audioMs: 400 })],
  }).join();
  call.ears.report({ type: 'speech-start', offsetMs: 0 });
  await call.sound(400);
  call.ears.report({ type: 'transcript', text: 'Book a', final, speechEndMs: 400 });
  await settled();
  return call;
}

/** Loses every connection as soon as it is there, for so long. */
async function loseAll(call: TestCall, ms: number, beforeLoss?: () => void): Promise<void> {
  let lostCount = 0;
  for (let passed = 0; passed < ms; passed += 20) {
    if (call.stt.connections.length > lostCount) {
      lostCount += 1;
      call.stt.script.add({});
      beforeLoss?.();
      await settled();
      await lose(call);
    }
    await call.sound(20, CALLER, 4000);
  }
}

describe('connections that are lost one after the other', () => {
  test('do not keep what was heard from being answered after five seconds', async () => {
    const call = await callWithWords(false);
    const lostAtMs = call.clock.now();
    await loseAll(call, 6400);
    expect(call.turns).toMatchObject([{ userText: 'Book a', outcome: 'completed' }]);
    expect(call.turns[0]?.marks.committed).toBe(lostAtMs + 5000);
    await call.clock.advance(6000);
  });

  test('lose nothing of what none of them understood', async () => {
    const call = await callWithWords(false);
    await loseAll(call, 6000);
    expect(call.turns).toHaveLength(1);
    await call.clock.advance(6000);
    expect(new Set(call.ears.sent.map((samples) => samples[0]))).toEqual(new Set([4000]));
    expect(call.ears.sampleCount).toBe(6000 * 16);
  });

  test('are opened later and later, also where each heard something before', async () => {
    const call = await callWithWords(false);
    await loseAll(call, 6000, () => call.ears.report({ type: 'speech-start', offsetMs: 0 }));
    expect(call.stt.connections.length).toBeLessThanOrEqual(7);
    await call.clock.advance(6000);
  });
});

test('a noise after an outage does not keep what was heard before from being answered', async () => {
  const call = await callWithWords(true);
  call.stt.script.add({});
  await lose(call);
  await call.sound(RETRY_MS);
  call.ears.report({ type: 'speech-start', offsetMs: 0 });
  await call.microphone(4900);
  expect(call.turns).toEqual([]);
  await call.microphone(1000);
  expect(call.turns).toMatchObject([{ userText: 'Book a', outcome: 'completed' }]);
});

test('a sound that the next connection takes for no speech is not when the next turn began', async () => {
  const call = await new TestCall({
    openings: [{}, {}],
    rounds: [says('Yes.')],
    speeches: [speaks('Yes.', { audioMs: 400 })],
  }).join();
  await call.sound(400);
  call.ears.report({ type: 'speech-start', offsetMs: 100 });
  await settled();
  await lose(call);
  await call.microphone(5000);
  const offsetMs = call.ears.sampleCount / 16;
  const startedAtMs = call.clock.now();
  call.ears.report({ type: 'speech-start', offsetMs });
  await call.sound(400);
  call.ears.report(
    { type: 'transcript', text: 'Book a table', final: true, speechStartMs: offsetMs },
    { type: 'turn-end', eager: false },
  );
  await call.clock.advance(1000);
  expect(call.turns).toMatchObject([{ marks: { speechStart: startedAtMs } }]);
});

describe('words from before the agent began to speak', () => {
  const SPEECH = 'Good morning, what can I do for you?';

  /** A call in which the agent speaks while words of before are on their way. */
  async function callWithSpeech(
    openings: { delayMs?: number; error?: Error }[],
  ): Promise<TestCall> {
    return new TestCall({
      openings,
      speeches: [speaks(SPEECH, { audioMs: 5000 }), speaks('Yes.', { audioMs: 400 })],
      rounds: [says('Yes.')],
    }).join();
  }

  /** The words become known, and time passes. */
  async function understand(call: TestCall): Promise<void> {
    const transcript = { type: 'transcript', text: 'Book a table', speechStartMs: 100 } as const;
    call.ears.report({ ...transcript, final: false });
    await call.clock.advance(100);
    expect(call.states.at(-1)).toBe('speaking');
    call.ears.report({ ...transcript, final: true }, { type: 'turn-end', eager: false });
    await call.clock.advance(10_000);
    expect(call.turns).toMatchObject([
      { kind: 'greeting', outcome: 'completed', agentText: SPEECH },
      { userText: 'Book a table', outcome: 'completed' },
    ]);
    expect(call.agent.metrics.agentInterruptions.total).toBe(0);
  }

  test('do not cut it off while the rest of the replay is on its way', async () => {
    const call = await callWithSpeech([{}, { delayMs: 3000 }]);
    await lose(call);
    await call.sound(2600);
    void call.agent.say(SPEECH);
    await call.sound(560);
    expect(call.states.at(-1)).toBe('speaking');
    expect(call.stt.connections).toHaveLength(2);
    expect(call.ears.sampleCount).toBeLessThan(2600 * 16);
    await understand(call);
  });

  test('do not cut it off where it took a second attempt to connect at first', async () => {
    const call = await callWithSpeech([{ error: REFUSED }, { delayMs: 1000 }]);
    await call.sound(600);
    void call.agent.say(SPEECH);
    await call.microphone(800);
    expect(call.stt.connections).toHaveLength(1);
    await understand(call);
  });
});

test('of several providers, the one that was tried is told, and counted', async () => {
  class OtherSTT extends STT {
    readonly provider = 'other';
    readonly model = 'other-stt';
    readonly detectsTurns = true;
    readonly sampleRateHz = 16_000;

    protected async connect(): Promise<ScriptedSTTConnection> {
      return new ScriptedSTTConnection();
    }
  }
  const first = new ScriptedSTT([{}, { error: REFUSED }]);
  const stt = new FallbackSTT([first, new OtherSTT()]);
  const call = await new TestCall({ openings: [], agent: { stt } }).join();
  first.connections[0]?.lose(LOST);
  await settled();
  await call.clock.advance(RETRY_MS);
  expect(call.reconnects).toMatchObject([{ provider: 'other', outcome: 'completed' }]);
});
