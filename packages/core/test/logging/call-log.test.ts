import { describe, expect, test } from 'vitest';

import type { PipelineAgentOptions } from '../../src/index.ts';
import { ProviderError, tool } from '../../src/index.ts';
import { asksFor, says, speaks } from '../../src/testing/index.ts';
import { CITY_INPUT } from '../fakes/city-input.ts';
import type { CallScript } from '../fakes/test-call.ts';
import { TestCall } from '../fakes/test-call.ts';
import { startTracing } from '../tracing/traces.ts';

const PARIS = { id: 'call-7', name: 'weather', arguments: { city: 'Paris' } };

function weather(execute: () => unknown): Partial<PipelineAgentOptions> {
  return { tools: { weather: tool({ description: 'Weather.', input: CITY_INPUT, execute }) } };
}

/** What the log says of the only turn. */
function turnLine(call: TestCall): object | undefined {
  return call.logger.entries.find(({ message }) => message === 'turn ended')?.fields;
}

async function answeredCall(script: CallScript): Promise<TestCall> {
  const call = await new TestCall(script).join();
  await call.userSays('Is it dry in Paris?');
  await call.clock.advance(1000);
  await call.agent.close('hangup');
  return call;
}

const REPLY: CallScript = {
  rounds: [asksFor([PARIS]), says('It rains.')],
  speeches: [speaks('It rains.')],
};

describe('the log of a call', () => {
  test('has a line for its start, for each turn and for its end, from the records', async () => {
    const traces = startTracing();
    const call = await answeredCall({ ...REPLY, agent: weather(() => 'rain') });
    const [turn] = call.turns;
    const span = traces.only('agent.turn').spanContext();
    const callSpan = traces.only('agent.call').spanContext();
    const ids = { call_id: 'test', trace_id: span.traceId };
    expect(call.logger.entries).toEqual([
      {
        level: 'info',
        message: 'call joined',
        fields: { ...ids, span_id: callSpan.spanId, edge: 'scripted', join_ms: 0 },
      },
      {
        level: 'info',
        message: 'turn ended',
        fields: {
          ...ids,
          span_id: span.spanId,
          turn_id: 'turn-1',
          kind: 'tool_reply',
          outcome: 'completed',
          response_latency_ms: turn?.timeline?.responseLatencyMs,
          overhead_ms: turn?.timeline?.overheadMs,
          stages_ms: turn?.timeline?.stages,
        },
      },
      {
        level: 'info',
        message: 'call ended',
        fields: {
          ...ids,
          span_id: callSpan.spanId,
          reason: 'hangup',
          turns: 1,
          duration_ms: call.agent.metrics.agentSessionDurationMs.sum,
        },
      },
    ]);
    expect(turn?.timeline?.responseLatencyMs).toBeGreaterThan(0);
  });

  test('has nothing that was said, unless the agent is asked for it', async () => {
    const silent = await answeredCall({ ...REPLY, agent: weather(() => 'rain') });
    expect(JSON.stringify(silent.logger.entries)).not.toMatch(/Paris|rain|dry/);
    const traces = startTracing();
    const agent = { ...weather(() => 'rain'), captureContent: true };
    const talkative = await answeredCall({ ...REPLY, agent });
    expect(turnLine(talkative)).toMatchObject({
      user_text: 'Is it dry in Paris?',
      agent_text: 'It rains.',
    });
    expect(traces.only('agent.turn').attributes).toMatchObject({
      'vision_agents.turn.user_text': 'Is it dry in Paris?',
      'vision_agents.turn.agent_text': 'It rains.',
    });
    expect(traces.only('execute_tool weather').attributes).toMatchObject({
      'gen_ai.tool.call.arguments': '{"city":"Paris"}',
      'gen_ai.tool.call.result': 'rain',
    });
    expect(traces.only('text_to_speech scripted-tts').attributes).toMatchObject({
      'vision_agents.tts.text': 'It rains.',
    });
  });

  test('has the call, the turn and the kind of error on the line of each failure', async () => {
    const error = new ProviderError({
      provider: 'scripted',
      type: 'rate_limit',
      code: '429',
      message: 'too many',
    });
    const call = await answeredCall({
      rounds: [asksFor([PARIS]), [{ type: 'throw', error }]],
      agent: weather(() => {
        throw new RangeError('too far');
      }),
    });
    const failures = call.logger.entries.filter(({ level }) => level !== 'info');
    expect(failures).toMatchObject([
      {
        level: 'warn',
        message: 'a tool call failed',
        fields: { call_id: 'test', turn_id: 'turn-1', tool: 'weather' },
      },
      {
        level: 'error',
        message: 'a response failed',
        fields: {
          call_id: 'test',
          turn_id: 'turn-1',
          provider: 'scripted',
          error_type: 'rate_limit',
          error_code: '429',
        },
      },
    ]);
    expect(turnLine(call)).toMatchObject({ outcome: 'error', error_type: 'rate_limit' });
  });

  test('has the call on the lines of plugins and listeners', async () => {
    const call = new TestCall({ rounds: [says('Yes.')], speeches: [speaks('Yes.')] });
    call.agent.on('turn', () => {
      throw new Error('a bad listener');
    });
    await call.join();
    await call.userSays('Is it?');
    await call.clock.advance(500);
    const line = call.logger.entries.find(({ level }) => level === 'error');
    expect(line?.fields).toMatchObject({ call_id: 'test', event: 'turn' });
    call.stt.contexts[0]?.logger.warn({ type: 'Strange' }, 'a message of a plugin');
    expect(call.logger.entries.at(-1)).toEqual({
      level: 'warn',
      fields: { call_id: 'test', type: 'Strange' },
      message: 'a message of a plugin',
    });
  });
});
