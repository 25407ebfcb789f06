import { describe, expect, test } from 'vitest';

import type { LLMEvent, LLMRequest, ToolCall } from '../../src/index.ts';
import { FallbackLLM, MetricsCollector, ProviderError } from '../../src/index.ts';
import { ManualClock, RecordingLogger } from '../../src/testing/index.ts';
import { startTelemetry } from '../metrics/telemetry.ts';
import { VendorLLM } from './vendors.ts';

const REQUEST: LLMRequest = { instructions: '', messages: [{ role: 'user', text: 'Who is it?' }] };

function setUp() {
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const metrics = new MetricsCollector();
  const ask = async (llm: FallbackLLM, request = REQUEST, signal?: AbortSignal) => {
    const events: LLMEvent[] = [];
    const context = { clock, logger, metrics, signal };
    for await (const event of llm.respond(request, context)) events.push(event);
    return events.flatMap((event) => (event.type === 'text' ? [event.text] : [])).join('');
  };
  return { clock, logger, metrics, ask };
}

describe('models as one', () => {
  test('have the preferred one answer as long as it does', async () => {
    const { ask, logger } = setUp();
    const second = new VendorLLM('b', ['works']);
    const llm = new FallbackLLM([new VendorLLM('a', ['works']), second]);
    expect([llm.provider, llm.model]).toEqual(['a', 'model']);
    expect(await ask(llm)).toBe('I am a.');
    expect(second.requests).toEqual([]);
    expect(logger.entries).toEqual([]);
  });

  test('hand a request that is refused on to the next, and each counts its own', async () => {
    const telemetry = startTelemetry();
    const { ask, logger } = setUp();
    const llm = new FallbackLLM([new VendorLLM('a', ['refuses']), new VendorLLM('b', ['works'])]);
    expect(await ask(llm)).toBe('I am b.');
    const requests = (provider: string, outcome: string) =>
      telemetry.value('llm.requests', { provider, outcome });
    expect(await requests('a', 'error')).toBe(1);
    expect(await requests('b', 'completed')).toBe(1);
    expect(await telemetry.value('llm.errors', { provider: 'a', error_code: '503' })).toBe(1);
    expect(await telemetry.value('llm.tokens.input', { provider: 'b' })).toBe(10);
    expect(logger.entries).toMatchObject([
      { level: 'warn', fields: { provider: 'a', error_type: 'unavailable' } },
    ]);
  });

  test('hand a request on that is not answered in time', async () => {
    const { ask, clock } = setUp();
    const llm = new FallbackLLM([new VendorLLM('a', ['hangs']), new VendorLLM('b', ['works'])]);
    const answer = ask(llm);
    await clock.advance(1000);
    expect(await answer).toBe('I am b.');
  });

  test('do not begin anew what was half said', async () => {
    const { ask } = setUp();
    const second = new VendorLLM('b', ['works']);
    const llm = new FallbackLLM([new VendorLLM('a', ['breaks']), second]);
    await expect(ask(llm)).rejects.toMatchObject({ provider: 'a' });
    expect(second.requests).toEqual([]);
  });

  test('fail with the last one when all do', async () => {
    const { ask } = setUp();
    const llm = new FallbackLLM([new VendorLLM('a', ['refuses']), new VendorLLM('b', ['refuses'])]);
    await expect(ask(llm)).rejects.toThrow(ProviderError);
    await expect(ask(llm)).rejects.toMatchObject({ provider: 'b' });
  });

  test('leave one alone that failed three times, and come back to it when it is well', async () => {
    const { ask, clock } = setUp();
    const first = new VendorLLM('a', ['refuses', 'refuses', 'refuses', 'works']);
    const llm = new FallbackLLM([first, new VendorLLM('b', ['works'])]);
    for (let count = 0; count < 5; count++) expect(await ask(llm)).toBe('I am b.');
    expect(first.requests).toHaveLength(3);
    await clock.advance(30_000);
    expect(await ask(llm)).toBe('I am a.');
  });

  test('try those that are left alone when no other is there', async () => {
    const { ask } = setUp();
    const first = new VendorLLM('a', ['refuses', 'works']);
    const llm = new FallbackLLM([first, new VendorLLM('b', ['refuses'])], { failureLimit: 1 });
    await expect(ask(llm)).rejects.toMatchObject({ provider: 'b' });
    expect(await ask(llm)).toBe('I am a.');
  });

  test('stop with the caller', async () => {
    const { ask, clock } = setUp();
    const controller = new AbortController();
    const second = new VendorLLM('b', ['works']);
    const llm = new FallbackLLM([new VendorLLM('a', ['hangs']), second]);
    const answer = ask(llm, REQUEST, controller.signal);
    const reason = new Error('hung up');
    await clock.advance(10);
    controller.abort(reason);
    await expect(answer).rejects.toBe(reason);
    expect(second.requests).toEqual([]);
  });
});

test('what a model must get back with a call reaches that model and no other', async () => {
  const { clock, logger } = setUp();
  const call: ToolCall = {
    id: '1',
    name: 'look',
    arguments: {},
    providerData: { thought: 'secret' },
  };
  const first = new VendorLLM('a', ['works', 'works', 'refuses'], [{ type: 'tool-call', call }]);
  const second = new VendorLLM('b', ['works']);
  const llm = new FallbackLLM([first, second]);
  const calls: ToolCall[] = [];
  for await (const event of llm.respond(REQUEST, { clock, logger })) {
    if (event.type === 'tool-call') calls.push(event.call);
  }
  const messages: LLMRequest['messages'] = [
    ...REQUEST.messages,
    { role: 'assistant', text: '', toolCalls: calls, interrupted: false },
    { role: 'tool', results: [{ callId: '1', name: 'look', output: 'x', success: true }] },
  ];
  const request = { ...REQUEST, messages };
  for (let count = 0; count < 2; count++) {
    for await (const _ of llm.respond(request, { clock, logger }));
  }
  expect(first.requests[1]?.messages[1]).toMatchObject({ toolCalls: [call] });
  const { providerData: _, ...bare } = call;
  expect(second.requests[0]?.messages[1]).toEqual({
    role: 'assistant',
    text: '',
    toolCalls: [bare],
    interrupted: false,
  });
});

test.each([
  [[], {}],
  [[new VendorLLM('a', ['works'])], {}],
  [[new VendorLLM('a', ['works']), new VendorLLM('b', ['works'])], { failureLimit: 0 }],
  [[new VendorLLM('a', ['works']), new VendorLLM('b', ['works'])], { retryAfterMs: -1 }],
])('bad options are refused: %#', (models, options) => {
  expect(() => new FallbackLLM(models, options)).toThrow(
    expect.objectContaining({ code: 'configuration' }),
  );
});
