import { describe, expect, test, vi } from 'vitest';

import { ProviderError } from '../../src/index.ts';
import { says, settled, speaks } from '../../src/testing/index.ts';
import { CALLER, TestCall } from '../fakes/test-call.ts';
import { startTelemetry } from '../metrics/telemetry.ts';

const REFUSED = ProviderError.fromStatus('scripted', 401);

/** A call in which the agent is in the middle of a long answer. */
async function speakingCall(): Promise<TestCall> {
  const call = await new TestCall({
    rounds: [says('A long story.')],
    speeches: [speaks('A long story.', { audioMs: 10_000 })],
  }).join();
  await call.userSays('Tell me.');
  await call.clock.advance(500);
  return call;
}

/** What is left of a call; nothing may be. */
function leftOpen(call: TestCall): object {
  return {
    timers: call.clock.pendingTimers,
    stt: call.stt.openConnections,
    tts: call.tts.openConnections,
    active: call.agent.metrics.agentSessionsActive.total,
    connections: call.agent.metrics.providerConnections.total,
  };
}

/** What a promise is rejected with. */
function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => new Error('it did not fail'),
    (error: unknown) => error,
  );
}

const NOTHING = { timers: 0, stt: 0, tts: 0, active: 0, connections: 0 };

describe('joining', () => {
  test('opens voice and edge side by side and waits for somebody to be there', async () => {
    const telemetry = startTelemetry();
    const call = new TestCall({ join: { delayMs: 300 }, ttsOpening: { delayMs: 500 } });
    let hasJoined = false;
    const joining = call.startJoining().then(() => (hasJoined = true));
    await call.clock.advance(2000);
    expect(hasJoined).toBe(false);
    expect(call.agent.metrics.agentJoinDurationMs).toMatchObject({ count: 1, sum: 500 });
    expect(await telemetry.value('agent.sessions.active')).toBe(1);
    call.connection.join(CALLER);
    await joining;
    expect(call.arrivals).toEqual(['caller']);
    expect(call.states).toEqual(['listening']);
    await settled();
    expect(call.stt.openConnections).toBe(1);
  });

  test('gives up after participantTimeoutMs', async () => {
    const telemetry = startTelemetry();
    const call = new TestCall({ join: {}, openings: [] });
    const failure = failureOf(call.startJoining({ participantTimeoutMs: 1000 }));
    await call.clock.advance(999);
    expect(call.endings).toEqual([]);
    await call.clock.advance(1);
    expect(await failure).toMatchObject({ code: 'participant_timeout' });
    expect(call.endings).toEqual(['idle']);
    expect(call.connection.closes).toEqual(['idle']);
    expect(await telemetry.value('agent.sessions', { reason: 'idle' })).toBe(1);
    expect(leftOpen(call)).toEqual(NOTHING);
  });

  test.each([-1, Number.NaN, 86_400_001])('refuses participantTimeoutMs %s', async (value) => {
    const call = new TestCall();
    await expect(call.startJoining({ participantTimeoutMs: value })).rejects.toMatchObject({
      code: 'configuration',
      option: 'participantTimeoutMs',
    });
    await call.join();
  });

  test('twice is refused, and the first is not hurt', async () => {
    const call = await new TestCall().join();
    await expect(call.startJoining()).rejects.toMatchObject({ code: 'already_joined' });
    expect(call.endings).toEqual([]);
    expect(call.agent.metrics.agentSessionsActive.total).toBe(1);
  });

  test('fails when the voice cannot be opened, and leaves the edge', async () => {
    const call = new TestCall({ ttsOpening: { error: REFUSED }, openings: [] });
    await expect(call.startJoining()).rejects.toBe(REFUSED);
    expect(call.connection.closes).toEqual(['error']);
    expect(leftOpen(call)).toEqual(NOTHING);
    expect(call.agent.metrics.ttsErrors.total).toBe(1);
    await expect(call.agent.finish()).resolves.toBe('error');
    await expect(call.agent.say('Hello.')).rejects.toMatchObject({ code: 'not_in_call' });
  });

  test('fails when the edge cannot be joined, and closes the voice', async () => {
    const call = new TestCall({ join: { delayMs: 100, error: REFUSED }, openings: [] });
    const failure = failureOf(call.startJoining());
    await call.clock.advance(100);
    expect(await failure).toBe(REFUSED);
    expect(leftOpen(call)).toEqual(NOTHING);
    expect(call.agent.metrics.agentSessions.total).toBe(0);
    expect(call.agent.metrics.agentJoinDurationMs.count).toBe(0);
  });

  test('is given up when the agent is closed meanwhile', async () => {
    const call = new TestCall({ ttsOpening: { delayMs: 1000 }, openings: [] });
    const failure = failureOf(call.startJoining());
    await settled();
    await call.agent.close();
    expect(await failure).toMatchObject({ code: 'call_ended' });
    expect(call.connection.closes).toHaveLength(1);
    expect(leftOpen(call)).toEqual(NOTHING);
  });

  test('is given up when the call ends while nobody is there', async () => {
    const call = new TestCall({ join: {}, openings: [] });
    const failure = failureOf(call.startJoining());
    await settled();
    call.connection.handlers.ended('hangup');
    expect(await failure).toMatchObject({ code: 'call_ended' });
    expect(call.endings).toEqual(['hangup']);
    expect(leftOpen(call)).toEqual(NOTHING);
  });

  test('is refused once the agent was closed', async () => {
    const call = new TestCall({ join: {}, openings: [] });
    await call.agent.close();
    await expect(call.startJoining()).rejects.toMatchObject({ code: 'call_ended' });
    expect(call.edge.connections).toHaveLength(0);
    call.edge.script.next('nothing: the joining that was expected did not come');
  });
});

