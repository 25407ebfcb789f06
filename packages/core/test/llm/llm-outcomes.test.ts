import { getEventListeners } from 'node:events';

import { describe, expect, test } from 'vitest';

import type { LLMEvent } from '../../src/index.ts';
import { InterruptedError, MetricsCollector, ProviderError } from '../../src/index.ts';
import { ManualClock, settled } from '../../src/testing/index.ts';
import { startTelemetry } from '../metrics/telemetry.ts';
import { END, REQUEST, SuppliedLLM, TEXT, usage } from './supplied-llm.ts';

/** One request against the real SDK, on a clock that the test turns. */
class Attempt {
  readonly clock = new ManualClock();
  readonly collector = new MetricsCollector();
  readonly controller = new AbortController();
  readonly telemetry = startTelemetry();
  readonly received: LLMEvent[] = [];
  readonly llm: SuppliedLLM;

  constructor(llm: SuppliedLLM = new SuppliedLLM()) {
    this.llm = llm;
  }

  get metrics(): MetricsCollector['metrics'] {
    return this.collector.metrics;
  }

  /** Reads the answer to its end; resolves to what was thrown, if anything was. */
  async read(): Promise<unknown> {
    const { clock, collector, controller } = this;
    const context = { clock, metrics: collector, signal: controller.signal };
    try {
      for await (const event of this.llm.respond(REQUEST, context)) this.received.push(event);
    } catch (error) {
      return error;
    }
    return undefined;
  }

  /** The requests counted, by outcome; the exporter and the call itself must agree. */
  async outcomes(): Promise<Record<string, unknown>> {
    const samples = await this.telemetry.samples('llm.requests', { provider: this.llm.provider });
    const total = samples.reduce((sum, { value }) => sum + Number(value), 0);
    if (total !== this.metrics.llmRequests.total) throw new Error('exporter and call disagree');
    return Object.fromEntries(
      samples.map(({ attributes, value }) => [String(attributes['outcome']), value]),
    );
  }
}

