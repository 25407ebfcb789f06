import { expect, test } from 'vitest';

import { ProviderError } from '../../src/index.ts';
import type { LLMStep } from '../../src/testing/index.ts';
import { asksFor, says, speaks } from '../../src/testing/index.ts';
import { TestCall } from '../fakes/test-call.ts';

const ERROR = ProviderError.fromStatus('scripted', 503);
const SORRY = 'Sorry about that.';
const FAILS: LLMStep[] = [{ type: 'throw', error: ERROR }];

test.each<[string, readonly (readonly LLMStep[])[]]>([
  ['a model that fails', [FAILS]],
  ['a model without words', [[{ type: 'end', reason: 'stop' }]]],
  ['a model that only asks for tools', [asksFor([{ id: '1', name: 'x', arguments: {} }])]],
])('the caller of %s hears an apology', async (_what, rounds) => {
  const agent = { apology: SORRY, maxToolRounds: 0 };
  const call = await new TestCall({ rounds, speeches: [speaks(SORRY)], agent }).join();
  await call.userSays('Is it open?');
  await call.clock.advance(2000);
  expect(call.turns).toMatchObject([{ outcome: 'error', agentText: SORRY }]);
  expect(call.connection.frames.length).toBeGreaterThan(0);
  expect(call.agentTranscripts.at(-1)).toEqual({ text: SORRY, final: true });
});

test('a failure in the middle lets the caller hear what there was, and then the apology', async () => {
  const call = await new TestCall({
    rounds: [[{ type: 'text', text: 'It is open. And' }, ...FAILS], says('Yes.')],
    speeches: [speaks('It is open.'), speaks(SORRY), speaks('Yes.')],
    agent: { apology: SORRY },
  }).join();
  await call.userSays('Is it open?');
  await call.clock.advance(3000);
  expect(call.turns).toMatchObject([{ outcome: 'error', agentText: `It is open. ${SORRY}` }]);
  await call.userSays('Really?');
  await call.clock.advance(1000);
  expect(call.llm.requests[1]?.messages).toMatchObject([
    { role: 'user' },
    { role: 'assistant', text: 'It is open.' },
    { role: 'assistant', text: SORRY },
    { role: 'user' },
  ]);
});

test('a voice that failed once still apologises', async () => {
  const call = await new TestCall({
    rounds: [says('It is open.')],
    speeches: [{ text: 'It is open.', steps: [{ type: 'throw', error: ERROR }] }, speaks(SORRY)],
    agent: { apology: SORRY },
  }).join();
  await call.userSays('Is it open?');
  await call.clock.advance(2000);
  expect(call.turns).toMatchObject([{ outcome: 'error', agentText: SORRY }]);
});

test('a voice that failed stops the model, which says and does nothing more', async () => {
  const call = await new TestCall({
    rounds: [
      [
        { type: 'text', text: 'It is open. And ' },
        { type: 'wait', ms: 100 },
        { type: 'text', text: 'a table is free. ' },
        ...asksFor([{ id: '1', name: 'book', arguments: {} }]),
      ],
    ],
    speeches: [
      { text: 'It is open.', steps: [{ type: 'throw', error: ERROR }] },
      speaks(SORRY, { audioMs: 1000 }),
    ],
    agent: { apology: SORRY },
  }).join();
  await call.userSays('Is it open?');
  await call.clock.advance(500);
  expect(call.llm.signals[0]?.aborted).toBe(true);
  await call.clock.advance(2000);
  expect(call.turns).toMatchObject([{ outcome: 'error', agentText: SORRY }]);
  expect(call.agentTranscripts.at(-1)).toEqual({ text: SORRY, final: true });
  expect(call.agent.metrics.llmToolCalls.total).toBe(0);
});

test('a voice that is gone ends the turn in error and says so in the log', async () => {
  const broken = [{ type: 'throw', error: ERROR }] as const;
  const call = await new TestCall({
    rounds: [says('It is open.')],
    speeches: [
      { text: 'It is open.', steps: broken },
      { text: SORRY, steps: broken },
    ],
    agent: { apology: SORRY },
  }).join();
  await call.userSays('Is it open?');
  await call.clock.advance(2000);
  expect(call.turns).toMatchObject([{ outcome: 'error', agentText: '' }]);
  expect(call.agent.metrics.ttsErrors.total).toBe(2);
});

test('a user who speaks cuts an apology off too', async () => {
  const call = await new TestCall({
    rounds: [FAILS],
    speeches: [speaks(SORRY)],
    agent: { apology: SORRY },
  }).join();
  await call.userSays('Is it open?');
  await call.clock.advance(40);
  expect(call.states.at(-1)).toBe('speaking');
  await call.bargeIn();
  expect(call.turns).toMatchObject([{ outcome: 'interrupted' }]);
});

test('a wait without any audio is counted once it is too long', async () => {
  const call = await new TestCall({
    rounds: [says('Yes.', { afterMs: 1500 }), says('No.', { afterMs: 500 })],
    speeches: [speaks('Yes.'), speaks('No.')],
    agent: { deadAirMs: 1000 },
  }).join();
  const waits: string[] = [];
  call.agent.on('dead-air', ({ turnId }) => waits.push(turnId));
  await call.userSays('Is it open?');
  await call.clock.advance(3000);
  await call.userSays('Still?');
  await call.clock.advance(3000);
  expect(call.turns.map(({ outcome }) => outcome)).toEqual(['completed', 'completed']);
  expect(waits).toEqual([call.turns[0]?.id]);
  expect(call.agent.metrics.agentDeadAir.total).toBe(1);
});

test('an apology is no answer: it has a mark of its own, and no latency', async () => {
  const call = await new TestCall({
    rounds: [FAILS],
    speeches: [speaks(SORRY)],
    agent: { apology: SORRY },
  }).join();
  await call.userSays('Is it open?');
  await call.clock.advance(1000);
  const [turn] = call.turns;
  expect(turn).toMatchObject({ outcome: 'error', agentText: SORRY, timeline: undefined });
  expect(turn?.marks).toMatchObject({ apologyStart: 1600 });
  expect(turn?.marks.playoutStart).toBeUndefined();
  expect(call.agent.metrics.agentResponseLatencyMs.count).toBe(0);
  expect(call.agent.metrics.agentDeadAir.total).toBe(0);
});
