import { describe, expect, test } from 'vitest';

import type { LLMEvent, LLMUsage } from '../../src/index.ts';
import { InterruptedError, MetricsCollector } from '../../src/index.ts';
import { ManualClock, settled } from '../../src/testing/index.ts';
import { collect } from '../collect.ts';
import { startTelemetry } from '../metrics/telemetry.ts';
import { END, REQUEST, SuppliedLLM, TEXT, usage } from './supplied-llm.ts';

/** Reads an answer whose events come at the given times after the request was sent. */
async function answer(
  script: readonly (readonly [number, LLMEvent])[],
  llm: SuppliedLLM = new SuppliedLLM(),
): Promise<MetricsCollector['metrics']> {
  const clock = new ManualClock();
  const collector = new MetricsCollector();
  const reading = collect(llm.respond(REQUEST, { clock, metrics: collector }));
  const startedAtMs = clock.now();
  for (const [atMs, event] of script) {
    await clock.advance(startedAtMs + atMs - clock.now());
    llm.events.push(event);
    await settled();
  }
  await reading;
  return collector.metrics;
}

const TOOL_CALL: LLMEvent = {
  type: 'tool-call',
  call: { id: 'call-1', name: 'weather', arguments: {} },
};

describe('the figures of a request', () => {
  test('are its latency to the last event and its time to the first token', async () => {
    const metrics = await answer([
      [120, TEXT],
      [400, TEXT],
      [650, END],
    ]);
    expect(metrics.llmTimeToFirstTokenMs).toMatchObject({ count: 1, sum: 120 });
    expect(metrics.llmLatencyMs).toMatchObject({ count: 1, sum: 650 });
  });

  test('take no empty text and no usage for a token', async () => {
    const metrics = await answer([
      [10, { type: 'text', text: '' }],
      [20, usage(5, 0)],
      [130, TEXT],
      [200, END],
    ]);
    expect(metrics.llmTimeToFirstTokenMs).toMatchObject({ count: 1, sum: 130 });
  });

  test('take a tool call for a token', async () => {
    const metrics = await answer([
      [90, TOOL_CALL],
      [100, { type: 'end', reason: 'tool-calls' }],
    ]);
    expect(metrics.llmTimeToFirstTokenMs).toMatchObject({ count: 1, sum: 90 });
  });

  test('take the first piece of a tool call for a token, and no piece of reasoning', async () => {
    const metrics = await answer([
      [40, { type: 'progress', of: 'reasoning' }],
      [90, { type: 'progress', of: 'tool-call' }],
      [200, TOOL_CALL],
      [210, { type: 'end', reason: 'tool-calls' }],
    ]);
    expect(metrics.llmTimeToFirstTokenMs).toMatchObject({ count: 1, sum: 90 });
  });

  test('have no time to the first token where none came', async () => {
    const metrics = await answer([
      [5, { type: 'text', text: '' }],
      [30, END],
    ]);
    expect(metrics.llmTimeToFirstTokenMs.count).toBe(0);
    expect(metrics.llmLatencyMs.count).toBe(1);
  });

  test('take the last report of usage, not the sum', async () => {
    const metrics = await answer([
      [1, usage(100, 1)],
      [2, TEXT],
      [3, usage(100, 25)],
      [4, END],
    ]);
    expect(metrics.llmInputTokens.total).toBe(100);
    expect(metrics.llmOutputTokens.total).toBe(25);
  });

  test('count cached and reasoning tokens apart, as parts of the others', async () => {
    const reported: LLMUsage = {
      inputTokens: 100,
      outputTokens: 40,
      cachedInputTokens: 60,
      reasoningTokens: 15,
    };
    const metrics = await answer([
      [1, { type: 'usage', usage: reported }],
      [2, END],
    ]);
    expect(metrics.llmInputTokens.total).toBe(100);
    expect(metrics.llmCachedInputTokens.total).toBe(60);
    expect(metrics.llmOutputTokens.total).toBe(40);
    expect(metrics.llmReasoningTokens.total).toBe(15);
  });

  test('count no tokens that were not reported', async () => {
    const metrics = await answer([
      [1, TEXT],
      [2, END],
    ]);
    expect(metrics.llmInputTokens.total).toBe(0);
    expect(metrics.llmRequests.total).toBe(1);
  });

  test('survive numbers that are none', async () => {
    const metrics = await answer([
      [1, usage(Number.NaN, 3)],
      [2, END],
    ]);
    expect(metrics.llmInputTokens.total).toBe(0);
    expect(metrics.llmOutputTokens.total).toBe(3);
  });

  test('count tokens and the first token of a request that is interrupted', async () => {
    const clock = new ManualClock();
    const collector = new MetricsCollector();
    const controller = new AbortController();
    const llm = new SuppliedLLM();
    const context = { clock, metrics: collector, signal: controller.signal };
    const reading = collect(llm.respond(REQUEST, context));
    await clock.advance(80);
    llm.events.push(usage(50, 1));
    llm.events.push(TEXT);
    await settled();
    controller.abort(new InterruptedError());
    await expect(reading).rejects.toThrow(InterruptedError);
    expect(collector.metrics.llmInputTokens.total).toBe(50);
    expect(collector.metrics.llmTimeToFirstTokenMs).toMatchObject({ count: 1, sum: 80 });
    expect(collector.metrics.llmLatencyMs.count).toBe(0);
  });

  test('count tokens and the first token of a request that fails', async () => {
    const collector = new MetricsCollector();
    const llm = new SuppliedLLM();
    llm.events.push(usage(50, 7));
    llm.events.push(TEXT);
    llm.events.fail(new Error('lost'));
    const reading = collect(llm.respond(REQUEST, { metrics: collector }));
    await expect(reading).rejects.toThrow('supplied');
    expect(collector.metrics.llmOutputTokens.total).toBe(7);
    expect(collector.metrics.llmTimeToFirstTokenMs.count).toBe(1);
    expect(collector.metrics.llmLatencyMs.count).toBe(0);
  });

  test('carry provider and model, and are recorded without any context too', async () => {
    const telemetry = startTelemetry();
    const llm = new SuppliedLLM({ provider: 'alone' });
    for (const event of [TEXT, usage(4, 2), END]) llm.events.push(event);
    await collect(llm.respond(REQUEST));
    const labels = { provider: 'alone', model: 'supplied-1' };
    expect(await telemetry.value('llm.requests', { ...labels, outcome: 'completed' })).toBe(1);
    expect(await telemetry.value('llm.tokens.input', labels)).toBe(4);
    expect((await telemetry.histogram('llm.latency.ms', labels))?.count).toBe(1);
  });

  test('of requests side by side on one model never mix', async () => {
    const queues: SuppliedLLM[] = [new SuppliedLLM(), new SuppliedLLM()];
    let next = 0;
    const llm = new SuppliedLLM({
      stream: () => (queues[next++] ?? new SuppliedLLM()).events,
    });
    const collectors = [new MetricsCollector(), new MetricsCollector()];
    const readings = collectors.map((metrics) => collect(llm.respond(REQUEST, { metrics })));
    await settled();
    for (const [index, queue] of queues.entries()) {
      queue.events.push(usage(10 * (index + 1), 1));
      queue.events.push(END);
    }
    await Promise.all(readings);
    expect(collectors.map(({ metrics }) => metrics.llmInputTokens.total)).toEqual([10, 20]);
    expect(collectors.map(({ metrics }) => metrics.llmRequests.total)).toEqual([1, 1]);
  });

  test('of tool calls go by name and success', async () => {
    const telemetry = startTelemetry();
    const recorder = new SuppliedLLM({ provider: 'tooled' }).recorder(undefined);
    recorder.toolCall('weather', true, 30);
    recorder.toolCall('weather', false, 5);
    const labels = { provider: 'tooled', tool_name: 'weather' };
    expect(await telemetry.value('llm.tool_calls', { ...labels, success: 'true' })).toBe(1);
    expect(
      await telemetry.histogram('llm.tool_latency.ms', { ...labels, success: 'false' }),
    ).toMatchObject({ count: 1, sum: 5 });
  });
});
