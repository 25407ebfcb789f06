import { describe, expect, test } from 'vitest';

import type { STTFact } from '../../src/index.ts';
import { says, settled, speaks } from '../../src/testing/index.ts';
import { CALLER, TestCall } from '../fakes/test-call.ts';

const ANSWER = 'One two three four five six seven eight nine ten.';

describe('what must not be cut off', () => {
  test('is said to its end, and what was said meanwhile is answered as one', async () => {
    const call = await new TestCall({
      rounds: [says('Hello.')],
      speeches: [speaks('This call is recorded.', { audioMs: 1000 }), speaks('Hello.')],
    }).join();
    const notice = call.agent.say('This call is recorded.', { interruptible: false });
    await settled();
    await call.userSays('Hi.', 0);
    await call.userSays('Anybody there?', 0);
    expect(call.states.at(-1)).toBe('speaking');
    expect(call.llm.requests).toEqual([]);
    await call.clock.advance(1000);
    expect(await notice).toMatchObject({ outcome: 'completed' });
    expect(call.turns).toMatchObject([
      { kind: 'greeting', outcome: 'completed' },
      { userText: 'Hi.', outcome: 'no_response' },
      { userText: 'Anybody there?', outcome: 'completed' },
    ]);
    expect(call.llm.requests[0]?.messages).toMatchObject([
      { role: 'assistant', text: 'This call is recorded.' },
      { role: 'user', text: 'Hi.' },
      { role: 'user', text: 'Anybody there?' },
    ]);
    expect(call.agent.metrics.agentInterruptions.total).toBe(0);
  });

  test.each([
    ['a sound', [{ type: 'speech-start' }]],
    ['words', [{ type: 'speech-start' }, { type: 'transcript', text: 'Wait', final: false }]],
  ] satisfies [string, STTFact[]][])(
    'goes on though %s began while something else was said',
    async (_what, facts) => {
      const call = await new TestCall({
        speeches: [
          speaks('Hello.', { audioMs: 200 }),
          speaks('This call is recorded.', { audioMs: 1000 }),
        ],
      }).join();
      const off = call.agent.on('state', ({ state }) => {
        if (state !== 'listening') return;
        off();
        void call.agent.say('This call is recorded.', { interruptible: false });
      });
      void call.agent.say('Hello.');
      await call.microphone(100);
      const offsetMs = call.heardMs();
      call.ears.report(...facts.map((fact) => ({ ...fact, offsetMs, speechStartMs: offsetMs })));
      await call.microphone(1000);
      expect(call.states).not.toContain('paused');
      expect(call.turns[0]).toMatchObject({ agentText: 'Hello.', outcome: 'completed' });
      await call.clock.advance(500);
      expect(call.turns[1]).toMatchObject({ outcome: 'completed' });
    },
  );

  test('may be several things: what was said meanwhile is answered after the last', async () => {
    const call = await new TestCall({
      rounds: [says('Hello.')],
      speeches: [
        speaks('This call is recorded.', { audioMs: 1000 }),
        speaks('It costs nothing.', { audioMs: 1000 }),
        speaks('Hello.'),
      ],
    }).join();
    const notices = (async () => {
      await call.agent.say('This call is recorded.', { interruptible: false });
      await call.agent.say('It costs nothing.', { interruptible: false });
    })();
    await settled();
    await call.userSays('Hi.', 0);
    await call.clock.advance(3000);
    await notices;
    expect(call.turns.map(({ outcome, agentText }) => [outcome, agentText])).toEqual([
      ['completed', 'This call is recorded.'],
      ['completed', 'It costs nothing.'],
      ['completed', 'Hello.'],
    ]);
  });

  test('is everything where the program disallows interruptions', async () => {
    const call = await new TestCall({
      agent: { interruption: false },
      rounds: [says(ANSWER), says('Yes.')],
      speeches: [speaks(ANSWER, { audioMs: 2000 }), speaks('Yes.')],
    }).join();
    await call.userSays('Count to ten.');
    await call.clock.advance(490);
    await call.bargeIn();
    await call.clock.advance(500);
    expect(call.states.at(-1)).toBe('speaking');
    await call.userSays('Wait, please.');
    await call.clock.advance(2000);
    expect(call.turns).toMatchObject([
      { outcome: 'completed', agentText: ANSWER },
      { userText: 'Wait, please.', outcome: 'completed' },
    ]);
  });

  test('is an answer too that was begun early where the program disallows interruptions', async () => {
    const call = await new TestCall({
      agent: { interruption: false },
      rounds: [says(ANSWER), says('Yes.')],
      speeches: [speaks(ANSWER, { audioMs: 1000 }), speaks('Yes.')],
    }).join();
    call.ears.report(
      { type: 'transcript', text: 'Count to ten.', final: false },
      { type: 'turn-end', eager: true },
    );
    await settled();
    call.ears.report(
      { type: 'transcript', text: 'Count to ten.', final: true },
      { type: 'turn-end', eager: false },
    );
    await call.clock.advance(100);
    await call.userSays('Wait, please.', 0);
    await call.clock.advance(2000);
    expect(call.agent.metrics.agentSpeculation.total).toBe(1);
    expect(call.turns).toMatchObject([
      { outcome: 'completed', agentText: ANSWER },
      { userText: 'Wait, please.', outcome: 'completed' },
    ]);
  });

  test('closes the turns that wait for it when the call ends', async () => {
    const call = await new TestCall({
      speeches: [speaks('This call is recorded.', { audioMs: 5000 })],
    }).join();
    void call.agent.say('This call is recorded.', { interruptible: false });
    await settled();
    await call.userSays('Hi.');
    await call.agent.close();
    expect(call.turns).toMatchObject([
      { outcome: 'interrupted' },
      { userText: 'Hi.', outcome: 'no_response' },
    ]);
  });

  test('is no dead air to those who wait for its end, and no work of ours', async () => {
    const call = await new TestCall({
      rounds: [says('Hello.', { afterMs: 100 })],
      speeches: [speaks('This call is recorded.', { audioMs: 5000 }), speaks('Hello.')],
      agent: { deadAirMs: 2000 },
    }).join();
    void call.agent.say('This call is recorded.', { interruptible: false });
    await settled();
    await call.userSays('Hi.');
    await call.clock.advance(6000);
    expect(call.agent.metrics.agentDeadAir.total).toBe(0);
    expect(call.turns[1]?.timeline).toMatchObject({
      responseLatencyMs: 4700,
      stages: { endpointing: 200, llm: 4500 },
      overheadMs: 0,
    });
  });

  test('leaves nobody waiting whose next sound cut off other words of the program', async () => {
    const call = await new TestCall({
      rounds: [says('Hello.')],
      speeches: [
        speaks('This call is recorded.', { audioMs: 5000 }),
        speaks('Welcome.', { audioMs: 5000 }),
        speaks('Hello.'),
      ],
    }).join();
    void call.agent.say('This call is recorded.', { interruptible: false });
    await settled();
    await call.userSays('Hi.');
    void call.agent.say('Welcome.');
    await call.clock.advance(500);
    await call.bargeIn('Hey');
    await call.clock.advance(500);
    call.ears.report({ type: 'turn-end', eager: false });
    await call.clock.advance(1000);
    expect(call.turns.at(-1)).toMatchObject({ userText: 'Hi.', outcome: 'completed' });
  });

  test('is followed by no answer to somebody who has left meanwhile', async () => {
    const call = await new TestCall({
      speeches: [speaks('This call is recorded.', { audioMs: 2000 })],
    }).join();
    void call.agent.say('This call is recorded.', { interruptible: false });
    await settled();
    await call.userSays('Hi.');
    call.connection.leave(CALLER);
    await call.clock.advance(3000);
    expect(call.turns).toMatchObject([
      { userText: 'Hi.', outcome: 'no_response' },
      { kind: 'greeting', outcome: 'completed' },
    ]);
  });

  test('can be cut off by the program itself', async () => {
    const call = await new TestCall({
      speeches: [speaks('This call is recorded.', { audioMs: 5000 }), speaks('Bye.')],
    }).join();
    void call.agent.say('This call is recorded.', { interruptible: false });
    await call.clock.advance(100);
    void call.agent.say('Bye.');
    await call.clock.advance(500);
    expect(call.turns.map(({ outcome }) => outcome)).toEqual(['interrupted', 'completed']);
  });
});
