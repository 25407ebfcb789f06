import { expect, test } from 'vitest';

import type { STTFact, TurnDetection, TurnFact } from '../../src/index.ts';
import { says, ScriptedTurnDetector, settled, speaks } from '../../src/testing/index.ts';
import { TestCall } from '../fakes/test-call.ts';

function words(text: string, final: boolean): STTFact {
  return { type: 'transcript', text, final };
}

/** A detector that cannot be opened the first time. */
class LateDetector extends ScriptedTurnDetector {
  #hasFailed = false;

  protected override connect(report: (fact: TurnFact) => void): Promise<TurnDetection> {
    if (this.#hasFailed) return super.connect(report);
    this.#hasFailed = true;
    return Promise.reject(new Error('no memory'));
  }
}

async function joinWithDetector(answers: number): Promise<[TestCall, ScriptedTurnDetector]> {
  const turnDetector = new ScriptedTurnDetector();
  const call = await new TestCall({
    detectsTurns: false,
    agent: { turnDetector, speculation: false },
    rounds: Array.from({ length: answers }, () => says('Yes.')),
    speeches: Array.from({ length: answers }, () => speaks('Yes.', { audioMs: 400 })),
  }).join();
  return [call, turnDetector];
}

test('a final transcript waits for the detector to end the turn', async () => {
  const [call, detector] = await joinWithDetector(1);
  await call.microphone(1000);
  expect(detector.sampleCount).toBe(16_000);
  detector.report({ type: 'speech-start', offsetMs: 100 });
  call.ears.report(words('Are you', true), words('there?', true));
  await settled();
  expect(call.states.at(-1)).toBe('listening');
  detector.report({ type: 'turn-end', eager: false, speechEndMs: 700 });
  await call.clock.advance(500);
  expect(call.turns).toMatchObject([{ userText: 'Are you there?', outcome: 'completed' }]);
  // The caller fell silent 300 ms before the detector knew.
  expect(call.turns[0]?.timeline?.responseLatencyMs).toBe(300);
  const { metrics } = call.agent;
  expect(metrics.turnDurationMs).toMatchObject({ count: 1, sum: 600 });
  expect(metrics.turnTrailingSilenceMs).toMatchObject({ count: 1, sum: 300 });
});

test('an end of turn asks for the words that are still missing and waits for them', async () => {
  const [call, detector] = await joinWithDetector(1);
  await call.microphone(500);
  call.ears.report(words('Are you', true), words('there', false));
  await settled();
  detector.report({ type: 'turn-end', eager: false, speechEndMs: 400 });
  await settled();
  expect(call.ears.flushes).toBe(1);
  expect(call.turns).toEqual([]);
  call.ears.report(words('there?', true));
  await call.clock.advance(500);
  expect(call.turns).toMatchObject([{ userText: 'Are you there?', outcome: 'completed' }]);
});

test('words that come late and without a time leave the end that the detector has told', async () => {
  const [call, detector] = await joinWithDetector(1);
  await call.microphone(500);
  detector.report({ type: 'turn-end', eager: false, speechEndMs: 400 });
  await call.clock.advance(5000);
  call.ears.report(words('Hello.', true));
  await call.clock.advance(500);
  expect(call.turns[0]?.timeline?.responseLatencyMs).toBe(5100);
});

test('speech that goes on takes the end of the turn back', async () => {
  const [call, detector] = await joinWithDetector(1);
  await call.microphone(500);
  detector.report(
    { type: 'turn-end', eager: false, speechEndMs: 200 },
    { type: 'speech-start', offsetMs: 450 },
  );
  call.ears.report(words('Well,', true));
  await settled();
  expect(call.states.at(-1)).toBe('listening');
  call.ears.report(words('yes.', true));
  await settled();
  detector.report({ type: 'turn-end', eager: false, speechEndMs: 480 });
  await call.clock.advance(500);
  expect(call.turns).toMatchObject([{ userText: 'Well, yes.', outcome: 'completed' }]);
});

test('a turn does not begin with a sound before it that came to nothing', async () => {
  const [call, detector] = await joinWithDetector(1);
  await call.microphone(3000);
  detector.report(
    { type: 'speech-start', offsetMs: 100 },
    { type: 'turn-end', eager: false, speechEndMs: 300 },
  );
  await call.clock.advance(1000);
  detector.report({ type: 'speech-start', offsetMs: 2000 });
  call.ears.report(words('Hello.', true));
  await settled();
  detector.report({ type: 'turn-end', eager: false, speechEndMs: 2500 });
  await call.clock.advance(500);
  const { speechStart = 0, speechEnd = 0 } = call.turns[0]?.marks ?? {};
  expect(speechEnd - speechStart).toBe(500);
});

test('speech that the detector hears silences the agent', async () => {
  const [call, detector] = await joinWithDetector(1);
  await call.microphone(100);
  call.ears.report(words('Hello', true));
  await settled();
  detector.report({ type: 'turn-end', eager: false, speechEndMs: 80 });
  await call.clock.advance(40);
  expect(call.states.at(-1)).toBe('speaking');
  detector.report({ type: 'speech-start', offsetMs: 90 });
  await call.clock.advance(200);
  expect(call.states.at(-1)).toBe('paused');
  call.ears.report(words('Wait', false));
  await settled();
  expect(call.turns).toMatchObject([{ outcome: 'interrupted', interruptedWhile: 'speaking' }]);
});

test('an eager end is not the end', async () => {
  const [call, detector] = await joinWithDetector(0);
  await call.microphone(100);
  call.ears.report(words('Hello', true));
  await settled();
  detector.report({ type: 'turn-end', eager: true, speechEndMs: 80 }, { type: 'turn-resumed' });
  await settled();
  expect(call.states.at(-1)).toBe('listening');
  expect(call.agent.metrics.turnDurationMs.count).toBe(0);
});

test('a detector that cannot be opened is opened anew, and what was said meanwhile is judged', async () => {
  const turnDetector = new LateDetector();
  const call = await new TestCall({
    detectsTurns: false,
    agent: { turnDetector },
    rounds: [says('Yes.')],
    speeches: [speaks('Yes.')],
  }).join();
  await call.microphone(500);
  expect(call.errors).toHaveLength(1);
  expect(call.logger.entries).toContainEqual(
    expect.objectContaining({ level: 'error', message: 'turn detection failed; trying again' }),
  );
  expect(turnDetector.sampleCount).toBe(8000);
  call.ears.report(words('Hello.', true));
  await settled();
  turnDetector.report({ type: 'turn-end', eager: false, speechEndMs: 400 });
  await call.clock.advance(500);
  expect(call.turns).toMatchObject([{ userText: 'Hello.', outcome: 'completed' }]);
});

test('the detector ends with the call', async () => {
  const [call, detector] = await joinWithDetector(0);
  expect(detector.openCount).toBe(1);
  await call.agent.close();
  expect(detector.openCount).toBe(0);
});

test('a detector beside a speech to text that detects turns itself is refused', () => {
  const turnDetector = new ScriptedTurnDetector();
  expect(() => new TestCall({ agent: { turnDetector } })).toThrow(
    '`turnDetector` of Agent is not wanted',
  );
});
