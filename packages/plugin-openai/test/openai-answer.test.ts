import { getEventListeners } from 'node:events';

import { InterruptedError, MetricsCollector } from '@vision-agents/core';
import { beforeAll, describe, expect, test, vi } from 'vitest';

import { LLM } from '../src/index.ts';
import { ask, collect, failure, said } from './collect.ts';
import { MODELS } from './models.ts';
import type { Exchange } from './scripted-server.ts';
import {
  completed,
  delta,
  events,
  startScriptedServer,
  textDelta,
  usageChunk,
} from './scripted-server.ts';

// The SDK is slow to load; a test that times out for it would say nothing.
beforeAll(() => import('openai'), 60_000);

/** The same words on either API: a server that does not care which it is asked by. */
const halfAnswer = events(
  textDelta('Hel'),
  textDelta('lo'),
  delta({ content: 'Hel' }),
  delta({ content: 'lo' }),
);
const end = events(delta({}, 'stop'), usageChunk, completed);

function answerHalf({ response }: Exchange): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(halfAnswer);
}

function answerFully({ response }: Exchange): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(`${halfAnswer}${end}data: [DONE]\n\n`);
}

describe.each(MODELS)('%s', (_name, create) => {
  test('closes the request when it is aborted before the headers', async () => {
    await using server = await startScriptedServer(() => undefined);
    const llm = create({ baseUrl: server.url });
    const collector = new MetricsCollector();
    const call = new AbortController();
    const answer = collect(llm.respond(ask('Hi'), { metrics: collector, signal: call.signal }));
    const { closed } = await server.nextExchange();
    const reason = new InterruptedError();
    call.abort(reason);
    await expect(answer).rejects.toBe(reason);
    expect(await closed).toBe(false);
    expect(collector.metrics.llmRequests.total).toBe(1);
    expect(collector.metrics.llmErrors.total).toBe(0);
    expect(collector.metrics.llmLatencyMs.count).toBe(0);
  });

  test('closes the request when it is aborted in mid-stream', async () => {
    await using server = await startScriptedServer(answerHalf);
    const llm = create({ baseUrl: server.url });
    const collector = new MetricsCollector();
    const call = new AbortController();
    let text = '';
    const reading = (async () => {
      const context = { metrics: collector, signal: call.signal };
      for await (const event of llm.respond(ask('Hi'), context)) {
        if (event.type === 'text') text += event.text;
        if (text === 'Hello') call.abort(new InterruptedError());
      }
    })();
    await expect(reading).rejects.toBeInstanceOf(InterruptedError);
    expect(await server.exchanges[0]?.closed).toBe(false);
    expect(collector.metrics.llmRequests.total).toBe(1);
    expect(collector.metrics.llmErrors.total).toBe(0);
  });

  test('closes the request when the loop is left', async () => {
    await using server = await startScriptedServer(answerHalf);
    for await (const event of create({ baseUrl: server.url }).respond(ask('Hi'))) {
      if (event.type === 'text') break;
    }
    expect(await server.exchanges[0]?.closed).toBe(false);
  });

  test('closes the request when the answer cannot be read', async () => {
    await using server = await startScriptedServer(({ response }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(events(textDelta(7), delta({ content: 7 })));
    });
    const llm = create({ baseUrl: server.url });
    expect(await failure(llm.respond(ask('Hi')))).toMatchObject({ type: 'protocol' });
    expect(await server.exchanges[0]?.closed).toBe(false);
  });

  test('leaves no listener on the signal of a call', async () => {
    let answer = answerFully;
    await using server = await startScriptedServer((exchange) => answer(exchange));
    const llm = create({ baseUrl: server.url });
    const { signal } = new AbortController();
    for (let turn = 0; turn < 5; turn += 1) await collect(llm.respond(ask('Hi'), { signal }));
    answer = answerHalf;
    for await (const event of llm.respond(ask('Hi'), { signal })) if (event.type === 'text') break;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('uses a connection again for the next turn', async () => {
    await using server = await startScriptedServer(answerFully);
    const llm = create({ baseUrl: server.url });
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
      response.write(halfAnswer + end);
    });
    const answer = await collect(create({ baseUrl: server.url }).respond(ask('Hi')));
    expect(said(answer)).toBe('Hello');
    expect(answer.at(-1)).toEqual({ type: 'end', reason: 'stop' });
    expect(await server.exchanges[0]?.closed).toBe(false);
  });
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
  expect(urls).toEqual([`${server.url}/responses`]);
});
