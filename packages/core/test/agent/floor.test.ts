import { expect, test } from 'vitest';

import { says, settled, speaks } from '../../src/testing/index.ts';
import type { CallScript } from '../fakes/test-call.ts';
import { TestCall } from '../fakes/test-call.ts';

const ANNA = { id: 'anna' };
const BELA = { id: 'bela' };

/** Anna and Bela in a call in which the first speaker holds the floor. */
async function callOfTwo(answers: readonly string[], script: CallScript = {}): Promise<TestCall> {
  return new TestCall({
    join: { present: [ANNA, BELA] },
    openings: [{}, {}],
    rounds: answers.map((answer) => says(answer)),
    speeches: answers.map((answer) => speaks(answer, { audioMs: 1000 })),
    agent: { crossTalk: 'first-speaker' },
    ...script,
  }).join();
}

function begins(call: TestCall, who: number): void {
  call.stt.connections[who]?.report({ type: 'speech-start' });
}

function ends(call: TestCall, who: number, text: string): void {
  call.stt.connections[who]?.report(
    { type: 'transcript', text, final: true },
    { type: 'turn-end', eager: false },
  );
}

test('who speaks first is answered, and nobody else is heard until then', async () => {
  const call = await callOfTwo(['Hello Anna.']);
  begins(call, 0);
  await settled();
  begins(call, 1);
  ends(call, 1, 'I am Bela.');
  await call.clock.advance(500);
  ends(call, 0, 'I am Anna.');
  await call.clock.advance(500);
  ends(call, 1, 'Wait, please.');
  await call.clock.advance(1000);
  expect(call.turns).toMatchObject([{ participant: ANNA, outcome: 'completed' }]);
  expect(call.userTranscripts.map(({ text }) => text)).toEqual(['I am Anna.']);
});

test('who holds it may interrupt, and has it still', async () => {
  const call = await callOfTwo(['A long story.', 'Yes.']);
  ends(call, 0, 'Tell me a story.');
  await call.clock.advance(200);
  call.stt.connections[0]?.report({ type: 'transcript', text: 'Stop', final: false });
  await settled();
  ends(call, 1, 'Go on.');
  ends(call, 0, 'Stop it.');
  await call.clock.advance(1500);
  expect(call.turns).toMatchObject([
    { participant: ANNA, outcome: 'interrupted' },
    { participant: ANNA, outcome: 'completed', userText: 'Stop it.' },
  ]);
});

test('who only shows that they listen has it as long as they are answered', async () => {
  const call = await callOfTwo(['A long story.'], {
    speeches: [speaks('A long story.', { audioMs: 9000 })],
  });
  ends(call, 0, 'Tell me a story.');
  await call.clock.advance(200);
  ends(call, 0, 'Okay.');
  await call.clock.advance(7000);
  ends(call, 1, 'Stop it.');
  await call.clock.advance(2000);
  expect(call.turns).toMatchObject([
    { participant: ANNA, userText: 'Okay.', outcome: 'no_response' },
    { participant: ANNA, outcome: 'completed' },
  ]);
});

test('it is free when its holder was answered', async () => {
  const call = await callOfTwo(['Hello Anna.', 'Hello Bela.']);
  ends(call, 0, 'I am Anna.');
  await call.clock.advance(1500);
  ends(call, 1, 'I am Bela.');
  await call.clock.advance(1500);
  expect(call.turns).toMatchObject([
    { participant: ANNA, outcome: 'completed' },
    { participant: BELA, outcome: 'completed' },
  ]);
});

test('it is free when its holder leaves', async () => {
  const call = await callOfTwo(['Hello Bela.']);
  begins(call, 0);
  await settled();
  call.connection.leave(ANNA);
  ends(call, 1, 'I am Bela.');
  await call.clock.advance(1500);
  expect(call.turns).toMatchObject([{ participant: BELA, outcome: 'completed' }]);
});

test('it is lost by somebody who falls silent in the middle of a turn', async () => {
  const call = await callOfTwo(['Hello Bela.']);
  begins(call, 0);
  await call.clock.advance(4999);
  ends(call, 1, 'I am');
  await call.clock.advance(1);
  ends(call, 1, 'I am Bela.');
  await call.clock.advance(1500);
  expect(call.turns).toMatchObject([{ participant: BELA, userText: 'I am Bela.' }]);
});
