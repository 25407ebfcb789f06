import { beforeEach, describe, expect, test, vi } from 'vitest';

import type { LLMEvent, LLMRequest } from '../../src/index.ts';
import { InterruptedError, LLM, ProviderError, tool } from '../../src/index.ts';
import { GEN_AI_METRICS } from '../../src/metrics/gen-ai-metrics.ts';
import { ManualClock, RecordingLogger } from '../../src/testing/index.ts';
import { runTool } from '../../src/tools/run-tool.ts';
import { CITY_INPUT } from '../fakes/city-input.ts';
import { startTelemetry } from './telemetry.ts';
import type { Telemetry } from './telemetry.ts';

const OPT_IN = 'OTEL_SEMCONV_STABILITY_OPT_IN';
const MODEL = { provider: 'gemini', model: 'gemini-2.5' };
const GEN_AI = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'gcp.gemini',
  'gen_ai.request.model': 'gemini-2.5',
};

/** A model that takes 300 ms to its first token, 1,200 ms in all, and then ends as it is told. */
class EndingLLM extends LLM {
  readonly provider = 'gemini';
  readonly model = 'gemini-2.5';
  readonly #clock: ManualClock;
  readonly #ending: () => void;

  constructor(clock: ManualClock, ending: () => void) {
    super();
    this.#clock = clock;
    this.#ending = ending;
  }

  protected async *stream(_request: LLMRequest, _signal: AbortSignal): AsyncIterable<LLMEvent> {
    await this.#clock.advance(300);
    yield { type: 'text', text: 'Hello.' };
    await this.#clock.advance(900);
    yield { type: 'usage', usage: { inputTokens: 100, outputTokens: 20, reasoningTokens: 5 } };
    this.#ending();
    yield { type: 'end', reason: 'stop' };
  }
}

async function request(ending: (controller: AbortController) => void): Promise<void> {
  const clock = new ManualClock();
  const controller = new AbortController();
  const llm = new EndingLLM(clock, () => ending(controller));
  const { signal } = controller;
  const asked = { instructions: '', messages: [{ role: 'user' as const, text: 'Hello?' }] };
  try {
    for await (const _ of llm.respond(asked, { clock, signal }));
  } catch {
    // How it ended is what the metrics are asked about.
  }
}

interface OutcomeCase {
  readonly ending: (controller: AbortController) => void;
  /** What two such requests add to `gen_ai.client.operation.duration`. */
  readonly durations: readonly object[];
  /** What they add to `llm.latency.ms`. */
  readonly latencySumMs: number;
}

const COMPLETED = { attributes: GEN_AI, value: { count: 2, sum: 2.4 } };
const FAILED = {
  attributes: { ...GEN_AI, 'error.type': 'unavailable' },
  value: { count: 2, sum: 2.4 },
};

const OUTCOMES: Readonly<Record<string, OutcomeCase>> = {
  completed: { ending: () => undefined, durations: [COMPLETED], latencySumMs: 2400 },
  interrupted: {
    ending: (controller) => controller.abort(new InterruptedError()),
    durations: [],
    latencySumMs: 0,
  },
  discarded: {
    ending: (controller) => controller.abort(new InterruptedError('discarded')),
    durations: [],
    latencySumMs: 0,
  },
  error: {
    ending: () => {
      throw ProviderError.fromStatus('gemini', 503);
    },
    durations: [FAILED],
    latencySumMs: 0,
  },
};

async function genAINames(telemetry: Telemetry): Promise<string[]> {
  return [...(await telemetry.collect()).keys()].filter((name) => name.startsWith('gen_ai.'));
}

