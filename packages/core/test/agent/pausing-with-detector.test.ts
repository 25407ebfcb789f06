import { describe, expect, test } from 'vitest';

import { ScriptedTurnDetector, says, settled, speaks } from '../../src/testing/index.ts';
import { TestCall } from '../fakes/test-call.ts';

const ANSWER = 'One two three four five six seven eight nine ten.';

/** A call in which the agent has paused for a sound that goes on. */
async function pausedCall(falseAlarmMs = 2000): Promise<[TestCall, ScriptedTurnDetector]> {
  const turnDetector = new ScriptedTurnDetector();
  const call = await new TestCall({
    detectsTurns: false,
    agent: { turnDetector, speculation: false, interruption: { falseAlarmMs } },
    rounds: [says('Yes.')],
    speeches: [speaks(ANSWER, { audioMs: 5000 }), speaks('Yes.')],
  }).join();
  void call.agent.say(ANSWER);
  await settled();
  turnDetector.report({ type: 'speech-start', offsetMs: 0 });
  await call.clock.advance(4000);
  expect(call.states.at(-1)).toBe('paused');
  return [call, turnDetector];
}

describe('with a turn detector and words only at the end', () => {
  test('the agent stays silent as long as somebody speaks', async () => {
    const [call, detector] = await pausedCall();
    detector.report({ type: 'turn-end', eager: false, speechEndMs: 0 });
    await call.clock.advance(500);
    expect(call.states.at(-1)).toBe('paused');
    call.ears.report({ type: 'transcript', text: 'Stop it.', final: true });
    await call.clock.advance(500);
    expect(call.turns).toMatchObject([
      { outcome: 'interrupted' },
      { userText: 'Stop it.', outcome: 'completed' },
    ]);
  });

  test('the agent stays silent when the sound goes on after all', async () => {
    const [call, detector] = await pausedCall();
    call.llm.script.next('nothing: no request is expected');
    call.tts.script.next('nothing: no second text is expected');
    detector.report({ type: 'turn-end', eager: true, speechEndMs: 0 });
    await call.clock.advance(500);
    detector.report({ type: 'turn-resumed' });
    await call.clock.advance(5000);
    expect(call.states.at(-1)).toBe('paused');
    detector.report({ type: 'turn-end', eager: true, speechEndMs: 0 });
    await call.clock.advance(2000);
    expect(call.states.at(-1)).toBe('speaking');
  });

  test('it goes on when no words come after the sound', async () => {
    const [call, detector] = await pausedCall();
    call.llm.script.next('nothing: no request is expected');
    call.tts.script.next('nothing: no second text is expected');
    detector.report({ type: 'turn-end', eager: false, speechEndMs: 0 });
    await call.clock.advance(2000);
    expect(call.states.at(-1)).toBe('speaking');
  });

  test('not a frame leaves between the pause and giving way to words that were never final', async () => {
    const [call, detector] = await pausedCall(10_000);
    const sent = call.connection.frames.length;
    call.ears.report({ type: 'transcript', text: 'Ye', final: false });
    await settled();
    detector.report({ type: 'turn-end', eager: false, speechEndMs: 0 });
    await call.clock.advance(5000);
    expect(call.turns).toMatchObject([
      { outcome: 'interrupted' },
      { userText: 'Ye', agentText: 'Yes.', outcome: 'completed' },
    ]);
    expect(call.connection.frames).toHaveLength(sent + 100 / 20);
    expect(call.states.filter((state) => state === 'speaking')).toHaveLength(2);
  });

  test('it goes on when the sound never ends', async () => {
    const [call] = await pausedCall();
    call.llm.script.next('nothing: no request is expected');
    call.tts.script.next('nothing: no second text is expected');
    await call.clock.advance(32_000);
    expect(call.states).toContain('paused');
    expect(call.states.at(-1)).toBe('listening');
    expect(call.turns).toMatchObject([{ outcome: 'completed' }]);
  });
});
