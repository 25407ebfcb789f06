import { SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { describe, expect, test } from 'vitest';

import { asksFor, says, settled, speaks } from '../../src/testing/index.ts';
import type { TracedCall } from './traced-call.ts';
import { CHAT, PARIS, SPEECH, tracedCall, weather } from './traced-call.ts';

async function reply(): Promise<TracedCall> {
  const traced = await tracedCall({
    rounds: [asksFor([PARIS], { afterMs: 100 }), says('It rains.', { afterMs: 200 })],
    speeches: [speaks('It rains.', { afterMs: 50, audioMs: 400 })],
    agent: weather(() => {
      trace.getTracer('users').startSpan('of the user').end();
      return 'rain';
    }),
  });
  await traced.call.userSays('Is it dry in Paris?', 300);
  await traced.call.clock.advance(1000);
  await traced.hangUp();
  return traced;
}

describe('a reply with a tool', () => {
  test('is one trace, in which everything is within the turn and the turn within the call', async () => {
    const { traces } = await reply();
    const call = traces.only('agent.call');
    expect(traces.tree(call)).toEqual([
      'agent.call',
      [
        'agent.turn',
        ['agent.endpointing'],
        [CHAT],
        ['execute_tool weather', ['of the user']],
        [CHAT],
        [SPEECH],
        ['agent.playout'],
      ],
    ]);
    expect(traces.ended.map(({ instrumentationScope }) => instrumentationScope.name)).toContain(
      'vision_agents',
    );
    const traceIds = traces.ended.map((span) => span.spanContext().traceId);
    expect(new Set(traceIds).size).toBe(1);
  });

  test('has the times of the marks and of the metrics', async () => {
    const { call, traces, closings } = await reply();
    const [turn] = call.turns;
    const { marks, timeline } = turn ?? {};
    if (!marks || !timeline) throw new Error('an incomplete turn');
    const times = (span: ReadableSpan): readonly [number, number] => traces.times(span);
    expect(times(traces.only('agent.turn'))).toEqual([marks.speechStart, closings[0]]);
    expect(times(traces.only('agent.endpointing'))).toEqual([marks.speechEnd, marks.committed]);
    expect(times(traces.only('agent.playout'))).toEqual([marks.playoutStart, marks.playoutEnd]);
    const [first, second] = traces.named(CHAT);
    if (!first || !second) throw new Error('there are two rounds');
    expect(times(first)).toEqual([marks.llmRequest, marks.toolStart]);
    const tools = times(traces.only('execute_tool weather'));
    expect(tools).toEqual([marks.toolStart, marks.toolEnd]);
    expect(times(second)[0]).toBe(marks.toolEnd);
    const [ttsFrom, ttsTo] = times(traces.only(SPEECH));
    expect([ttsFrom, ttsTo]).toEqual([marks.ttsRequest, marks.ttsFirstAudio]);

    expect(traces.only('agent.turn').attributes).toMatchObject({
      'gen_ai.conversation.id': 'test',
      'vision_agents.turn.id': turn?.id,
      'vision_agents.turn.kind': 'tool_reply',
      'vision_agents.outcome': 'completed',
      'vision_agents.response.latency_ms': timeline.responseLatencyMs,
      'vision_agents.framework.overhead_ms': timeline.overheadMs,
      'vision_agents.response.stage.endpointing_ms': timeline.stages.endpointing,
      'vision_agents.response.stage.llm_ms': timeline.stages.llm,
      'vision_agents.response.stage.tool_ms': timeline.stages.tool,
      'vision_agents.response.stage.sentence_ms': timeline.stages.sentence,
      'vision_agents.response.stage.tts_ms': timeline.stages.tts,
      'vision_agents.response.stage.playout_ms': timeline.stages.playout,
    });
    expect(turn?.span?.spanId).toBe(traces.only('agent.turn').spanContext().spanId);
  });

  test('has the names and figures of the GenAI conventions, and nothing that was said', async () => {
    const { call, traces } = await reply();
    const [first, second] = traces.named(CHAT);
    expect(first?.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'scripted',
      'gen_ai.request.model': 'scripted-llm',
      'gen_ai.request.stream': true,
      'gen_ai.conversation.id': 'test',
      'gen_ai.response.finish_reasons': ['tool-calls'],
      'gen_ai.response.time_to_first_chunk': 0.1,
      'gen_ai.usage.input_tokens': 20,
      'gen_ai.usage.output_tokens': 7,
      'vision_agents.outcome': 'completed',
    });
    expect(second?.attributes).toMatchObject({
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.response.time_to_first_chunk': 0.2,
    });
    expect(traces.only('execute_tool weather').attributes).toEqual({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'weather',
      'gen_ai.tool.type': 'function',
      'gen_ai.tool.call.id': 'call-7',
      'gen_ai.conversation.id': 'test',
      'vision_agents.outcome': 'completed',
    });
    expect(traces.only(SPEECH).attributes).toEqual({
      'gen_ai.operation.name': 'text_to_speech',
      'gen_ai.provider.name': 'scripted',
      'gen_ai.request.model': 'scripted-tts',
      'gen_ai.conversation.id': 'test',
      'vision_agents.outcome': 'completed',
      'vision_agents.tts.characters': call.agent.metrics.ttsCharacters.total,
      'vision_agents.tts.audio_duration_ms': 400,
      'vision_agents.tts.time_to_first_audio_ms': 50,
    });
    const all = JSON.stringify(traces.ended.map(({ attributes, events }) => [attributes, events]));
    expect(all).not.toMatch(/Paris|rain|dry/);
  });
});

