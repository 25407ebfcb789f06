import { SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { describe, expect, test } from 'vitest';

import type { AgentOptions } from '../../src/index.ts';
import { ProviderError, tool } from '../../src/index.ts';
import { asksFor, says, settled, speaks } from '../../src/testing/index.ts';
import { CITY_INPUT } from '../fakes/city-input.ts';
import type { CallScript } from '../fakes/test-call.ts';
import { TestCall } from '../fakes/test-call.ts';
import type { Traces } from './traces.ts';
import { startTracing } from './traces.ts';

const CHAT = 'chat scripted-llm';
const SPEECH = 'text_to_speech scripted-tts';

interface TracedCall {
  readonly call: TestCall;
  readonly traces: Traces;
  /** When each turn was closed. */
  readonly closings: readonly number[];
  /** Ends the call and checks that nothing stays open. */
  readonly hangUp: () => Promise<void>;
}

async function tracedCall(script: CallScript = {}): Promise<TracedCall> {
  const traces = startTracing();
  const call = await new TestCall(script).join();
  const closings: number[] = [];
  call.agent.on('turn', () => closings.push(call.clock.now()));
  const hangUp = async (): Promise<void> => {
    await call.agent.close('hangup');
    await settled();
    expect(traces.openCount).toBe(0);
  };
  return { call, traces, closings, hangUp };
}

function weather(execute: () => unknown): Partial<AgentOptions> {
  return { tools: { weather: tool({ description: 'Weather.', input: CITY_INPUT, execute }) } };
}

const PARIS = { id: 'call-7', name: 'weather', arguments: { city: 'Paris' } };

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

describe('what fails', () => {
  test('is an error on its span and on the turn, without what others wrote into messages', async () => {
    const cause = new Error('the key sk-123 is wrong');
    const refused = ProviderError.fromStatus('fake', 401, { cause });
    const { call, traces, hangUp } = await tracedCall({
      rounds: [[{ type: 'throw', error: refused }]],
    });
    await call.userSays('Hello?');
    await hangUp();
    const message = 'fake: the request was refused with HTTP status 401';
    for (const name of [CHAT, 'agent.turn']) {
      const span = traces.only(name);
      expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message });
      expect(span.attributes).toMatchObject({
        'error.type': 'authentication',
        'vision_agents.outcome': 'error',
      });
      expect(span.events).toMatchObject([
        {
          name: 'exception',
          attributes: { 'exception.type': 'ProviderError', 'exception.message': message },
        },
      ]);
    }
    expect(JSON.stringify(traces.ended.map(({ events }) => events))).not.toContain('sk-123');
  });

  test('in a tool is an error of the tool, and not of the turn', async () => {
    const { call, traces, hangUp } = await tracedCall({
      rounds: [asksFor([PARIS]), says('Sorry.')],
      speeches: [speaks('Sorry.')],
      agent: weather(() => {
        throw new RangeError('Paris is unknown');
      }),
    });
    await call.userSays('Is it dry in Paris?');
    await call.clock.advance(500);
    await hangUp();
    const span = traces.only('execute_tool weather');
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(span.attributes).toMatchObject({ 'error.type': 'RangeError' });
    expect(span.events.map(({ attributes }) => attributes)).toEqual([
      { 'exception.type': 'RangeError' },
    ]);
    expect(traces.only('agent.turn').status.code).toBe(SpanStatusCode.UNSET);
  });

  test('is no name of a span, where the model made a tool up', async () => {
    const { call, traces, hangUp } = await tracedCall({
      rounds: [asksFor([{ ...PARIS, name: 'sell_the_house' }]), says('Sorry.')],
      speeches: [speaks('Sorry.')],
    });
    await call.userSays('Sell it.');
    await call.clock.advance(500);
    await hangUp();
    expect(traces.only('execute_tool other').attributes).toMatchObject({
      'error.type': 'unknown_tool',
    });
  });

  test('in the voice is an error of the synthesis', async () => {
    const error = new ProviderError({ provider: 'scripted', type: 'network', message: 'lost' });
    const { call, traces, hangUp } = await tracedCall({
      rounds: [says('Hello.')],
      speeches: [{ text: 'Hello.', steps: [{ type: 'throw', error }] }],
    });
    await call.userSays('Hello?');
    await hangUp();
    expect(traces.only(SPEECH).attributes).toMatchObject({
      'error.type': 'network',
      'vision_agents.outcome': 'error',
    });
    expect(traces.only('agent.turn').attributes).toMatchObject({ 'error.type': 'network' });
  });
});

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
