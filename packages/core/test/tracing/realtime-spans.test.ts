import { expect, test } from 'vitest';

import { settled } from '../../src/testing/index.ts';
import { RealtimeCall } from '../fakes/realtime-call.ts';
import { PARIS, weather } from './traced-call.ts';
import { startTracing } from './traces.ts';

test('a turn of a realtime model is a span with its tools, and its log line points at it', async () => {
  const traces = startTracing();
  const { tools = {} } = weather(() => 'rain');
  const call = await new RealtimeCall({ agent: { tools } }).join();
  await call.userSays('Is it dry in Paris?');
  await call.report({ type: 'tool-call', call: PARIS });
  await call.modelSays('It rains.', 400);
  await call.modelEnds();
  await call.pass(1000);
  await call.agent.close('hangup');
  await settled();
  expect(traces.openCount).toBe(0);
  expect(traces.tree(traces.only('agent.call'))).toEqual([
    'agent.call',
    ['agent.turn', ['agent.endpointing'], ['execute_tool weather'], ['agent.playout']],
  ]);
  const [turn] = call.turns;
  const span = traces.only('agent.turn');
  expect(traces.times(traces.only('agent.playout'))).toEqual([
    turn?.marks.playoutStart,
    turn?.marks.playoutEnd,
  ]);
  expect(span.attributes).toMatchObject({
    'vision_agents.turn.kind': 'tool_reply',
    'vision_agents.outcome': 'completed',
    'vision_agents.response.latency_ms': turn?.timeline?.responseLatencyMs,
  });
  const line = call.logger.entries.find(({ message }) => message === 'turn ended');
  expect(line?.fields).toMatchObject({ span_id: span.spanContext().spanId });
});

test('nothing that was said is in a span or a line of the log unless it is wanted', async () => {
  const traces = startTracing();
  const call = await new RealtimeCall().join();
  await call.userSays('my number is 1234');
  await call.modelSays('Thank you, 1234.', 400);
  await call.modelEnds();
  await call.pass(1000);
  await call.agent.close();
  await settled();
  const told = JSON.stringify([
    traces.ended.map(({ attributes }) => attributes),
    call.logger.entries,
  ]);
  expect(call.turns[0]?.userText).toContain('1234');
  expect(told).not.toContain('1234');
});
