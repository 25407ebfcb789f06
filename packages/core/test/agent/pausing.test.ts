import { describe, expect, test } from 'vitest';

import { says, settled, speaks } from '../../src/testing/index.ts';
import type { CallScript } from '../fakes/test-call.ts';
import { TestCall } from '../fakes/test-call.ts';

const ANSWER = 'One two three four five six seven eight nine ten.';

/** A call in which an answer of 2 s has been sounding for 500 ms. */
async function speakingCall(script: CallScript = {}): Promise<TestCall> {
  const call = await new TestCall({
    ...script,
    rounds: [says(ANSWER), ...(script.rounds ?? [])],
    speeches: [speaks(ANSWER, { audioMs: 2000, level: 1 }), ...(script.speeches ?? [])],
  }).join();
  await call.userSays('Count to ten.');
  await call.clock.advance(490);
  expect(call.connection.frames).toHaveLength(25);
  return call;
}

describe('a sound of speech while the agent speaks', () => {
  test('makes it pause once it has lasted long enough, and go on where it stopped without words', async () => {
    const call = await speakingCall();
    call.ears.report({ type: 'speech-start' });
    await call.clock.advance(199);
    expect(call.states.at(-1)).toBe('speaking');
    await call.clock.advance(1);
    expect(call.states.at(-1)).toBe('paused');
    const heard = call.connection.frames.length;
    await call.clock.advance(1999);
    expect(call.connection.frames).toHaveLength(heard);
    expect(call.states.at(-1)).toBe('paused');
    await call.clock.advance(1);
    expect(call.states.at(-1)).toBe('speaking');
    await call.clock.advance(2000);
    expect(call.connection.frames).toHaveLength(100);
    expect(call.connection.flushes).toBe(0);
    expect(call.turns).toMatchObject([{ outcome: 'completed', agentText: ANSWER }]);
    const { metrics } = call.agent;
    expect(metrics.agentInterruptions.total).toBe(0);
    expect(metrics.agentInterruptionLatencyMs.count).toBe(0);
    expect(metrics.edgeAudioUnderruns.total).toBe(0);
  });

  test('counts from where it was heard, not from when that was told', async () => {
    const call = await speakingCall();
    const offsetMs = call.heardMs() + 1;
    await call.microphone(200);
    call.ears.report({ type: 'speech-start', offsetMs });
    await call.clock.advance(0);
    expect(call.states.at(-1)).toBe('speaking');
    await call.clock.advance(1);
    expect(call.states.at(-1)).toBe('paused');
  });

  test('that is over without words lets it go on', async () => {
    const call = await speakingCall();
    call.ears.report({ type: 'speech-start' });
    await call.clock.advance(300);
    call.ears.report({ type: 'turn-end', eager: false });
    await settled();
    expect(call.states.at(-1)).toBe('speaking');
    expect(call.turns).toMatchObject([{ outcome: 'no_response', userText: '' }]);
  });

  test('makes it give way when words follow, with the latency of the pause', async () => {
    const call = await speakingCall({ rounds: [says('Yes.')], speeches: [speaks('Yes.')] });
    call.ears.report({ type: 'speech-start' });
    await call.clock.advance(500);
    expect(call.states.at(-1)).toBe('paused');
    call.ears.report({ type: 'transcript', text: 'Wait', final: false });
    await settled();
    expect(call.states.at(-1)).toBe('listening');
    expect(call.connection.flushes).toBe(1);
    expect(call.turns).toMatchObject([
      { outcome: 'interrupted', interruptedWhile: 'speaking', agentText: 'One two three' },
    ]);
    expect(call.turns[0]?.marks.interruptedAt).toBe(call.clock.now());
    expect(call.agent.metrics.agentInterruptionLatencyMs).toMatchObject({ count: 1, sum: 0 });
    call.ears.report(
      { type: 'transcript', text: 'Wait, please.', final: true },
      { type: 'turn-end', eager: false },
    );
    await call.clock.advance(500);
    expect(call.turns[1]).toMatchObject({ userText: 'Wait, please.', outcome: 'completed' });
  });

  test('of two people keeps it silent until both were nothing', async () => {
    const anna = { id: 'anna' };
    const bela = { id: 'bela' };
    const call = await new TestCall({
      join: { present: [anna, bela] },
      openings: [{}, {}],
      speeches: [speaks(ANSWER, { audioMs: 5000 })],
    }).join();
    void call.agent.say(ANSWER);
    await settled();
    call.stt.connections[0]?.report({ type: 'speech-start' });
    await call.clock.advance(1000);
    call.stt.connections[1]?.report({ type: 'speech-start' });
    await call.clock.advance(1500);
    expect(call.states.at(-1)).toBe('paused');
    await call.clock.advance(700);
    expect(call.states.at(-1)).toBe('speaking');
  });

  test('of somebody who leaves lets it go on', async () => {
    const call = await speakingCall();
    call.stt.script.add({});
    call.connection.join({ id: 'guest' });
    await settled();
    call.ears.report({ type: 'speech-start' });
    await call.clock.advance(300);
    expect(call.states.at(-1)).toBe('paused');
    call.connection.leave({ id: 'guest' });
    await settled();
    expect(call.states.at(-1)).toBe('speaking');
  });
});

