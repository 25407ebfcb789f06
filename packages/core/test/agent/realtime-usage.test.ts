import { expect, test } from 'vitest';

import type { RealtimeUsage } from '../../src/index.ts';
import { RealtimeCall } from '../fakes/realtime-call.ts';
import { startTracing } from '../tracing/traces.ts';

const FIRST: RealtimeUsage = {
  inputTokens: 132,
  outputTokens: 121,
  cachedInputTokens: 64,
  inputByModality: { text: 119, audio: 13, image: 0 },
  cachedInputByModality: { text: 64, audio: 0 },
  outputByModality: { text: 30, audio: 91 },
};
const SECOND: RealtimeUsage = {
  inputTokens: 40,
  outputTokens: 25,
  reasoningTokens: 5,
  inputByModality: { audio: 40 },
  outputByModality: { audio: 20 },
};
/** Of a model that tells nothing apart. */
const THIRD: RealtimeUsage = { inputTokens: 7, outputTokens: 3 };

function listen({ agent }: RealtimeCall): RealtimeUsage[] {
  const told: RealtimeUsage[] = [];
  agent.on('usage', ({ usage }) => told.push(usage));
  return told;
}

test('what each answer took is told by modality, and the metrics are the totals', async () => {
  const call = new RealtimeCall();
  const told = listen(call);
  await call.join();
  await call.userSays('hello');
  await call.modelSays('Hello.', 200);
  await call.report({ type: 'usage', usage: FIRST });
  await call.modelEnds();
  await call.pass(1000);
  await call.report({ type: 'usage', usage: SECOND });
  expect(told).toEqual([FIRST, SECOND]);
  const { realtimeInputTokens, realtimeOutputTokens } = call.agent.metrics;
  expect([realtimeInputTokens.total, realtimeOutputTokens.total]).toEqual([172, 146]);
});

test('what an answer took that was cut off is told', async () => {
  const call = new RealtimeCall();
  const told = listen(call);
  await call.join();
  await call.userSays('hello');
  await call.modelSays('Once upon a time', 2000);
  await call.pass(200);
  await call.report({ type: 'user-speech-start' });
  expect(call.turns.map(({ outcome }) => outcome)).toEqual(['interrupted']);
  await call.report(
    { type: 'usage', usage: FIRST },
    { type: 'response-end', outcome: 'interrupted' },
  );
  expect(told).toEqual([FIRST]);
});

test('the span of the call has the sum, with what is told while it ends', async () => {
  const traces = startTracing();
  const call = new RealtimeCall();
  const told = listen(call);
  await call.join();
  for (const usage of [FIRST, SECOND]) await call.report({ type: 'usage', usage });
  call.model.report({ type: 'usage', usage: THIRD });
  await call.agent.close('hangup');
  expect(told).toEqual([FIRST, SECOND, THIRD]);
  const { attributes } = traces.only('agent.call');
  const usages = Object.entries(attributes).filter(([name]) => name.includes('.usage.'));
  expect(Object.fromEntries(usages)).toEqual({
    'gen_ai.usage.input_tokens': 179,
    'gen_ai.usage.output_tokens': 149,
    'gen_ai.usage.cache_read.input_tokens': 64,
    'gen_ai.usage.reasoning.output_tokens': 5,
    'vision_agents.usage.input.text_tokens': 119,
    'vision_agents.usage.input.audio_tokens': 53,
    'vision_agents.usage.input.image_tokens': 0,
    'vision_agents.usage.cached_input.text_tokens': 64,
    'vision_agents.usage.cached_input.audio_tokens': 0,
    'vision_agents.usage.output.text_tokens': 30,
    'vision_agents.usage.output.audio_tokens': 111,
  });
});
