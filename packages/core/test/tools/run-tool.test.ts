import { describe, expect, test } from 'vitest';

import type { ToolCall, ToolOptions, ToolResult, Tools } from '../../src/index.ts';
import { MetricsCollector, tool } from '../../src/index.ts';
import { LLMRecorder } from '../../src/llm/llm-recorder.ts';
import { ManualClock, pause, RecordingLogger } from '../../src/testing/index.ts';
import { runTool } from '../../src/tools/run-tool.ts';
import { CITY_INPUT } from '../fakes/city-input.ts';
import { startTelemetry } from '../metrics/telemetry.ts';

const CALL: ToolCall = { id: 'call-1', name: 'weather', arguments: { city: 'Paris' } };

type Running = Promise<ToolResult>;

class Bench {
  readonly clock: ManualClock = new ManualClock();
  readonly controller: AbortController = new AbortController();
  readonly collector: MetricsCollector = new MetricsCollector();
  readonly logger: RecordingLogger = new RecordingLogger();

  run(execute: ToolOptions<{ readonly city: string }>['execute'], call: ToolCall = CALL): Running {
    const weather = tool({ description: 'Weather.', input: CITY_INPUT, execute, timeoutMs: 1000 });
    return this.runTools({ weather }, call);
  }

  runTools(tools: Tools, call: ToolCall): Running {
    const { clock, logger, controller, collector } = this;
    const recorder = new LLMRecorder('scripted', 'scripted-llm', collector);
    return runTool(call, { tools, clock, logger, recorder, signal: controller.signal });
  }
}

describe('what comes out of a tool', () => {
  test.each([
    ['a string as it is', 'sunny', 'sunny'],
    ['anything else as JSON', { degrees: 21 }, '{"degrees":21}'],
    ['nothing as a word', undefined, 'done'],
  ])('goes to the model: %s', async (_, given, output) => {
    const bench = new Bench();
    await expect(bench.run(() => given)).resolves.toEqual({
      callId: 'call-1',
      name: 'weather',
      output,
      success: true,
    });
    expect(bench.clock.pendingTimers).toBe(0);
  });

  test('is measured from the call to the end of the work', async () => {
    const telemetry = startTelemetry();
    const bench = new Bench();
    const running = bench.run(async (_, { signal }) => pause(bench.clock, 250, signal));
    await bench.clock.advance(1000);
    await running;
    const { llmToolCalls, llmToolLatencyMs } = bench.collector.metrics;
    expect(llmToolCalls.total).toBe(1);
    expect(llmToolLatencyMs).toMatchObject({ count: 1, sum: 250 });
    const labels = {
      provider: 'scripted',
      model: 'scripted-llm',
      tool_name: 'weather',
      success: 'true',
    };
    expect(await telemetry.value('llm.tool_calls', labels)).toBe(1);
  });
});

describe('what goes wrong with a tool', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic['itself'] = cyclic;

  test.each([
    ['it throws', () => Promise.reject(new Error('no such city')), 'no such city'],
    ['it throws something else', () => Promise.reject('quietly'), 'it failed'],
    ['its output is no JSON', () => cyclic, 'circular'],
  ])('goes to the model as an error: %s', async (_, execute, problem) => {
    const telemetry = startTelemetry();
    const bench = new Bench();
    const result = await bench.run(execute);
    expect(result).toMatchObject({ callId: 'call-1', name: 'weather', success: false });
    expect(JSON.parse(result.output)).toHaveProperty('error');
    expect(result.output).toContain(problem);
    const labels = { tool_name: 'weather', success: 'false' };
    expect(await telemetry.value('llm.tool_calls', labels)).toBe(1);
    expect(bench.logger.entries).toMatchObject([{ level: 'warn', fields: { tool: 'weather' } }]);
  });

  test('an input that does not fit goes back with what is wrong', async () => {
    const bench = new Bench();
    const result = await bench.run(() => 'sunny', { ...CALL, arguments: { city: 5 } });
    expect(JSON.parse(result.output)).toEqual({ error: 'bad input: city: must be a string' });
  });

  test.each(['forecast', 'toString', '__proto__'])(
    'a name that is not registered is "other" to the metrics: %s',
    async (name) => {
      const telemetry = startTelemetry();
      const bench = new Bench();
      const result = await bench.run(() => 'sunny', { ...CALL, name });
      expect(result).toMatchObject({ name, success: false });
      expect(result.output).toContain('there is no tool of this name');
      const labels = { tool_name: 'other', success: 'false' };
      expect(await telemetry.value('llm.tool_calls', labels)).toBe(1);
    },
  );

  test('one that takes too long is told to stop and given up', async () => {
    const bench = new Bench();
    let stopped: unknown;
    const running = bench.run((_, { signal }) => {
      signal.addEventListener('abort', () => void (stopped = signal.reason));
      return new Promise(() => undefined);
    });
    await bench.clock.advance(1000);
    const result = await running;
    expect(JSON.parse(result.output)).toEqual({ error: 'it took longer than 1000 ms' });
    expect(stopped).toMatchObject({ code: 'tool_timeout' });
    expect(bench.collector.metrics.llmToolLatencyMs).toMatchObject({ count: 1, sum: 1000 });
  });

  test('one that is no longer wanted is told to stop and given up', async () => {
    const bench = new Bench();
    const reason = new Error('the user spoke');
    let stopped: unknown;
    const running = bench.run((_, { signal }) => {
      signal.addEventListener('abort', () => void (stopped = signal.reason));
      return new Promise(() => undefined);
    });
    await bench.clock.advance(100);
    bench.controller.abort(reason);
    await expect(running).resolves.toMatchObject({ success: false });
    expect(stopped).toBe(reason);
    expect(bench.clock.pendingTimers).toBe(0);
  });

  test('one that was not wanted any more before it began is not begun', async () => {
    const bench = new Bench();
    bench.controller.abort(new Error('the user spoke'));
    let isRun = false;
    const result = await bench.run(() => (isRun = true));
    expect(result.success).toBe(false);
    expect(isRun).toBe(false);
  });
});