describe('a turn that is cut off', () => {
  const ANSWER = 'One two three four five six seven eight nine ten.';

  test('while the agent thinks has an interrupted request and nothing after it', async () => {
    const { call, traces, hangUp } = await tracedCall({
      rounds: [says(ANSWER, { afterMs: 1000 })],
    });
    await call.userSays('Count to ten.');
    await call.clock.advance(500);
    const atMs = call.clock.now();
    await call.bargeIn();
    await hangUp();
    const [turn] = traces.named('agent.turn');
    if (!turn) throw new Error('there is a turn');
    expect(traces.tree(turn)).toEqual(['agent.turn', ['agent.endpointing'], [CHAT]]);
    expect(turn.attributes).toMatchObject({
      'vision_agents.outcome': 'interrupted',
      'vision_agents.turn.interrupted_while': 'thinking',
    });
    expect(turn.attributes).not.toHaveProperty('vision_agents.response.latency_ms');
    expect(turn.status.code).toBe(SpanStatusCode.UNSET);
    expect(traces.times(turn)[1]).toBe(atMs);
    const chat = traces.only(CHAT);
    expect(chat.attributes).toMatchObject({ 'vision_agents.outcome': 'interrupted' });
    expect(chat.attributes).not.toHaveProperty('error.type');
    expect(chat.status.code).toBe(SpanStatusCode.UNSET);
    expect(traces.times(chat)[1]).toBe(atMs);
  });

  test('while the agent speaks has a playout that ends there', async () => {
    const { call, traces, hangUp } = await tracedCall({
      rounds: [says(ANSWER)],
      speeches: [{ text: ANSWER, steps: [...speaks(ANSWER).steps, { type: 'wait', ms: 10_000 }] }],
    });
    await call.userSays('Count to ten.');
    await call.clock.advance(50);
    const atMs = call.clock.now();
    await call.bargeIn();
    await hangUp();
    const [turn] = traces.named('agent.turn');
    expect(turn?.attributes).toMatchObject({
      'vision_agents.outcome': 'interrupted',
      'vision_agents.turn.interrupted_while': 'speaking',
    });
    expect(traces.times(traces.only('agent.playout'))[1]).toBe(atMs);
    expect(traces.only(SPEECH).attributes).toMatchObject({
      'vision_agents.outcome': 'interrupted',
      'vision_agents.tts.audio_duration_ms': 100,
    });
    expect(traces.only(CHAT).attributes).toMatchObject({ 'vision_agents.outcome': 'completed' });
  });

  test('while a tool works has a tool that was interrupted, which is no error', async () => {
    const { call, traces, hangUp } = await tracedCall({
      rounds: [asksFor([PARIS])],
      agent: weather(() => new Promise(() => undefined)),
    });
    await call.userSays('Is it dry in Paris?');
    await call.clock.advance(100);
    await call.bargeIn();
    await hangUp();
    const span = traces.only('execute_tool weather');
    expect(span.attributes).toMatchObject({ 'vision_agents.outcome': 'interrupted' });
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(call.agent.metrics.llmToolCalls.total).toBe(1);
  });
});

test('a greeting begins where the caller joined', async () => {
  const { call, traces, closings, hangUp } = await tracedCall({
    speeches: [speaks('Hello.', { afterMs: 80, audioMs: 200 })],
  });
  await call.clock.advance(150);
  const said = call.agent.say('Hello.');
  await call.clock.advance(1000);
  const record = await said;
  await hangUp();
  const turn = traces.only('agent.turn');
  expect(traces.tree(turn)).toEqual(['agent.turn', [SPEECH], ['agent.playout']]);
  expect(turn.attributes).toMatchObject({
    'vision_agents.turn.kind': 'greeting',
    'vision_agents.response.latency_ms': record.timeline?.responseLatencyMs,
  });
  expect(traces.times(turn)).toEqual([record.marks.participantJoined, closings[0]]);
});

test('a turn whose start nobody knows begins where the speech ended', async () => {
  const { call, traces, hangUp } = await tracedCall({
    rounds: [says('Yes.')],
    speeches: [speaks('Yes.')],
  });
  await call.microphone(600);
  call.ears.report(
    { type: 'transcript', text: 'Is it open?', final: true, speechEndMs: 400 },
    { type: 'turn-end', eager: false },
  );
  await settled();
  await call.clock.advance(500);
  await hangUp();
  const { speechStart, speechEnd } = call.turns[0]?.marks ?? {};
  expect(speechStart).toBeUndefined();
  expect(speechEnd).toBeLessThan(call.turns[0]?.marks.committed ?? 0);
  expect(traces.times(traces.only('agent.turn'))[0]).toBe(speechEnd);
});
