import { getEventListeners } from 'node:events';

import { InterruptedError, MetricsCollector } from '@vision-agents/core';
import { expect, test, vi } from 'vitest';

import { LLM } from '../src/index.ts';
import { ask, collect, failure, said } from './collect.ts';
import type { Exchange } from './scripted-server.ts';
import { events, lastChunk, startScriptedServer, textChunk } from './scripted-server.ts';

const halfAnswer = [
  { ...textChunk('Hel'), usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 1 } },
  { ...textChunk('lo'), usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 2 } },
];

function answerHalf({ response }: Exchange): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(events(...halfAnswer));
}

function answerFully({ response }: Exchange): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(events(...halfAnswer, lastChunk));
}

test('closes the request when it is aborted before the headers', async () => {
  await using server = await startScriptedServer(() => undefined);
  const llm = new LLM({ apiKey: 'k', baseUrl: server.url });
  const collector = new MetricsCollector();
  const call = new AbortController();
  const answer = collect(llm.respond(ask('Hi'), { metrics: collector, signal: call.signal }));
  const { closed } = await server.nextExchange();
  const reason = new InterruptedError();
  call.abort(reason);
  await expect(answer).rejects.toBe(reason);
  expect(await closed).toBe(false);
  const { llmRequests, llmErrors, llmInputTokens, llmLatencyMs } = collector.metrics;
  expect(llmRequests.total).toBe(1);
  expect(llmErrors.total).toBe(0);
  expect(llmInputTokens.total).toBe(0);
  expect(llmLatencyMs.count).toBe(0);
});

test('closes the request when it is aborted in mid-stream, and keeps the usage seen so far', async () => {
  await using server = await startScriptedServer(answerHalf);
  const llm = new LLM({ apiKey: 'k', baseUrl: server.url });
  const collector = new MetricsCollector();
  const call = new AbortController();
  let text = '';
  const reading = (async () => {
    for await (const event of llm.respond(ask('Hi'), {
      metrics: collector,
      signal: call.signal,
    })) {
      if (event.type === 'text') text += event.text;
      if (text === 'Hello') call.abort(new InterruptedError());
    }
  })();
  await expect(reading).rejects.toBeInstanceOf(InterruptedError);
  expect(await server.exchanges[0]?.closed).toBe(false);
  const { llmRequests, llmErrors, llmInputTokens, llmOutputTokens } = collector.metrics;
  expect(llmRequests.total).toBe(1);
  expect(llmErrors.total).toBe(0);
  expect(llmInputTokens.total).toBe(10);
  expect(llmOutputTokens.total).toBe(2);
});

test('closes the request when the loop is left', async () => {
  await using server = await startScriptedServer(answerHalf);
  const llm = new LLM({ apiKey: 'k', baseUrl: server.url });
  const collector = new MetricsCollector();
  for await (const event of llm.respond(ask('Hi'), { metrics: collector })) {
    if (event.type === 'text') break;
  }
  expect(await server.exchanges[0]?.closed).toBe(false);
  expect(collector.metrics.llmRequests.total).toBe(1);
  expect(collector.metrics.llmErrors.total).toBe(0);
  expect(collector.metrics.llmOutputTokens.total).toBe(1);
});

test('closes the request when the answer cannot be read', async () => {
  await using server = await startScriptedServer(({ response }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(events(textChunk(7)));
  });
  const llm = new LLM({ apiKey: 'k', baseUrl: server.url });
  expect(await failure(llm.respond(ask('Hi')))).toMatchObject({ type: 'protocol' });
  expect(await server.exchanges[0]?.closed).toBe(false);
});

test('leaves no listener on the signal of a call', async () => {
  let answer = answerFully;
  await using server = await startScriptedServer((exchange) => answer(exchange));
  const llm = new LLM({ apiKey: 'k', baseUrl: server.url });
  const { signal } = new AbortController();
  for (let turn = 0; turn < 5; turn += 1) await collect(llm.respond(ask('Hi'), { signal }));
  answer = answerHalf;
  for await (const event of llm.respond(ask('Hi'), { signal })) if (event.type === 'text') break;
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('uses a connection again for the next turn', async () => {
  await using server = await startScriptedServer(answerFully);
  const llm = new LLM({ apiKey: 'k', baseUrl: server.url });
  await vi.waitFor(async () => {
    const before = server.connections();
    await collect(llm.respond(ask('Hi')));
    await collect(llm.respond(ask('Hi')));
    expect(before).toBeGreaterThan(0);
    expect(server.connections()).toBe(before);
  });
});

test('ends an answer with its last event, and closes what the server leaves open', async () => {
  await using server = await startScriptedServer(({ response }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(events(...halfAnswer, lastChunk));
  });
  const llm = new LLM({ apiKey: 'k', baseUrl: server.url });
  const answer = await collect(llm.respond(ask('Hi')));
  expect(said(answer)).toBe('Hello');
  expect(answer.at(-1)).toEqual({ type: 'end', reason: 'stop' });
  expect(await server.exchanges[0]?.closed).toBe(false);
});

test('sends its requests through the `fetch` that it is given', async () => {
  await using server = await startScriptedServer(answerFully);
  const urls: string[] = [];
  const llm = new LLM({
    apiKey: 'k',
    baseUrl: server.url,
    fetch: (input, init) => {
      urls.push(input instanceof Request ? input.url : String(input));
      return fetch(input, init);
    },
  });
  expect(said(await collect(llm.respond(ask('Hi'))))).toBe('Hello');
  expect(urls).toHaveLength(1);
});