describe('a call that ends', () => {
  test('by a hang-up in the middle of an answer closes everything', async () => {
    const telemetry = startTelemetry();
    const call = await speakingCall();
    const finishing = call.agent.finish();
    const sent = call.connection.frames.length;
    call.connection.handlers.ended('hangup');
    await expect(finishing).resolves.toBe('hangup');
    expect(call.turns).toMatchObject([{ outcome: 'interrupted', interruptedWhile: 'speaking' }]);
    expect(call.connection.frames).toHaveLength(sent);
    expect(call.connection.closes).toEqual(['hangup']);
    expect(call.endings).toEqual(['hangup']);
    expect(call.states.at(-1)).toBe('closed');
    expect(leftOpen(call)).toEqual(NOTHING);
    expect(await telemetry.value('agent.sessions', { reason: 'hangup' })).toBe(1);
    expect(await telemetry.value('agent.sessions.active')).toBe(0);
    expect(call.agent.metrics.agentSessionDurationMs).toMatchObject({ count: 1, sum: 1100 });
    expect(call.agent.metrics.agentInterruptions.total).toBe(0);
  });

  test('by an error of the edge tells the error', async () => {
    const call = await speakingCall();
    call.connection.handlers.ended('error', REFUSED);
    await expect(call.agent.finish()).resolves.toBe('error');
    expect(call.errors).toEqual([REFUSED]);
    expect(leftOpen(call)).toEqual(NOTHING);
  });

  test('while the model thinks stops the model', async () => {
    const call = await new TestCall({ rounds: [says('Late.', { afterMs: 5000 })] }).join();
    await call.userSays('Tell me.');
    await call.agent.close();
    await settled();
    expect(call.llm.signals[0]?.aborted).toBe(true);
    expect(call.turns).toMatchObject([{ outcome: 'interrupted', interruptedWhile: 'thinking' }]);
    expect(leftOpen(call)).toEqual(NOTHING);
  });

  test('twice, ends once', async () => {
    const call = await speakingCall();
    await Promise.all([call.agent.close(), call.agent.close('drained')]);
    await call.agent.close();
    call.connection.handlers.ended('hangup');
    await settled();
    expect(call.endings).toEqual(['closed']);
    expect(call.agent.metrics.agentSessions.total).toBe(1);
    expect(call.agent.metrics.agentSessionsActive.total).toBe(0);
  });

  test('ends once also when a listener closes the agent as it ends', async () => {
    const call = await speakingCall();
    call.agent.on('turn', () => void call.agent.close());
    call.agent.on('state', () => void call.agent.close());
    call.connection.handlers.ended('hangup');
    await expect(call.agent.finish()).resolves.toBe('hangup');
    expect(call.endings).toEqual(['hangup']);
    expect(call.agent.metrics.agentSessions.total).toBe(1);
    expect(call.agent.metrics.agentSessionsActive.total).toBe(0);
  });

  test('is over for a listener that wants to speak as it ends', async () => {
    const call = await speakingCall();
    const refusals: unknown[] = [];
    call.agent.on('turn', () => {
      call.agent.say('Bye.').catch((error: unknown) => refusals.push(error));
    });
    await call.agent.close();
    expect(refusals).toMatchObject([{ code: 'not_in_call' }]);
    expect(leftOpen(call)).toEqual(NOTHING);
  });

  test('ends although the edge fails to close', async () => {
    const call = await speakingCall();
    const { connection } = call;
    const close = connection.close.bind(connection);
    connection.close = async (reason) => {
      await close(reason);
      throw new Error('a bad edge');
    };
    await call.agent.close();
    await expect(call.agent.finish()).resolves.toBe('closed');
    expect(leftOpen(call)).toEqual(NOTHING);
  });

  test('with the block that joined it', async () => {
    const call = new TestCall();
    {
      await using _ = await call.startJoining();
      await settled();
      expect(call.stt.openConnections).toBe(1);
    }
    expect(call.endings).toEqual(['closed']);
    await settled();
    expect(leftOpen(call)).toEqual(NOTHING);
  });

  test('leaves its figures', async () => {
    const call = await speakingCall();
    await call.agent.close();
    expect(call.agent.metrics.agentResponseLatencyMs).toMatchObject({ count: 1, sum: 200 });
    expect(call.agent.metrics.ttsCharacters.total).toBe('A long story.'.length);
  });

  test('takes no more notice of anything', async () => {
    const call = await speakingCall();
    await call.agent.close();
    const { handlers } = call.connection;
    handlers.participantJoined({ id: 'late' });
    handlers.participantLeft(CALLER);
    handlers.audio(CALLER, { samples: new Int16Array(320), sampleRateHz: 16_000 });
    await settled();
    expect(call.arrivals).toEqual(['caller']);
    expect(leftOpen(call)).toEqual(NOTHING);
  });
});

test('an agent that never joined has no call to finish and nothing to close', async () => {
  const call = new TestCall({ join: {}, openings: [] });
  await expect(call.agent.finish()).rejects.toMatchObject({ code: 'not_in_call' });
  await call.joinAlone();
});

test('an edge that cannot show a caption does not stop the conversation', async () => {
  const call = await new TestCall({ rounds: [says('Yes.')], speeches: [speaks('Yes.')] }).join();
  vi.spyOn(call.connection, 'caption').mockImplementation(() => {
    throw new Error('no screen');
  });
  await call.userSays('Is it open?');
  await call.clock.advance(500);
  expect(call.turns).toMatchObject([{ outcome: 'completed', agentText: 'Yes.' }]);
  expect(call.errors).toEqual([]);
});
