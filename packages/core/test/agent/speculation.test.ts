import { describe, expect, test } from 'vitest';

import type { STTFact } from '../../src/index.ts';
import { ProviderError } from '../../src/index.ts';
import { asksFor, says, settled, speaks } from '../../src/testing/index.ts';
import { CALLER, TestCall } from '../fakes/test-call.ts';
import { startTelemetry } from '../metrics/telemetry.ts';

const EAGER: STTFact = { type: 'turn-end', eager: true };
const END: STTFact = { type: 'turn-end', eager: false };

function heard(text: string, final: boolean): STTFact {
  return { type: 'transcript', text, final, speechStartMs: 0, speechEndMs: 400 };
}

/** The caller speaks for 400 ms; 200 ms later the turn is probably over. */
async function speakUntilEager(call: TestCall): Promise<void> {
  await call.microphone(600);
  call.ears.report(heard('Is it open?', false), EAGER);
  await settled();
}

describe('an answer that was begun early', () => {
  test('plays without a second request when the turn is over, and cost no time', async () => {
    const call = await new TestCall({
      rounds: [says('Yes.', { afterMs: 150 })],
      speeches: [speaks('Yes.')],
    }).join();
    await speakUntilEager(call);
    expect(call.states.at(-1)).toBe('speculating');
    expect(call.llm.requests[0]?.messages).toMatchObject([{ role: 'user', text: 'Is it open?' }]);
    await call.microphone(200);
    // The model has answered, and neither the voice nor anybody else knows of it.
    expect(call.tts.texts).toEqual([]);
    expect(call.agentTranscripts).toEqual([]);
    expect(call.connection.frames).toEqual([]);

    call.ears.report(heard('Is it open?', true), END);
    await call.clock.advance(500);
    expect(call.llm.requests).toHaveLength(1);
    expect(call.turns).toMatchObject([
      { kind: 'reply', userText: 'Is it open?', agentText: 'Yes.', outcome: 'completed' },
    ]);
    expect(call.turns[0]?.timeline).toMatchObject({
      responseLatencyMs: 400,
      stages: { endpointing: 400, llm: 0, sentence: 0 },
      overheadMs: 0,
    });
    expect(call.agentTranscripts.at(-1)).toEqual({ text: 'Yes.', final: true });
    expect(call.agent.metrics.agentSpeculation.total).toBe(1);
    expect(call.agent.metrics.llmRequests.total).toBe(1);
  });

  test('that is not ready in time is waited for', async () => {
    const call = await new TestCall({
      rounds: [says('Yes.', { afterMs: 300 })],
      speeches: [speaks('Yes.')],
    }).join();
    await speakUntilEager(call);
    await call.microphone(200);
    call.ears.report(heard('Is it open?', true), END);
    await call.clock.advance(500);
    expect(call.turns[0]?.timeline?.stages).toMatchObject({ endpointing: 400, llm: 100 });
  });

  test('is in the conversation once, for the next request', async () => {
    const call = await new TestCall({
      rounds: [says('Yes.'), says('Nine.')],
      speeches: [speaks('Yes.'), speaks('Nine.')],
    }).join();
    await speakUntilEager(call);
    call.ears.report(heard('Is it open?', true), END);
    await call.clock.advance(500);
    await call.userSays('Until when?');
    await call.clock.advance(500);
    expect(call.llm.requests[1]?.messages).toMatchObject([
      { role: 'user', text: 'Is it open?' },
      { role: 'assistant', text: 'Yes.' },
      { role: 'user', text: 'Until when?' },
    ]);
  });

  test('runs no tool before the turn is over', async () => {
    const ran: string[] = [];
    const call = await new TestCall({
      rounds: [asksFor([{ id: '1', name: 'note', arguments: {} }]), says('Done.')],
      speeches: [speaks('Done.')],
      agent: {
        tools: {
          note: {
            description: 'Notes it.',
            inputSchema: { type: 'object' },
            timeoutMs: 1000,
            readOnly: false,
            run: async () => void ran.push('note'),
          },
        },
      },
    }).join();
    await speakUntilEager(call);
    expect(ran).toEqual([]);
    call.ears.report(heard('Is it open?', true), END);
    await call.clock.advance(500);
    expect(ran).toEqual(['note']);
    expect(call.turns).toMatchObject([{ kind: 'tool_reply', outcome: 'completed' }]);
  });
});

test('a listener may have the agent say something when an answer is begun early', async () => {
  const call = await new TestCall({
    rounds: [says('Yes.')],
    speeches: [speaks('One moment.'), speaks('Yes.')],
  }).join();
  call.agent.on('state', ({ state }) => {
    if (state === 'speculating') void call.agent.say('One moment.');
  });
  await speakUntilEager(call);
  await call.clock.advance(500);
  call.ears.report(heard('Is it open?', true), END);
  await call.clock.advance(500);
  expect(call.turns).toMatchObject([
    { agentText: 'One moment.', outcome: 'completed' },
    { userText: 'Is it open?', agentText: 'Yes.', outcome: 'completed' },
  ]);
});

