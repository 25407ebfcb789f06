import { beforeEach, describe, expect, test, vi } from 'vitest';

import { ProviderError } from '../../src/index.ts';
import { says, ScriptedTurnDetector, settled, speaks } from '../../src/testing/index.ts';
import type { ScriptedSTTConnection } from '../../src/testing/index.ts';
import { TestCall } from '../fakes/test-call.ts';

const LOST = new ProviderError({ provider: 'scripted', type: 'network', message: 'lost' });
const SAMPLES_A_MS = 16;
/** Longer than the pause before the first retry. */
const RETRY_MS = 200;

beforeEach(() => {
  // The only chance is how long core waits before it connects again.
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});

/** How much audio a connection got. */
function heardMs({ sampleCount }: ScriptedSTTConnection): number {
  return sampleCount / SAMPLES_A_MS;
}

async function lose(call: TestCall): Promise<void> {
  call.ears.lose(LOST);
  await settled();
}

async function joinWithDetector(
  openings: { delayMs?: number }[],
  speculation = false,
): Promise<[TestCall, ScriptedTurnDetector]> {
  const turnDetector = new ScriptedTurnDetector();
  const call = await new TestCall({
    detectsTurns: false,
    openings,
    agent: { turnDetector, speculation, endpointing: { unfinishedDelayMs: 0 } },
    rounds: [says('Yes.')],
    speeches: [speaks('Yes.', { audioMs: 400 })],
  }).join();
  return [call, turnDetector];
}

describe('with a turn detector', () => {
  test('a turn that ends while nobody listens is asked for when somebody does', async () => {
    const [call, detector] = await joinWithDetector([{}, { delayMs: 1000 }]);
    detector.report({ type: 'speech-start', offsetMs: 0 });
    await call.sound(400);
    call.ears.report({ type: 'transcript', text: 'Book a', final: false });
    await settled();
    await lose(call);
    const lost = call.ears;
    await call.sound(400);
    detector.report({ type: 'turn-end', eager: false, speechEndMs: 800 });
    await call.microphone(400);
    expect(lost.flushes).toBe(0);
    expect(call.turns).toEqual([]);
    await call.microphone(600 + RETRY_MS);
    expect(call.ears.flushes).toBe(1);
    expect(heardMs(call.ears)).toBe(400 + 400 + 400 + 600 + RETRY_MS);
    call.ears.report({ type: 'transcript', text: 'Book a table.', final: true, speechEndMs: 800 });
    await call.clock.advance(1000);
    expect(call.turns).toMatchObject([{ userText: 'Book a table.', outcome: 'completed' }]);
  });

  test('a turn that ends while the replay is sent is asked for behind it', async () => {
    const [call, detector] = await joinWithDetector([{}, {}]);
    detector.report({ type: 'speech-start', offsetMs: 0 });
    await call.sound(3000);
    await lose(call);
    await call.clock.advance(RETRY_MS);
    detector.report({ type: 'turn-end', eager: false, speechEndMs: 3000 });
    const sent = heardMs(call.ears);
    expect(call.ears.flushes).toBe(0);
    await call.clock.advance(200);
    expect([sent < 3000, heardMs(call.ears), call.ears.flushes]).toEqual([true, 3000, 1]);
    call.ears.report({ type: 'transcript', text: 'Book it.', final: true });
    await call.clock.advance(1000);
  });

  test('a turn whose words are certain is answered at once when its end is', async () => {
    const [call, detector] = await joinWithDetector([{}, { delayMs: 5000 }]);
    detector.report({ type: 'speech-start', offsetMs: 0 });
    await call.sound(400);
    detector.report({ type: 'turn-end', eager: true, speechEndMs: 400 });
    call.ears.report({ type: 'transcript', text: 'Is it open?', final: true, speechEndMs: 400 });
    await settled();
    await lose(call);
    await call.microphone(200);
    detector.report({ type: 'turn-end', eager: false, speechEndMs: 400 });
    await call.clock.advance(1000);
    expect(call.turns).toMatchObject([{ userText: 'Is it open?', outcome: 'completed' }]);
    expect(call.turns[0]?.timeline?.responseLatencyMs).toBe(200);
  });

  test('the draft of such a turn is not dropped', async () => {
    const [call, detector] = await joinWithDetector([{}, { delayMs: 5000 }], true);
    detector.report({ type: 'speech-start', offsetMs: 0 });
    await call.sound(400);
    call.ears.report({ type: 'transcript', text: 'Is it open?', final: false });
    await settled();
    detector.report({ type: 'turn-end', eager: true, speechEndMs: 400 });
    call.ears.report({ type: 'transcript', text: 'Is it open?', final: true, speechEndMs: 400 });
    await settled();
    expect(call.states.at(-1)).toBe('speculating');
    await lose(call);
    expect(call.states.at(-1)).toBe('speculating');
    detector.report({ type: 'turn-end', eager: false, speechEndMs: 400 });
    await call.clock.advance(1000);
    expect(call.turns).toMatchObject([{ outcome: 'completed' }]);
  });

  test('a turn that goes on unheard is not answered without the rest of its words', async () => {
    const [call, detector] = await joinWithDetector([{}, { delayMs: 1000 }]);
    detector.report({ type: 'speech-start', offsetMs: 0 });
    await call.sound(400);
    detector.report({ type: 'turn-end', eager: true, speechEndMs: 400 });
    call.ears.report({ type: 'transcript', text: 'Is it', final: true, speechEndMs: 400 });
    await settled();
    await lose(call);
    detector.report({ type: 'turn-resumed' });
    await call.sound(400);
    detector.report({ type: 'turn-end', eager: false, speechEndMs: 800 });
    await call.microphone(800 + RETRY_MS);
    expect(call.turns).toEqual([]);
    expect(call.ears.flushes).toBe(1);
    call.ears.report({ type: 'transcript', text: 'open?', final: true, speechEndMs: 400 });
    await call.clock.advance(1000);
    expect(call.turns).toMatchObject([{ userText: 'Is it open?', outcome: 'completed' }]);
  });

  test('a turn that goes on after the outage may interrupt what was begun since', async () => {
    const [call, detector] = await joinWithDetector([{}, {}]);
    detector.report({ type: 'speech-start', offsetMs: 0 });
    await call.sound(400);
    await lose(call);
    await call.microphone(3000);
    void call.agent.say('Yes.');
    await call.clock.advance(100);
    expect(call.states.at(-1)).toBe('speaking');
    detector.report({ type: 'speech-start', offsetMs: 3400 });
    await call.clock.advance(250);
    expect(call.states.at(-1)).toBe('paused');
    call.llm.script.next('nothing is answered');
  });

  test('words that were given up are not asked for again', async () => {
    const [call, detector] = await joinWithDetector([{}, {}]);
    detector.report({ type: 'speech-start', offsetMs: 0 });
    await call.sound(400);
    call.ears.report({ type: 'transcript', text: 'Is it open', final: false });
    await settled();
    detector.report({ type: 'turn-end', eager: false, speechEndMs: 400 });
    await call.microphone(3000);
    expect(call.turns).toMatchObject([{ userText: 'Is it open', outcome: 'completed' }]);
    await lose(call);
    await call.microphone(RETRY_MS);
    expect(heardMs(call.ears)).toBeLessThanOrEqual(500 + RETRY_MS);
  });
});
