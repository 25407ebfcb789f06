import { beforeEach, describe, expect, test, vi } from 'vitest';

import { FallbackSTT, ProviderError } from '../../src/index.ts';
import { says, ScriptedSTT, settled, speaks } from '../../src/testing/index.ts';
import type { ScriptedSTTConnection } from '../../src/testing/index.ts';
import { CALLER, TestCall } from '../fakes/test-call.ts';

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

/** The levels that a connection got, in order, each once: of what it was sent. */
function levelsIn({ sent }: ScriptedSTTConnection): number[] {
  const levels = sent.map((samples) => samples[0] ?? 0);
  return levels.filter((level, index) => level !== levels[index - 1]);
}

async function lose(call: TestCall): Promise<void> {
  call.ears.lose(LOST);
  await settled();
}

describe('a sentence in the middle of which the connection is lost', () => {
  test('is heard whole by the next one, and answered once', async () => {
    const call = await new TestCall({
      openings: [{}, {}],
      rounds: [says('Yes.')],
      speeches: [speaks('Yes.')],
    }).join();
    await call.microphone(1000);
    call.ears.report({ type: 'speech-start', offsetMs: 1000 });
    await call.sound(400);
    call.ears.report({ type: 'transcript', text: 'Book a', final: false, speechStartMs: 1000 });
    await settled();
    await lose(call);
    await call.sound(600);
    // Half a second of silence, the beginning on the lost connection, and all that came since.
    expect(heardMs(call.ears)).toBe(500 + 400 + 600);
    call.ears.report(
      { type: 'speech-start', offsetMs: 500 },
      { type: 'transcript', text: 'Book a table', final: false, speechStartMs: 500 },
    );
    await call.microphone(200);
    call.ears.report(
      {
        type: 'transcript',
        text: 'Book a table for two.',
        final: true,
        speechStartMs: 500,
        speechEndMs: 1500,
      },
      { type: 'turn-end', eager: false },
    );
    await call.clock.advance(1000);
    expect(call.turns).toMatchObject([
      { userText: 'Book a table for two.', outcome: 'completed', marks: { speechStart: 2000 } },
    ]);
    expect(call.turns[0]?.marks.speechEnd).toBe(3000);
    expect(call.agent.metrics.sttLatencyMs).toMatchObject({ count: 1, sum: 200 });
    expect(call.agent.metrics.turnDurationMs).toMatchObject({ count: 1, sum: 1000 });
  });

  test('is told with the time that the outage took', async () => {
    const call = await new TestCall({ openings: [{}, { delayMs: 2000 }] }).join();
    await call.sound(400);
    await lose(call);
    await call.microphone(2000 + RETRY_MS);
    call.ears.report({ type: 'transcript', text: 'Hello', final: true, speechEndMs: 400 });
    await settled();
    expect(call.agent.metrics.sttLatencyMs).toMatchObject({ count: 1, sum: 2000 + RETRY_MS });
  });

  test('is paid for twice, as far as it was sent twice', async () => {
    const call = await new TestCall({ openings: [{}, {}] }).join();
    await call.sound(400);
    await lose(call);
    await call.sound(400);
    await call.agent.close();
    expect(call.agent.metrics.sttAudioDurationMs.sum).toBe(400 + 800);
  });

  test('is heard whole by another provider', async () => {
    const first = new ScriptedSTT([{}]);
    const second = new ScriptedSTT([{}]);
    const call = await new TestCall({
      openings: [],
      agent: { stt: new FallbackSTT([first, second], { failureLimit: 1 }) },
    }).join();
    await call.sound(400);
    first.connections[0]?.lose(LOST);
    await settled();
    await call.sound(400);
    expect(second.connections.map(heardMs)).toEqual([800]);
    await call.agent.close();
    expect(first.openConnections + second.openConnections).toBe(0);
  });

  test('goes to the third connection when the second is lost too', async () => {
    const call = await new TestCall({ openings: [{}, {}, {}] }).join();
    await call.sound(400);
    await lose(call);
    await call.sound(400);
    await lose(call);
    await call.sound(600);
    expect(call.stt.connections.map(heardMs)).toEqual([400, 800, 1400]);
  });

  test('of three seconds is sent in bursts, and what is said meanwhile waits behind it', async () => {
    const call = await new TestCall({ openings: [{}, {}] }).join();
    for (let level = 1000; level < 4000; level += 100) await call.sound(100, CALLER, level);
    await lose(call);
    await call.clock.advance(RETRY_MS);
    expect(heardMs(call.ears)).toBeGreaterThanOrEqual(1000);
    expect(heardMs(call.ears)).toBeLessThan(3000);
    for (let level = 4000; level < 5000; level += 100) await call.sound(100, CALLER, level);
    expect(heardMs(call.ears)).toBe(4000);
    expect(levelsIn(call.ears)).toEqual(Array.from({ length: 40 }, (_, n) => 1000 + 100 * n));
  });

  test('is not replayed to a connection that is closed meanwhile', async () => {
    const call = await new TestCall({ openings: [{}, {}] }).join();
    await call.sound(5000);
    await lose(call);
    await call.clock.advance(RETRY_MS);
    await call.agent.close();
    expect(heardMs(call.ears)).toBeLessThan(5000);
    expect(call.clock.pendingTimers).toBe(0);
  });
});

