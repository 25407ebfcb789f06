import { describe, expect, test } from 'vitest';

import { ProviderError } from '../../src/index.ts';
import { says, speaks } from '../../src/testing/index.ts';
import { TestCall } from '../fakes/test-call.ts';
import { startTelemetry } from '../metrics/telemetry.ts';

const OVERLOADED = ProviderError.fromStatus('scripted', 503);
/** What the caller says and hears after something failed. */
const NEXT = { round: says('Yes.'), speech: speaks('Yes.', { level: 9 }) };

/** The caller asks, and asks again after the failure. */
async function askTwice(call: TestCall): Promise<void> {
  await call.join();
  await call.userSays('Is it open?');
  await call.clock.advance(20_000);
  await call.userSays('Are you there?');
  await call.clock.advance(1000);
}

describe('a model that fails', () => {
  test('before any text ends the turn in error, and the next turn works', async () => {
    const telemetry = startTelemetry();
    const call = new TestCall({
      rounds: [[{ type: 'throw', error: OVERLOADED }], NEXT.round],
      speeches: [NEXT.speech],
    });
    await askTwice(call);
    expect(call.turns).toMatchObject([
      { outcome: 'error', agentText: '', timeline: undefined },
      { outcome: 'completed', agentText: 'Yes.' },
    ]);
    expect(call.errors).toEqual([OVERLOADED]);
    expect(call.states).toEqual([
      'listening',
      'thinking',
      'listening',
      'thinking',
      'speaking',
      'listening',
    ]);
    expect(await telemetry.value('agent.turns', { outcome: 'error' })).toBe(1);
    expect(await telemetry.value('llm.requests', { outcome: 'error' })).toBe(1);
    const labels = { provider: 'scripted', error_type: 'unavailable', error_code: '503' };
    expect(await telemetry.value('llm.errors', labels)).toBe(1);
  });

  test('in the middle of its answer is heard as far as it got, then the turn ends in error', async () => {
    const call = new TestCall({
      rounds: [
        [
          { type: 'text', text: 'It is open. But on' },
          { type: 'wait', ms: 100 },
          { type: 'throw', error: OVERLOADED },
        ],
        NEXT.round,
      ],
      speeches: [speaks('It is open.', { afterMs: 200, audioMs: 400, level: 1 }), NEXT.speech],
    });
    await askTwice(call);
    expect(call.turns).toMatchObject([
      { outcome: 'error', agentText: 'It is open.', timeline: { responseLatencyMs: 400 } },
      { outcome: 'completed' },
    ]);
    expect(call.frameLevels.filter((level) => level === 1)).toHaveLength(20);
    expect(call.llm.requests[1]?.messages).toMatchObject([
      { role: 'user', text: 'Is it open?' },
      { role: 'assistant', text: 'It is open.', interrupted: false },
      { role: 'user', text: 'Are you there?' },
    ]);
  });

  test('to say anything in time ends the turn in error', async () => {
    const call = new TestCall({
      rounds: [says('Late.', { afterMs: 60_000 }), NEXT.round],
      speeches: [NEXT.speech],
    });
    await askTwice(call);
    expect(call.turns).toMatchObject([{ outcome: 'error' }, { outcome: 'completed' }]);
    expect(call.errors).toMatchObject([{ type: 'timeout' }]);
    expect(call.llm.signals[0]?.aborted).toBe(true);
  });

  test('to end its answer ends the turn in error', async () => {
    const call = new TestCall({
      rounds: [[{ type: 'text', text: 'It is' }], NEXT.round],
      speeches: [NEXT.speech],
    });
    await askTwice(call);
    expect(call.turns).toMatchObject([{ outcome: 'error' }, { outcome: 'completed' }]);
    expect(call.errors).toMatchObject([{ type: 'protocol', providerCode: 'truncated' }]);
  });
});

describe('a voice that fails', () => {
  test('on the first sentence ends the turn in error, and the next turn works', async () => {
    const telemetry = startTelemetry();
    const call = new TestCall({
      rounds: [says('It is open.'), NEXT.round],
      speeches: [
        { text: 'It is open.', steps: [{ type: 'throw', error: OVERLOADED }] },
        NEXT.speech,
      ],
    });
    await askTwice(call);
    expect(call.turns).toMatchObject([
      { outcome: 'error', agentText: '' },
      { outcome: 'completed' },
    ]);
    expect(new Set(call.frameLevels)).toEqual(new Set([9]));
    expect(call.llm.requests[1]?.messages).toMatchObject([{ role: 'user' }, { role: 'user' }]);
    expect(
      await telemetry.value('tts.errors', { error_type: 'unavailable', error_code: '503' }),
    ).toBe(1);
    expect(await telemetry.value('tts.requests', { outcome: 'error' })).toBe(1);
    expect(call.errors).toEqual([OVERLOADED]);
  });

  test('on the second sentence lets the first one sound to its end', async () => {
    const call = new TestCall({
      rounds: [says('It is open. Come in. Sit down.'), NEXT.round],
      speeches: [
        {
          text: 'It is open.',
          steps: Array.from({ length: 5 }, () => [
            { type: 'wait' as const, ms: 60 },
            { type: 'audio' as const, ms: 100, level: 1 },
          ]).flat(),
        },
        { text: 'Come in.', steps: [{ type: 'throw', error: OVERLOADED }] },
        NEXT.speech,
      ],
    });
    await askTwice(call);
    expect(call.turns).toMatchObject([
      { outcome: 'error', agentText: 'It is open.' },
      { outcome: 'completed', agentText: 'Yes.' },
    ]);
    expect(call.frameLevels.filter((level) => level === 1)).toHaveLength(25);
    expect(call.errors).toEqual([OVERLOADED]);
  });

  test('without any audio ends the turn in error', async () => {
    const call = new TestCall({
      rounds: [says('It is open.'), NEXT.round],
      speeches: [{ text: 'It is open.', steps: [] }, NEXT.speech],
    });
    await askTwice(call);
    expect(call.turns).toMatchObject([{ outcome: 'error' }, { outcome: 'completed' }]);
    expect(call.errors).toMatchObject([{ type: 'protocol', providerCode: 'no_audio' }]);
  });

  test('stops the model: nobody would hear what it goes on to write', async () => {
    const call = new TestCall({
      rounds: [says(['It is open. ', 'Come in.'], { everyMs: 500 }), NEXT.round],
      speeches: [
        { text: 'It is open.', steps: [{ type: 'throw', error: OVERLOADED }] },
        NEXT.speech,
      ],
    });
    await askTwice(call);
    expect(call.llm.signals[0]?.aborted).toBe(true);
    expect(call.turns).toMatchObject([{ outcome: 'error' }, { outcome: 'completed' }]);
    expect(call.turns[0]?.marks.committed).toBe(call.turns[0]?.marks.ttsRequest);
    expect(call.agentTranscripts.map(({ text }) => text)).not.toContain('It is open. Come in.');
    expect(call.errors).toEqual([OVERLOADED]);
  });
});

test('a failure is logged without the words of anybody', async () => {
  const call = new TestCall({
    rounds: [
      [
        { type: 'text', text: 'Secret' },
        { type: 'throw', error: OVERLOADED },
      ],
      NEXT.round,
    ],
    speeches: [NEXT.speech],
  });
  await askTwice(call);
  const logged = JSON.stringify(call.logger.entries);
  expect(logged).toContain('turn-1');
  for (const word of ['Secret', 'open', 'there']) expect(logged).not.toContain(word);
});