test('an answer that is cut off as soon as it is wanted runs no tool', async () => {
  const call = await new TestCall({
    rounds: [
      [
        { type: 'text', text: 'Let me see. I' },
        ...asksFor([{ id: '1', name: 'book', arguments: {} }]),
      ],
    ],
    speeches: [speaks('Stop.')],
  }).join();
  call.agent.on('agent-transcript', ({ text }) => {
    if (text.startsWith('Let me see.')) void call.agent.say('Stop.');
  });
  await speakUntilEager(call);
  await call.clock.advance(100);
  call.ears.report(heard('Is it open?', true), END);
  await call.clock.advance(500);
  expect(call.turns.map(({ outcome }) => outcome)).toEqual(['interrupted', 'completed']);
  expect(call.agent.metrics.llmToolCalls.total).toBe(0);
});

describe('an answer that was begun too early', () => {
  const GOES_ON: readonly [string, readonly STTFact[]][] = [
    ['the user goes on', [{ type: 'turn-resumed' }, heard('Is it open today?', true), END]],
    ['the words turn out to be others', [heard('Is it open today?', true), END]],
  ];

  test.each(GOES_ON)('is discarded when %s', async (_when, facts) => {
    const telemetry = startTelemetry();
    const call = await new TestCall({
      rounds: [says('Yes.', { afterMs: 100 }), says('No.', { afterMs: 100 })],
      speeches: [speaks('No.')],
    }).join();
    await speakUntilEager(call);
    await call.clock.advance(50);
    call.ears.report(...facts);
    await call.clock.advance(500);
    expect(call.llm.signals[0]?.aborted).toBe(true);
    expect(call.turns).toMatchObject([
      { userText: 'Is it open today?', agentText: 'No.', outcome: 'completed' },
    ]);
    expect(call.turns[0]?.timeline?.stages.llm).toBe(100);
    expect(await telemetry.value('agent.speculation', { outcome: 'discarded' })).toBe(1);
    expect(await telemetry.value('llm.requests', { outcome: 'discarded' })).toBe(1);
    expect(await telemetry.value('llm.requests', { outcome: 'completed' })).toBe(1);
    expect(call.agent.metrics.agentInterruptions.total).toBe(0);
  });

  test('has its tokens counted though nobody heard it', async () => {
    const call = await new TestCall({
      rounds: [says('Yes.'), says('No.')],
      speeches: [speaks('No.')],
    }).join();
    await speakUntilEager(call);
    call.ears.report({ type: 'turn-resumed' }, heard('Is it open today?', true), END);
    await call.clock.advance(500);
    expect(call.agent.metrics.llmOutputTokens.total).toBe(10);
  });

  test('is discarded as soon as other words are heard, and not for a sound of somebody else', async () => {
    const guest = { id: 'guest' };
    const call = await new TestCall({
      join: { present: [CALLER, guest] },
      openings: [{}, {}],
      rounds: [says('Yes.', { afterMs: 1000 })],
    }).join();
    const [caller, other] = call.stt.connections;
    caller?.report(heard('Is it open?', false), EAGER);
    await settled();
    other?.report({ type: 'speech-start' });
    caller?.report(heard('Is it open?', true));
    await settled();
    expect(call.states.at(-1)).toBe('speculating');
    caller?.report(heard('On Sunday?', false));
    await settled();
    expect(call.states.at(-1)).toBe('listening');
    expect(call.llm.signals[0]?.aborted).toBe(true);
    expect(call.agent.metrics.agentSpeculation.total).toBe(1);
  });

  test('is discarded when the call ends', async () => {
    const call = await new TestCall({ rounds: [says('Yes.', { afterMs: 1000 })] }).join();
    await speakUntilEager(call);
    await call.agent.close();
    expect(call.agent.metrics.agentSpeculation.total).toBe(1);
    expect(call.turns).toMatchObject([{ outcome: 'no_response' }]);
  });

  test('is discarded when the participant leaves', async () => {
    const call = await new TestCall({ rounds: [says('Yes.', { afterMs: 1000 })] }).join();
    await speakUntilEager(call);
    call.connection.leave(CALLER);
    await settled();
    expect(call.states.at(-1)).toBe('listening');
    expect(call.agent.metrics.agentSpeculation.total).toBe(1);
  });

  test('and fails is no loss: the turn gets its answer when it is over', async () => {
    const error = ProviderError.fromStatus('scripted', 503);
    const call = await new TestCall({
      rounds: [[{ type: 'throw', error }], says('Yes.')],
      speeches: [speaks('Yes.')],
    }).join();
    await speakUntilEager(call);
    call.ears.report(heard('Is it open?', true), END);
    await call.clock.advance(500);
    expect(call.turns).toMatchObject([{ agentText: 'Yes.', outcome: 'completed' }]);
    expect(call.agent.metrics.llmErrors.total).toBe(1);
    expect(call.errors).toEqual([]);
  });
});

test('nothing is begun early when speculation is off', async () => {
  const call = await new TestCall({ agent: { speculation: false } }).join();
  await speakUntilEager(call);
  expect(call.llm.requests).toEqual([]);
  expect(call.states.at(-1)).toBe('listening');
});
