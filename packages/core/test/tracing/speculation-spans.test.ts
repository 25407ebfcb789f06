import { SpanStatusCode } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';

import { says, settled, speaks } from '../../src/testing/index.ts';
import type { CallScript } from '../fakes/test-call.ts';
import type { TracedCall } from './traced-call.ts';
import { CHAT, SPEECH, tracedCall } from './traced-call.ts';

/** The caller probably stops, and does after all go on or not. */
async function eager(script: CallScript): Promise<TracedCall> {
  const traced = await tracedCall(script);
  const { call } = traced;
  call.ears.report({ type: 'speech-start', offsetMs: 0 });
  await call.microphone(460);
  call.ears.report(
    { type: 'transcript', text: 'Is it open', final: true, speechStartMs: 0, speechEndMs: 400 },
    { type: 'turn-end', eager: true },
  );
  await call.microphone(100);
  return traced;
}

describe('an answer that is begun ahead', () => {
  test('and is used has its request within the speculation, and the rest within the turn', async () => {
    const { call, traces, hangUp } = await eager({
      rounds: [says('Yes.', { afterMs: 60 })],
      speeches: [speaks('Yes.')],
    });
    call.ears.report({ type: 'turn-end', eager: false });
    await settled();
    await call.clock.advance(500);
    await hangUp();
    const turn = traces.only('agent.turn');
    expect(traces.tree(turn)).toEqual([
      'agent.turn',
      ['agent.endpointing'],
      ['agent.speculation', [CHAT]],
      [SPEECH],
      ['agent.playout'],
    ]);
    const speculation = traces.only('agent.speculation');
    const used = { 'vision_agents.speculation.outcome': 'used' };
    expect(speculation.attributes).toMatchObject(used);
    expect(turn.links).toMatchObject([{ context: speculation.spanContext(), attributes: used }]);
    expect(traces.times(speculation)).toEqual([
      call.turns[0]?.marks.llmRequest,
      call.turns[0]?.marks.committed,
    ]);
    expect(traces.only(CHAT).attributes).toMatchObject({ 'vision_agents.outcome': 'completed' });
  });

  test('and is discarded is in the trace, with what it cost', async () => {
    const { call, traces, hangUp } = await eager({
      rounds: [says('Yes.', { afterMs: 5000 }), says('On Sundays, too.')],
      speeches: [speaks('On Sundays, too.')],
    });
    call.ears.report({ type: 'turn-resumed' });
    await settled();
    const discardedAtMs = call.clock.now();
    await call.microphone(200);
    call.ears.report({
      type: 'transcript',
      text: 'on Sundays?',
      final: true,
      speechStartMs: 500,
      speechEndMs: 700,
    });
    await call.microphone(100);
    call.ears.report({ type: 'turn-end', eager: false });
    await settled();
    await call.clock.advance(500);
    await hangUp();
    const turn = traces.only('agent.turn');
    const speculation = traces.only('agent.speculation');
    expect(traces.tree(speculation)).toEqual(['agent.speculation', [CHAT]]);
    const discarded = { 'vision_agents.speculation.outcome': 'discarded' };
    expect(turn.links).toMatchObject([
      { context: speculation.spanContext(), attributes: discarded },
    ]);
    expect(traces.times(speculation)[1]).toBe(discardedAtMs);
    const outcomes = traces
      .named(CHAT)
      .map(({ attributes }) => attributes['vision_agents.outcome']);
    expect(outcomes).toEqual(['discarded', 'completed']);
    expect(traces.tree(turn)).toEqual([
      'agent.turn',
      ['agent.speculation', [CHAT]],
      ['agent.endpointing'],
      [CHAT],
      [SPEECH],
      ['agent.playout'],
    ]);
    expect(turn.status.code).toBe(SpanStatusCode.UNSET);
  });

  test('and is still a guess when the call ends leaves nothing open', async () => {
    const { traces, hangUp } = await eager({ rounds: [says('Yes.', { afterMs: 5000 })] });
    await hangUp();
    expect(traces.only('agent.speculation').attributes).toMatchObject({
      'vision_agents.speculation.outcome': 'discarded',
    });
    expect(traces.only(CHAT).attributes).toMatchObject({ 'vision_agents.outcome': 'discarded' });
    expect(traces.tree(traces.only('agent.call'))).toEqual([
      'agent.call',
      ['agent.turn', ['agent.speculation', [CHAT]]],
    ]);
  });
});
