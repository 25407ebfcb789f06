import { expect, test } from 'vitest';

import { tool } from '../../src/index.ts';
import { settled } from '../../src/testing/index.ts';
import { CITY_INPUT } from '../fakes/city-input.ts';
import { RealtimeCall } from '../fakes/realtime-call.ts';

/** A tool whose runs end when the test says so. */
function heldTool(readOnly: boolean) {
  const runs: { readonly resolve: (output: string) => void; readonly signal: AbortSignal }[] = [];
  const weather = tool({
    description: 'The weather in a city.',
    input: CITY_INPUT,
    readOnly,
    execute: (_input, { signal }) => {
      const { promise, resolve } = Promise.withResolvers<string>();
      runs.push({ resolve, signal });
      return promise;
    },
  });
  return { runs, tools: { get_weather: weather } };
}

const CALL = { id: 'call-1', name: 'get_weather', arguments: { city: 'Paris' } };

test('a tool runs beside the conversation, and its answer is a tool reply', async () => {
  const { runs, tools } = heldTool(true);
  const call = await new RealtimeCall({ agent: { tools } }).join();
  expect(call.realtime.requests[0]?.tools).toMatchObject([{ name: 'get_weather' }]);
  await call.userSays('How is the weather in Paris?');
  await call.pass(100);
  await call.report({ type: 'tool-call', call: CALL });
  await call.pass(400);
  runs[0]?.resolve('sunny');
  await settled();
  expect(call.model.told).toEqual([
    [{ callId: 'call-1', name: 'get_weather', output: 'sunny', success: true }],
  ]);
  await call.pass(50);
  await call.modelSays('It is sunny.', 200);
  await call.modelEnds();
  await call.pass(500);
  expect(call.turns).toMatchObject([
    {
      kind: 'tool_reply',
      outcome: 'completed',
      timeline: {
        responseLatencyMs: 750,
        stages: { endpointing: 200, llm: 150, tool: 400 },
        overheadMs: 0,
      },
    },
  ]);
  const { metrics } = call.agent;
  expect(metrics.llmToolCalls.total).toBe(1);
  expect(metrics.llmToolLatencyMs).toMatchObject({ count: 1, sum: 400 });
  expect(metrics.agentTurns.total).toBe(1);
});

test('the end of a response that only asked for a tool is not the end of the answer', async () => {
  const { runs, tools } = heldTool(true);
  const call = await new RealtimeCall({ agent: { tools } }).join();
  await call.userSays('How is the weather in Paris?');
  await call.report({ type: 'tool-call', call: CALL });
  await call.modelEnds();
  expect(call.turns).toEqual([]);
  runs[0]?.resolve('sunny');
  await settled();
  await call.modelSays('It is sunny.', 200);
  await call.modelEnds();
  await call.pass(500);
  expect(call.turns).toMatchObject([{ kind: 'tool_reply', agentText: 'It is sunny.' }]);
});

test('a call that the model takes back is stopped where it only looks, and tells nothing', async () => {
  const { runs, tools } = heldTool(true);
  const call = await new RealtimeCall({ agent: { tools } }).join();
  await call.userSays('How is the weather in Paris?');
  await call.report({ type: 'tool-call', call: CALL });
  await call.report({ type: 'user-speech-start' });
  expect(runs[0]?.signal.aborted).toBe(false);
  await call.report({ type: 'tool-cancelled', callIds: ['call-1', 'call-unknown'] });
  expect(runs[0]?.signal.aborted).toBe(true);
  await call.pass(100);
  expect(call.model.told).toEqual([0]);
});

test('a call that does something goes on, and is not done twice when it is asked for again', async () => {
  const { runs, tools } = heldTool(false);
  const call = await new RealtimeCall({ agent: { tools } }).join();
  await call.userSays('Do it');
  await call.report({ type: 'tool-call', call: CALL });
  await call.report({ type: 'tool-cancelled', callIds: ['call-1'] });
  await call.report({ type: 'tool-call', call: { ...CALL, id: 'call-2' } });
  expect(runs).toHaveLength(1);
  runs[0]?.resolve('done');
  await settled();
  expect(call.model.told).toMatchObject([[{ callId: 'call-2', output: 'done' }]]);
});

test('a tool that fails tells the model so', async () => {
  const call = await new RealtimeCall().join();
  await call.userSays('How is the weather in Paris?');
  await call.report({ type: 'tool-call', call: CALL });
  expect(call.model.told).toMatchObject([[{ callId: 'call-1', success: false }]]);
  await call.modelSays('I do not know.', 200);
  await call.modelEnds();
  await call.pass(300);
  expect(call.turns).toMatchObject([{ kind: 'tool_reply', outcome: 'completed' }]);
});
