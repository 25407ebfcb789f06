import { expect, test } from 'vitest';

import type { PipelineAgentOptions, STTFact } from '../../src/index.ts';
import { ScriptedTurnDetector, says, settled, speaks } from '../../src/testing/index.ts';
import { CALLER, TestCall } from '../fakes/test-call.ts';

/** A call whose caller speaks from 100 ms to 500 ms, with as many answers as requests are expected. */
async function callerSpeaks(
  requests: number,
  answers: number,
  options: Partial<PipelineAgentOptions> = { speculation: false },
): Promise<[TestCall, ScriptedTurnDetector]> {
  const turnDetector = new ScriptedTurnDetector();
  const call = await new TestCall({
    detectsTurns: false,
    agent: { turnDetector, ...options },
    rounds: Array.from({ length: requests }, () => says('Yes.')),
    speeches: Array.from({ length: answers }, () => speaks('Yes.')),
  }).join();
  await call.microphone(200);
  turnDetector.report({ type: 'speech-start', offsetMs: 100 });
  await call.microphone(800);
  return [call, turnDetector];
}

/** The detector's 500 ms of silence have passed. */
const END = { type: 'turn-end', eager: false, speechEndMs: 500 } as const;

function words(text: string, final = true): STTFact {
  return { type: 'transcript', text, final };
}

test('a finished sentence is answered when the detector ends the turn', async () => {
  const [call, detector] = await callerSpeaks(1, 1);
  call.ears.report(words('I want to go home.'));
  await settled();
  detector.report(END);
  await call.clock.advance(500);
  expect(call.turns[0]?.timeline?.responseLatencyMs).toBe(500);
  expect(call.agent.metrics.turnTrailingSilenceMs).toMatchObject({ count: 1, sum: 500 });
});

test('an unfinished one is answered when nothing has followed for the delay', async () => {
  const [call, detector] = await callerSpeaks(1, 1);
  call.ears.report(words('I want to'));
  await settled();
  detector.report(END);
  await call.clock.advance(699);
  expect(call.llm.requests).toHaveLength(0);
  await call.clock.advance(500);
  expect(call.turns).toMatchObject([{ userText: 'I want to', outcome: 'completed' }]);
  expect(call.turns[0]?.timeline?.responseLatencyMs).toBe(1200);
  expect(call.turns[0]?.timeline?.overheadMs).toBe(0);
  expect(call.agent.metrics.turnTrailingSilenceMs).toMatchObject({ count: 1, sum: 1200 });
});

test.each([
  [{ unfinishedDelayMs: 0 }, 500],
  [{ unfinishedDelayMs: 250 }, 750],
  [{}, 1200],
])('the delay is %j: the answer comes after %i ms', async (endpointing, latencyMs) => {
  const [call, detector] = await callerSpeaks(1, 1, { endpointing, speculation: false });
  call.ears.report(words('I want to'));
  await settled();
  detector.report(END);
  await call.clock.advance(2000);
  expect(call.turns[0]?.timeline?.responseLatencyMs).toBe(latencyMs);
});

test.each([-1, 10_001, Number.NaN])('the delay %j is refused by name', (unfinishedDelayMs) => {
  const make = (): TestCall =>
    new TestCall({
      detectsTurns: false,
      agent: { turnDetector: new ScriptedTurnDetector(), endpointing: { unfinishedDelayMs } },
    });
  expect(make).toThrow('`unfinishedDelayMs` of Agent.endpointing must be a number from 0 to 10000');
});

test('what follows within the delay belongs to the same turn', async () => {
  const [call, detector] = await callerSpeaks(1, 1);
  call.ears.report(words('I want to'));
  await settled();
  detector.report(END);
  await call.microphone(400);
  detector.report({ type: 'speech-start', offsetMs: 1300 });
  await call.microphone(600);
  call.ears.report(words('go home.'));
  await settled();
  detector.report({ ...END, speechEndMs: 1700 });
  await call.clock.advance(500);
  expect(call.turns).toMatchObject([{ userText: 'I want to go home.', outcome: 'completed' }]);
  expect(call.agent.metrics.turnDurationMs).toMatchObject({ count: 1, sum: 1600 });
  expect(call.agent.metrics.turnTrailingSilenceMs).toMatchObject({ count: 1, sum: 300 });
});