describe('a request', () => {
  test('that is answered is completed', async () => {
    const attempt = new Attempt();
    for (const event of [TEXT, usage(10, 2), END]) attempt.llm.events.push(event);
    expect(await attempt.read()).toBeUndefined();
    expect(attempt.received).toEqual([TEXT, usage(10, 2), END]);
    expect(await attempt.outcomes()).toEqual({ completed: 1 });
    expect(attempt.metrics.llmErrors.total).toBe(0);
  });

  test('has nothing after its end', async () => {
    const attempt = new Attempt();
    for (const event of [TEXT, END, TEXT]) attempt.llm.events.push(event);
    expect(await attempt.read()).toBeUndefined();
    expect(attempt.received).toEqual([TEXT, END]);
    expect(await attempt.outcomes()).toEqual({ completed: 1 });
  });

  test('that breaks off before its end is a truncated answer', async () => {
    const attempt = new Attempt();
    for (const event of [TEXT, usage(10, 2)]) attempt.llm.events.push(event);
    attempt.llm.events.end();
    expect(await attempt.read()).toMatchObject({
      name: 'ProviderError',
      type: 'protocol',
      providerCode: 'truncated',
    });
    expect(await attempt.outcomes()).toEqual({ error: 1 });
    const truncated = { error_type: 'protocol', error_code: 'truncated' };
    expect(await attempt.telemetry.value('llm.errors', truncated)).toBe(1);
    expect(attempt.metrics.llmLatencyMs.count).toBe(0);
    expect(attempt.metrics.llmInputTokens.total).toBe(10);
  });

  test('that the provider refuses throws the very error of the plugin', async () => {
    const attempt = new Attempt(new SuppliedLLM({ provider: 'refusing' }));
    const refusal = ProviderError.fromStatus('refusing', 429);
    attempt.llm.events.fail(refusal);
    expect(await attempt.read()).toBe(refusal);
    expect(await attempt.outcomes()).toEqual({ error: 1 });
    const labels = { provider: 'refusing', error_type: 'rate_limit', error_code: '429' };
    expect(await attempt.telemetry.value('llm.errors', labels)).toBe(1);
    expect(attempt.metrics.llmErrors.total).toBe(1);
    expect(attempt.metrics.llmTimeToFirstTokenMs.count).toBe(0);
  });

  test('that fails in a way nobody foresaw throws an unknown error with its cause', async () => {
    const attempt = new Attempt();
    const cause = new TypeError('the key sk-123 is not a function');
    attempt.llm.events.fail(cause);
    const error = await attempt.read();
    expect(error).toMatchObject({ name: 'ProviderError', type: 'unknown', cause });
    expect(String(error)).not.toContain('sk-123');
    expect(await attempt.outcomes()).toEqual({ error: 1 });
  });

  test('that fails in the network says so, by the code of the innermost cause', async () => {
    const attempt = new Attempt(new SuppliedLLM({ provider: 'offline' }));
    const socket = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    attempt.llm.events.fail(new TypeError('fetch failed', { cause: socket }));
    expect(await attempt.read()).toMatchObject({ type: 'network', providerCode: 'ECONNREFUSED' });
    const labels = { provider: 'offline', error_type: 'network', error_code: 'ECONNREFUSED' };
    expect(await attempt.telemetry.value('llm.errors', labels)).toBe(1);
  });

  test('that fails when it is started is an error like any other', async () => {
    const attempt = new Attempt(
      new SuppliedLLM({
        stream: () => {
          throw new RangeError('too many messages');
        },
      }),
    );
    expect(await attempt.read()).toMatchObject({ type: 'unknown' });
    expect(await attempt.outcomes()).toEqual({ error: 1 });
  });

  test.for([
    ['first', [], 700],
    ['next', [TEXT], 50],
  ] as const)(
    'that waits too long for its %s event times out',
    async ([awaited, events, limitMs]) => {
      const timeouts = { firstEventTimeoutMs: 700, stallTimeoutMs: 50 };
      const attempt = new Attempt(new SuppliedLLM({ timeouts }));
      for (const event of events) attempt.llm.events.push(event);
      const reading = attempt.read();
      await attempt.clock.advance(limitMs - 1);
      expect(attempt.metrics.llmRequests.total).toBe(0);
      await attempt.clock.advance(1);
      const error = await reading;
      expect(error).toMatchObject({ type: 'timeout', retryable: true });
      expect(String(error)).toContain(`no ${awaited} event within ${limitMs} ms`);
      expect(await attempt.outcomes()).toEqual({ error: 1 });
      expect(attempt.llm.signals[0]?.aborted).toBe(true);
      expect(attempt.clock.pendingTimers).toBe(0);
    },
  );

  test('waits ten seconds where nothing else is said', async () => {
    const attempt = new Attempt();
    const reading = attempt.read();
    await attempt.clock.advance(9999);
    expect(attempt.metrics.llmErrors.total).toBe(0);
    await attempt.clock.advance(1);
    expect(await reading).toMatchObject({ type: 'timeout' });
  });

  test.for([
    ['interrupted', new InterruptedError()],
    ['discarded', new InterruptedError('discarded')],
    ['interrupted', new Error('any other reason')],
  ] as const)(
    'that is aborted midway is %s and throws the reason (%s)',
    async ([outcome, reason]) => {
      const attempt = new Attempt();
      attempt.llm.events.push(TEXT);
      attempt.llm.events.push(usage(9, 1));
      const reading = attempt.read();
      await settled();
      attempt.controller.abort(reason);
      expect(await reading).toBe(reason);
      expect(await attempt.outcomes()).toEqual({ [outcome]: 1 });
      expect(attempt.metrics.llmErrors.total).toBe(0);
      expect(attempt.metrics.llmInputTokens.total).toBe(9);
      expect(attempt.metrics.llmLatencyMs.count).toBe(0);
      expect(attempt.llm.signals[0]?.reason).toBe(reason);
    },
  );

  test('that is aborted before it starts is none: the provider hears nothing of it', async () => {
    const attempt = new Attempt();
    const reason = new InterruptedError();
    attempt.controller.abort(reason);
    expect(await attempt.read()).toBe(reason);
    expect(await attempt.outcomes()).toEqual({});
    expect(attempt.llm.signals).toEqual([]);
  });

  test('that is aborted while the provider fails is interrupted, not an error', async () => {
    const attempt = new Attempt();
    const reading = attempt.read();
    await settled();
    const reason = new InterruptedError();
    attempt.llm.events.fail(new Error('the socket was closed'));
    attempt.controller.abort(reason);
    expect(await reading).toBe(reason);
    expect(await attempt.outcomes()).toEqual({ interrupted: 1 });
    expect(attempt.metrics.llmErrors.total).toBe(0);
  });

  test('that was answered stays completed though the call is aborted then', async () => {
    const attempt = new Attempt();
    for (const event of [TEXT, END]) attempt.llm.events.push(event);
    const { clock, collector, controller } = attempt;
    const context = { clock, metrics: collector, signal: controller.signal };
    for await (const event of attempt.llm.respond(REQUEST, context)) {
      if (event.type === 'end') controller.abort(new InterruptedError());
    }
    expect(await attempt.outcomes()).toEqual({ completed: 1 });
    expect(attempt.metrics.llmLatencyMs.count).toBe(1);
  });

  test('whose reader breaks off is interrupted, and the provider is told', async () => {
    const attempt = new Attempt();
    attempt.llm.events.push(TEXT);
    const { clock, collector } = attempt;
    for await (const _ of attempt.llm.respond(REQUEST, { clock, metrics: collector })) break;
    expect(await attempt.outcomes()).toEqual({ interrupted: 1 });
    expect(attempt.llm.signals[0]?.aborted).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  test('whose reader breaks off at the end is completed', async () => {
    const attempt = new Attempt();
    attempt.llm.events.push(END);
    const { clock, collector } = attempt;
    for await (const _ of attempt.llm.respond(REQUEST, { clock, metrics: collector })) break;
    expect(await attempt.outcomes()).toEqual({ completed: 1 });
  });

  test('whose source ignores its signal and hangs ends all the same', async () => {
    let returned = false;
    const hanging: AsyncIterable<LLMEvent> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => undefined),
        return: () => {
          returned = true;
          return new Promise(() => undefined);
        },
      }),
    };
    const attempt = new Attempt(new SuppliedLLM({ stream: () => hanging }));
    const reading = attempt.read();
    await settled();
    attempt.controller.abort(new InterruptedError());
    expect(await reading).toBeInstanceOf(InterruptedError);
    expect(returned).toBe(true);
    expect(await attempt.outcomes()).toEqual({ interrupted: 1 });
  });

  test('leaves nothing on a signal that lives as long as the call', async () => {
    const attempt = new Attempt(
      new SuppliedLLM({
        stream: async function* () {
          yield TEXT;
          yield END;
        },
      }),
    );
    for (let round = 0; round < 30; round++) await attempt.read();
    expect(await attempt.outcomes()).toEqual({ completed: 30 });
    expect(getEventListeners(attempt.controller.signal, 'abort')).toEqual([]);
    expect(attempt.clock.pendingTimers).toBe(0);
  });
});