describe('a back-channel', () => {
  test('does not stop the agent, is not answered and not remembered', async () => {
    const call = await speakingCall({ rounds: [says('Yes.')], speeches: [speaks('Yes.')] });
    call.ears.report({ type: 'speech-start' });
    await call.clock.advance(100);
    call.ears.report({ type: 'transcript', text: 'Uh-huh', final: false });
    await call.clock.advance(200);
    expect(call.states.at(-1)).toBe('speaking');
    call.ears.report(
      { type: 'transcript', text: 'Uh-huh.', final: true },
      { type: 'turn-end', eager: true },
      { type: 'turn-end', eager: false },
    );
    await call.clock.advance(2000);
    expect(call.turns).toMatchObject([
      { outcome: 'no_response', userText: 'Uh-huh.' },
      { outcome: 'completed', agentText: ANSWER },
    ]);
    expect(call.agent.metrics.agentInterruptions.total).toBe(0);
    await call.userSays('And then?');
    await call.clock.advance(500);
    expect(call.llm.requests[1]?.messages.map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'user',
    ]);
  });

  test('ends the pause that its sound made', async () => {
    const call = await speakingCall();
    call.ears.report({ type: 'speech-start' });
    await call.clock.advance(250);
    expect(call.states.at(-1)).toBe('paused');
    call.ears.report({ type: 'transcript', text: 'yea', final: false });
    await settled();
    expect(call.states.at(-1)).toBe('paused');
    call.ears.report({ type: 'transcript', text: 'yeah', final: false });
    await settled();
    expect(call.states.at(-1)).toBe('speaking');
  });

  test('that words follow is an interruption', async () => {
    const call = await speakingCall();
    await call.bargeIn('yeah');
    expect(call.states.at(-1)).toBe('speaking');
    call.ears.report({ type: 'transcript', text: 'yeah but', final: false });
    await settled();
    expect(call.states.at(-1)).toBe('listening');
    expect(call.turns).toMatchObject([{ outcome: 'interrupted' }]);
  });

  test('is answered when the agent has ended meanwhile', async () => {
    const call = await speakingCall({ rounds: [says('Good.')], speeches: [speaks('Good.')] });
    await call.clock.advance(1450);
    await call.bargeIn('okay');
    await call.clock.advance(300);
    expect(call.states.at(-1)).toBe('listening');
    call.ears.report(
      { type: 'transcript', text: 'Okay.', final: true },
      { type: 'turn-end', eager: false },
    );
    await call.clock.advance(500);
    expect(call.turns.map(({ outcome }) => outcome)).toEqual(['completed', 'completed']);
  });

  test('is what the program says it is', async () => {
    const interruption = { backchannels: { en: ['roger'] } };
    const call = await speakingCall({ agent: { interruption } });
    await call.bargeIn('Roger.');
    expect(call.states.at(-1)).toBe('speaking');
    await call.bargeIn('Okay');
    expect(call.states.at(-1)).toBe('listening');
  });
});

describe('words', () => {
  test('below the minimum neither stop the agent nor are answered', async () => {
    const call = await speakingCall({ agent: { interruption: { minWords: 3 } } });
    await call.bargeIn('Please wait');
    await call.clock.advance(400);
    expect(call.states.at(-1)).toBe('speaking');
    call.ears.report(
      { type: 'transcript', text: 'Please wait', final: true },
      { type: 'turn-end', eager: false },
    );
    await settled();
    expect(call.turns).toMatchObject([{ outcome: 'no_response' }]);
    await call.bargeIn('Please wait here');
    expect(call.states.at(-1)).toBe('listening');
  });

  test('stop the agent when the speech has lasted long enough', async () => {
    const call = await speakingCall({ agent: { interruption: { minSpeechMs: 600 } } });
    const offsetMs = call.heardMs() + 1;
    await call.microphone(300);
    call.ears.report(
      { type: 'speech-start', offsetMs },
      { type: 'transcript', text: 'Wait', final: false },
    );
    await call.clock.advance(300);
    expect(call.states.at(-1)).toBe('speaking');
    await call.clock.advance(1);
    expect(call.states.at(-1)).toBe('listening');
    expect(call.agent.metrics.agentInterruptionLatencyMs).toMatchObject({ count: 1, sum: 0 });
  });

  test('are not needed where sound is enough', async () => {
    const call = await speakingCall({ agent: { interruption: { minWords: 0 } } });
    call.ears.report({ type: 'speech-start' });
    await call.clock.advance(200);
    expect(call.turns).toMatchObject([{ outcome: 'interrupted' }]);
    expect(call.states).not.toContain('paused');
  });
});

describe('a sound of speech while the agent thinks', () => {
  const script: CallScript = {
    rounds: [says(ANSWER, { afterMs: 400 })],
    speeches: [speaks(ANSWER, { afterMs: 100, audioMs: 1000 })],
  };

  test('holds the answer back until it was nothing, and that wait is not ours', async () => {
    const call = await new TestCall(script).join();
    await call.userSays('Count to ten.');
    call.ears.report({ type: 'speech-start' });
    await call.clock.advance(2190);
    expect(call.connection.frames).toEqual([]);
    expect(call.states.at(-1)).toBe('thinking');
    await call.clock.advance(1100);
    expect(call.turns).toMatchObject([{ outcome: 'completed', agentText: ANSWER }]);
    // Silence 200, model 400, voice 100, then 1700 held back until 200 + 2000 after the sound.
    expect(call.turns[0]?.timeline).toEqual({
      responseLatencyMs: 2400,
      stages: { endpointing: 200, llm: 400, tool: 0, sentence: 0, tts: 100, playout: 1700 },
      overheadMs: 0,
    });
  });

  test('is an interruption of thinking when words follow', async () => {
    const call = await new TestCall({ ...script, speeches: [] }).join();
    await call.userSays('Count to ten.');
    call.ears.report({ type: 'speech-start' });
    await call.clock.advance(300);
    call.ears.report({ type: 'transcript', text: 'in French', final: false });
    await settled();
    expect(call.turns).toMatchObject([{ outcome: 'interrupted', interruptedWhile: 'thinking' }]);
    expect(call.llm.signals[0]?.aborted).toBe(true);
  });
});
