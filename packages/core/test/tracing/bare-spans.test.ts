import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import {
  ScriptedLLM,
  ScriptedTTS,
  ManualClock,
  asksFor,
  says,
  settled,
  speaks,
} from '../../src/testing/index.ts';
import { CallTrace } from '../../src/tracing/call-trace.ts';
import { TurnTrace } from '../../src/tracing/turn-trace.ts';
import { collect } from '../collect.ts';
import { TestCall } from '../fakes/test-call.ts';
import { END, REQUEST, SuppliedLLM, TEXT } from '../llm/supplied-llm.ts';
import { startTracing, Traces } from './traces.ts';

const CAPTURE = 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT';

describe('a component without an agent', () => {
  test('has its spans within the one that is active, and its plugin works within them', async () => {
    const traces = startTracing();
    const clock = new ManualClock();
    const llm = new SuppliedLLM({
      async *stream() {
        trace.getTracer('http').startSpan('POST').end();
        yield TEXT;
        trace.getTracer('http').startSpan('chunk').end();
        yield END;
      },
    });
    const tts = await new ScriptedTTS([speaks('Hello.')]).open({ clock });
    const outer = trace.getTracer('users').startSpan('outer');
    await context.with(trace.setSpan(context.active(), outer), async () => {
      await collect(llm.respond(REQUEST));
      await collect(tts.synthesize('Hello.'));
    });
    outer.end();
    await tts.close();
    expect(traces.tree(traces.only('outer'))).toEqual([
      'outer',
      ['chat supplied-1', ['POST'], ['chunk']],
      ['text_to_speech scripted-tts'],
    ]);
    expect(traces.openCount).toBe(0);
  });

  test('does not say what was said, unless the environment asks for it', async () => {
    const traces = startTracing();
    const request = { ...REQUEST, instructions: 'Be secretive.' };
    for (const wanted of ['', 'false', 'NO_CONTENT', 'true', 'SPAN_ONLY', 'span_and_event']) {
      vi.stubEnv(CAPTURE, wanted);
      await collect(new ScriptedLLM([says('Well.')]).respond(request));
    }
    const captured = traces.ended.map(({ attributes }) => [
      attributes['gen_ai.system_instructions'],
      attributes['gen_ai.input.messages'],
      attributes['gen_ai.output.messages'],
    ]);
    const nothing = [undefined, undefined, undefined];
    const all = [
      JSON.stringify([{ type: 'text', content: 'Be secretive.' }]),
      JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: 'Hello' }] }]),
      JSON.stringify([
        { role: 'assistant', parts: [{ type: 'text', content: 'Well.' }], finish_reason: 'stop' },
      ]),
    ];
    expect(captured).toEqual([nothing, nothing, nothing, all, all, all]);
  });

  test('tells of tools in the shape of the conventions where content is wanted', async () => {
    const traces = startTracing();
    vi.stubEnv(CAPTURE, 'true');
    const call = { id: 'c1', name: 'weather', arguments: { city: 'Paris' } };
    const result = { callId: 'c1', name: 'weather', output: 'rain', success: true };
    const messages = [
      { role: 'user' as const, text: 'Paris?' },
      { role: 'assistant' as const, text: '', toolCalls: [call], interrupted: false },
      { role: 'tool' as const, results: [result] },
    ];
    const llm = new ScriptedLLM([asksFor([call])]);
    await collect(llm.respond({ instructions: '', messages }, {}));
    const { attributes } = traces.only('chat scripted-llm');
    const asked = { type: 'tool_call', id: 'c1', name: 'weather', arguments: { city: 'Paris' } };
    expect(JSON.parse(String(attributes['gen_ai.input.messages']))).toEqual([
      { role: 'user', parts: [{ type: 'text', content: 'Paris?' }] },
      { role: 'assistant', parts: [asked] },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: 'rain' }] },
    ]);
    expect(JSON.parse(String(attributes['gen_ai.output.messages']))).toEqual([
      { role: 'assistant', parts: [asked], finish_reason: 'tool-calls' },
    ]);
  });
});

describe('the tracer provider', () => {
  test('may be set in the middle of a call', async () => {
    trace.disable();
    const call = await new TestCall({
      rounds: [says('One.'), says('Two.')],
      speeches: [speaks('One.'), speaks('Two.')],
    }).join();
    await call.userSays('First?');
    await call.clock.advance(500);
    const traces = new Traces();
    trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [traces] }));
    onTestFinished(() => trace.disable());
    await call.userSays('Second?');
    await call.clock.advance(500);
    await call.agent.close();
    expect(call.turns.map(({ span }) => span !== undefined)).toEqual([false, true]);
    expect(traces.tree(traces.only('agent.turn')).slice(1).flat()).toContain('chat scripted-llm');
    expect(traces.openCount).toBe(0);
  });

  test('may take the place of another', async () => {
    const before = startTracing();
    await collect(new ScriptedLLM([says('One.')]).respond(REQUEST));
    const after = startTracing();
    await collect(new ScriptedLLM([says('Two.')]).respond(REQUEST));
    expect([before.ended.length, after.ended.length]).toEqual([1, 1]);
  });

  test.each(['onStart', 'onEnd'] as const)('may throw in %s: no call notices', async (method) => {
    const traces = startTracing();
    vi.spyOn(traces, method).mockImplementation(() => {
      throw new Error('a bad exporter');
    });
    const call = await new TestCall({ rounds: [says('One.')], speeches: [speaks('One.')] }).join();
    await call.userSays('First?');
    await call.clock.advance(500);
    expect(call.turns).toMatchObject([{ outcome: 'completed', agentText: 'One.' }]);
    expect(call.errors).toEqual([]);
  });

  test('may be none: then nothing of a turn is kept', () => {
    trace.disable();
    const call = new CallTrace({
      call: { type: 'default', id: '1' },
      provider: 'scripted',
      clock: new ManualClock(),
      capturesContent: false,
    });
    const begun = vi.spyOn(call, 'turnBegun');
    const turn = new TurnTrace(call, {});
    expect(turn.context).toBeUndefined();
    expect(turn.scope).toBe(call.scope);
    expect(begun).not.toHaveBeenCalled();
  });
});

describe('the span of a call', () => {
  test('is within the span in which the agent joined, and says why the call ended', async () => {
    const traces = startTracing();
    const outer = trace.getTracer('users').startSpan('POST /calls');
    const call = new TestCall();
    await context.with(trace.setSpan(ROOT_CONTEXT, outer), () => call.join());
    await call.clock.advance(5000);
    await call.agent.close('hangup');
    outer.end();
    const span = traces.only('agent.call');
    expect(traces.tree(traces.only('POST /calls'))).toEqual(['POST /calls', ['agent.call']]);
    expect(span.attributes).toEqual({
      'gen_ai.conversation.id': 'test',
      'vision_agents.call.id': 'test',
      'vision_agents.call.type': 'default',
      'vision_agents.call.end_reason': 'hangup',
      'vision_agents.edge.provider': 'scripted',
      'vision_agents.join.duration_ms': 0,
    });
    expect(traces.times(span)).toEqual([1000, 6000]);
  });

  test('ends with an error where the call could not be joined', async () => {
    const traces = startTracing();
    const call = new TestCall({ join: { error: new TypeError('no route') }, openings: [] });
    await expect(call.startJoining()).rejects.toThrow('no route');
    await settled();
    expect(traces.only('agent.call').attributes).toMatchObject({
      'error.type': 'TypeError',
      'vision_agents.call.end_reason': 'error',
    });
    expect(traces.openCount).toBe(0);
  });
});