test('words that finish the sentence end the wait, and were asked for once', async () => {
  const [call, detector] = await callerSpeaks(1, 1);
  call.ears.report(words('I want to', false));
  await settled();
  detector.report(END);
  await call.clock.advance(100);
  expect(call.ears.flushes).toBe(1);
  call.ears.report(words('I want to go home.'));
  await call.clock.advance(500);
  expect(call.turns[0]?.timeline?.responseLatencyMs).toBe(600);
  expect(call.agent.metrics.turnTrailingSilenceMs).toMatchObject({ count: 1, sum: 600 });
  expect(call.ears.flushes).toBe(1);
});

test('a turn without words yet waits for them, and is over when they do not come', async () => {
  const [call, detector] = await callerSpeaks(1, 1);
  detector.report(END);
  expect(call.ears.flushes).toBe(1);
  await call.clock.advance(100);
  call.ears.report(words('Hello'));
  await call.clock.advance(500);
  expect(call.turns[0]?.timeline?.responseLatencyMs).toBe(600);
  await call.microphone(200);
  detector.report({ type: 'speech-start', offsetMs: 1000 }, { ...END, speechEndMs: 1100 });
  await call.clock.advance(699);
  expect(call.agent.metrics.turnDurationMs.count).toBe(1);
  await call.clock.advance(1);
  expect(call.agent.metrics.turnDurationMs).toMatchObject({ count: 2, sum: 500 });
});

test('a missing mark means something only where marks were seen', async () => {
  const [call, detector] = await callerSpeaks(3, 3);
  const say = async (text: string, speechEndMs: number): Promise<number | undefined> => {
    detector.report({ type: 'speech-start', offsetMs: speechEndMs - 100 });
    call.ears.report(words(text));
    await settled();
    detector.report({ ...END, speechEndMs });
    await call.clock.advance(2000);
    return call.turns.at(-1)?.timeline?.stages.endpointing;
  };
  expect(await say('it is red', 1000)).toBe(0);
  await call.microphone(100);
  expect(await say('It is red.', 1100)).toBe(0);
  await call.microphone(100);
  expect(await say('it is red', 1200)).toBe(700);
});

test('the answer to an unfinished sentence is begun at once, and dropped when the caller goes on', async () => {
  const [call, detector] = await callerSpeaks(2, 1, {});
  call.ears.report(words('I want to'));
  await settled();
  detector.report(END);
  await settled();
  expect(call.states.at(-1)).toBe('speculating');
  expect(call.llm.requests).toHaveLength(1);
  await call.microphone(200);
  detector.report({ type: 'speech-start', offsetMs: 1100 });
  await settled();
  expect(call.states.at(-1)).toBe('listening');
  call.ears.report(words('go home.'));
  await settled();
  detector.report({ ...END, speechEndMs: 1180 });
  await call.clock.advance(500);
  expect(call.turns).toMatchObject([{ userText: 'I want to go home.', outcome: 'completed' }]);
  expect(call.agent.metrics.agentSpeculation.total).toBe(1);
});

test('a caller who leaves in the middle of a sentence leaves no timer', async () => {
  const [call, detector] = await callerSpeaks(0, 0);
  call.ears.report(words('I want to'));
  await settled();
  detector.report(END);
  const { pendingTimers } = call.clock;
  call.connection.leave(CALLER);
  await settled();
  expect(call.clock.pendingTimers).toBe(pendingTimers - 1);
  await call.clock.advance(1000);
  expect(call.turns).toMatchObject([{ userText: 'I want to', outcome: 'no_response' }]);
});
