import { expect, test } from 'vitest';

import { says, speaks } from '../../src/testing/index.ts';
import { TestCall } from '../fakes/test-call.ts';

const SENTENCES = Array.from({ length: 20 }, (_, index) => `This is sentence ${index + 1}.`);

/** A call with an answer of 200 s, of which so many sentences are expected of a voice that is much faster. */
async function longAnswer(expected: number): Promise<TestCall> {
  const call = await new TestCall({
    rounds: [says(SENTENCES.join(' '))],
    speeches: SENTENCES.slice(0, expected).map((text) => speaks(text, { audioMs: 10_000 })),
  }).join();
  await call.userSays('Tell me everything.');
  return call;
}

test('a long answer is heard to its last word', async () => {
  const call = await longAnswer(20);
  await call.clock.advance(210_000);
  expect(call.turns).toMatchObject([{ outcome: 'completed', agentText: SENTENCES.join(' ') }]);
  expect(call.connection.frames).toHaveLength(10_000);
  const { metrics } = call.agent;
  expect(metrics.edgeAudioDroppedMs.total).toBe(0);
  expect(metrics.edgeAudioUnderruns.total).toBe(0);
});

test('no more of an answer is made than is soon heard, so a user who interrupts wastes little', async () => {
  const call = await longAnswer(4);
  await call.clock.advance(15_000);
  expect(call.tts.texts).toHaveLength(4);
  await call.bargeIn();
  await call.clock.advance(60_000);
  expect(call.agent.metrics.ttsRequests.total).toBe(4);
});