describe('with the opt-in', () => {
  beforeEach(() => void vi.stubEnv(OPT_IN, 'http, gen_ai_latest_experimental'));

  test.for(Object.entries(OUTCOMES))(
    'a request that is %s has the figures of llm.* in seconds',
    async ([outcome, { ending, durations, latencySumMs }]) => {
      const telemetry = startTelemetry();
      await request(ending);
      await request(ending);
      expect(await telemetry.value('llm.requests', { ...MODEL, outcome })).toBe(2);
      expect((await telemetry.histogram('llm.latency.ms'))?.sum ?? 0).toBe(latencySumMs);
      const recorded = await telemetry.samples('gen_ai.client.operation.duration');
      expect(recorded).toMatchObject(durations);
      expect(recorded).toHaveLength(durations.length);

      const firstToken = await telemetry.histogram('llm.time_to_first_token.ms');
      const [first] = await telemetry.samples('gen_ai.client.operation.time_to_first_chunk');
      expect(firstToken).toMatchObject({ count: 2, sum: 600 });
      expect(first).toMatchObject({ attributes: GEN_AI, value: { count: 2, sum: 0.6 } });

      for (const type of ['input', 'output']) {
        const of = { ...GEN_AI, 'gen_ai.token.type': type };
        const used = await telemetry.histogram('gen_ai.client.token.usage', of);
        const sum = await telemetry.value(`llm.tokens.${type}`);
        expect(sum).toBeGreaterThan(0);
        expect(used).toMatchObject({ count: 2, sum });
      }
    },
  );

  test('a tool has the figures of its call, well done or not', async () => {
    const telemetry = startTelemetry();
    const clock = new ManualClock();
    const recorder = new EndingLLM(clock, () => undefined).recorder(undefined);
    const { signal } = new AbortController();
    const slow = async (): Promise<string> => {
      await clock.advance(250);
      return 'rain';
    };
    const tools = {
      weather: tool({ description: 'W', input: CITY_INPUT, execute: slow }),
    };
    const run = { tools, signal, clock, logger: new RecordingLogger(), recorder };
    await runTool({ id: '1', name: 'weather', arguments: { city: 'Paris' } }, run);
    await runTool({ id: '2', name: 'weather', arguments: {} }, run);
    const of = { 'gen_ai.tool.name': 'weather' };
    const samples = await telemetry.samples('gen_ai.execute_tool.duration', of);
    const attributes = { ...of, 'gen_ai.tool.type': 'function' };
    expect(samples).toMatchObject([
      { attributes, value: { count: 1, sum: 0.25 } },
      { attributes: { ...attributes, 'error.type': 'TypeError' }, value: { count: 1, sum: 0 } },
    ]);
    const success = await telemetry.histogram('llm.tool_latency.ms', { success: 'true' });
    expect(success).toMatchObject({ count: 1, sum: 250 });
  });

  test('the metrics belong to a meter of their own, with the boundaries of the conventions', async () => {
    const telemetry = startTelemetry();
    await request(() => undefined);
    const metrics = await telemetry.collect();
    const definitions = Object.values(GEN_AI_METRICS);
    for (const { name, unit, boundaries } of definitions.slice(0, 3)) {
      const metric = metrics.get(name);
      expect(metric?.descriptor).toMatchObject({ unit });
      const [point] = await telemetry.samples(name, {});
      expect(point?.value).toMatchObject({ buckets: { boundaries } });
    }
    expect(GEN_AI_METRICS.tokenUsage.boundaries.at(-1)).toBe(67_108_864);
    expect(GEN_AI_METRICS.operationDuration.boundaries.at(-1)).toBe(81.92);
    expect(await telemetry.scopesOf('gen_ai.')).toEqual(['vision_agents.gen_ai']);
    expect(await telemetry.scopesOf('llm.')).toEqual(['vision_agents']);
  });

  test('a provider that is set later is found', async () => {
    const before = startTelemetry();
    await request(() => undefined);
    const after = startTelemetry();
    await request(() => undefined);
    const name = 'gen_ai.client.operation.duration';
    for (const telemetry of [before, after]) {
      expect(await telemetry.histogram(name)).toMatchObject({ count: 1 });
    }
  });
});

test.each(['', 'http', 'gen_ai', 'gen_ai_latest_experimental_too'])(
  'with the opt-in "%s" there is none of them',
  async (value) => {
    vi.stubEnv(OPT_IN, value);
    const telemetry = startTelemetry();
    await request(() => undefined);
    expect(await genAINames(telemetry)).toEqual([]);
    expect(await telemetry.value('llm.requests', { outcome: 'completed' })).toBe(1);
  },
);