describe('what was understood', () => {
  test('is not sent again, down to the sample', async () => {
    const call = await new TestCall({ openings: [{}, {}] }).join();
    await call.sound(400);
    call.ears.report({ type: 'transcript', text: 'Is it', final: true, speechEndMs: 310 });
    await settled();
    await lose(call);
    await call.sound(RETRY_MS);
    expect(heardMs(call.ears)).toBe(90 + RETRY_MS);
  });

  test('in the middle of speech is not sent again up to where its words are certain', async () => {
    const call = await new TestCall({ openings: [{}, {}] }).join();
    await call.sound(400);
    call.ears.report({ type: 'transcript', text: 'Is it', final: true, settledMs: 200 });
    await settled();
    await lose(call);
    await call.sound(RETRY_MS);
    expect(heardMs(call.ears)).toBe(200 + RETRY_MS);
    expect(call.agent.metrics.sttLatencyMs.count).toBe(0);
  });

  test('at times that are not known is all that was sent', async () => {
    const call = await new TestCall({ openings: [{}, {}] }).join();
    await call.sound(400);
    call.ears.report({ type: 'transcript', text: 'Is it', final: true });
    await settled();
    await lose(call);
    await call.sound(RETRY_MS);
    expect(heardMs(call.ears)).toBe(RETRY_MS);
  });

  test('without words, in a turn that is over, is not sent again', async () => {
    const call = await new TestCall({ openings: [{}, {}] }).join();
    call.ears.report({ type: 'speech-start', offsetMs: 0 });
    await call.sound(400);
    call.ears.report({ type: 'turn-end', eager: false });
    await settled();
    await lose(call);
    await call.sound(RETRY_MS);
    expect(heardMs(call.ears)).toBe(RETRY_MS);
  });

  test('is not forgotten before it was sent', async () => {
    const call = await new TestCall({ openings: [{}, {}] }).join();
    await call.sound(3000);
    await lose(call);
    await call.clock.advance(RETRY_MS);
    const sentMs = heardMs(call.ears);
    call.ears.report({ type: 'transcript', text: 'Is it', final: true });
    await call.clock.advance(1000);
    expect(sentMs).toBeLessThan(3000);
    expect(heardMs(call.ears)).toBe(3000);
  });

  test('is not what was only probable', async () => {
    const call = await new TestCall({ openings: [{}, {}], agent: { speculation: false } }).join();
    call.ears.report({ type: 'speech-start', offsetMs: 0 });
    await call.sound(400);
    call.ears.report(
      { type: 'transcript', text: 'Is it', final: false, speechStartMs: 0, speechEndMs: 300 },
      { type: 'turn-end', eager: true },
    );
    await settled();
    await lose(call);
    await call.sound(RETRY_MS);
    expect(heardMs(call.ears)).toBe(400 + RETRY_MS);
  });
});

test('a draft of the lost words is dropped, and another is begun with those of the replay', async () => {
  const call = await new TestCall({
    openings: [{}, {}],
    rounds: [says('Two.'), says('Four.')],
    speeches: [speaks('Four.')],
  }).join();
  const text = 'For two';
  call.ears.report({ type: 'speech-start', offsetMs: 0 });
  await call.sound(400);
  call.ears.report({ type: 'transcript', text, final: false }, { type: 'turn-end', eager: true });
  await settled();
  expect(call.states.at(-1)).toBe('speculating');
  await lose(call);
  expect(call.states.at(-1)).toBe('listening');
  await call.sound(RETRY_MS);
  call.ears.report(
    { type: 'speech-start', offsetMs: 0 },
    { type: 'transcript', text: 'For four', final: false },
    { type: 'turn-end', eager: true },
    { type: 'transcript', text: 'For four', final: true },
    { type: 'turn-end', eager: false },
  );
  await call.clock.advance(1000);
  expect(call.turns).toMatchObject([{ userText: 'For four', agentText: 'Four.' }]);
  expect(call.agent.metrics.agentSpeculation.total).toBe(2);
});

describe('when nobody listens for long', () => {
  test('what was heard is answered after five seconds, and is not heard again', async () => {
    const call = await new TestCall({
      openings: [{}, { delayMs: 6000 }],
      rounds: [says('A table?'), says('For two.')],
      speeches: [speaks('A table?', { audioMs: 400 }), speaks('For two.', { audioMs: 400 })],
    }).join();
    call.ears.report({ type: 'speech-start', offsetMs: 0 });
    await call.sound(400);
    call.ears.report({ type: 'transcript', text: 'Book a', final: false });
    await settled();
    await lose(call);
    await call.sound(600);
    await call.microphone(4300);
    expect(call.turns).toEqual([]);
    await call.microphone(1000);
    expect(call.turns).toMatchObject([{ userText: 'Book a', outcome: 'completed' }]);
    await call.microphone(RETRY_MS + 600);
    expect(heardMs(call.ears)).toBe(600 + 4300 + 1000 + RETRY_MS + 600);
    call.ears.report(
      { type: 'transcript', text: 'table for two', final: true, speechEndMs: 600 },
      { type: 'turn-end', eager: false },
    );
    await call.clock.advance(1000);
    expect(call.turns.map(({ userText }) => userText)).toEqual(['Book a', 'table for two']);
  });

  test('and then nothing is understood, what was heard is answered', async () => {
    const call = await new TestCall({
      openings: [{}, { delayMs: 3000 }],
      rounds: [says('A table?')],
      speeches: [speaks('A table?', { audioMs: 400 })],
    }).join();
    call.ears.report({ type: 'speech-start', offsetMs: 0 });
    await call.sound(400);
    call.ears.report({ type: 'transcript', text: 'Book a', final: false });
    await settled();
    await lose(call);
    await call.microphone(3000 + RETRY_MS + 1500);
    expect(call.turns).toEqual([]);
    await call.microphone(1500);
    expect(call.turns).toMatchObject([{ userText: 'Book a', outcome: 'completed' }]);
  });
});

describe('words that come late', () => {
  const STORY = 'It is a long story.';

  /** A call in which the agent speaks from 1 s after the caller's turn on. */
  async function callWithStory(): Promise<TestCall> {
    const call = await new TestCall({
      openings: [{}, {}],
      rounds: [says(STORY), says('Tea.')],
      speeches: [speaks(STORY, { audioMs: 3000, afterMs: 1000 }), speaks('Tea.', { audioMs: 400 })],
    }).join();
    await call.userSays('Tell me.');
    return call;
  }

  test('do not cut off an answer that they came before, and are answered after it', async () => {
    const call = await callWithStory();
    await call.sound(600);
    await lose(call);
    await call.microphone(1000);
    expect(call.states.at(-1)).toBe('speaking');
    call.ears.report(
      { type: 'speech-start', offsetMs: 400 },
      { type: 'transcript', text: 'And some tea', final: false, speechStartMs: 400 },
    );
    await call.clock.advance(300);
    expect(call.states.at(-1)).toBe('speaking');
    call.ears.report(
      { type: 'transcript', text: 'And some tea', final: true, speechStartMs: 400 },
      { type: 'turn-end', eager: false },
    );
    await call.clock.advance(5000);
    expect(call.turns).toMatchObject([
      { userText: 'Tell me.', outcome: 'completed', agentText: STORY },
      { userText: 'And some tea', outcome: 'completed', agentText: 'Tea.' },
    ]);
    expect(call.agent.metrics.agentInterruptions.total).toBe(0);
  });

  test('do not cut it off either where their times are not known', async () => {
    const call = await callWithStory();
    await call.sound(600);
    await lose(call);
    await call.microphone(1000);
    call.ears.report(
      { type: 'speech-start' },
      { type: 'transcript', text: 'And some tea', final: true },
      { type: 'turn-end', eager: false },
    );
    await call.clock.advance(5000);
    expect(call.turns).toMatchObject([{ outcome: 'completed' }, { outcome: 'completed' }]);
  });

  test('cut off the answer that they were said into', async () => {
    const call = await callWithStory();
    await call.microphone(1200);
    expect(call.states.at(-1)).toBe('speaking');
    await lose(call);
    await call.sound(600);
    expect(call.stt.connections).toHaveLength(2);
    const start = heardMs(call.ears) - 600;
    call.ears.report(
      { type: 'speech-start', offsetMs: start + 100 },
      { type: 'transcript', text: 'Stop, some tea', final: true, speechStartMs: start + 100 },
      { type: 'turn-end', eager: false },
    );
    await call.clock.advance(1000);
    expect(call.turns).toMatchObject([
      { userText: 'Tell me.', outcome: 'interrupted' },
      { userText: 'Stop, some tea', outcome: 'completed' },
    ]);
  });

  test('are no longer late when the caller speaks again', async () => {
    const call = await callWithStory();
    await lose(call);
    await call.microphone(1500);
    expect(call.states.at(-1)).toBe('speaking');
    call.ears.report({ type: 'speech-start', offsetMs: heardMs(call.ears) });
    await call.sound(300);
    expect(call.states.at(-1)).toBe('paused');
    call.llm.script.next('no second answer');
    call.tts.script.next('no second text');
  });
});
