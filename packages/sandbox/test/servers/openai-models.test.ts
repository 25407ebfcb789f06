import { Agent, request as httpRequest } from 'node:http';

import { startSandbox, type OpenAIFault, type Sandbox } from '@vision-agents/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { piecesOf } from '../pieces-of.ts';
import {
  ask,
  fieldOf,
  parse,
  post,
  request,
  textOf,
  user,
  type Endpoint,
} from './openai-requests.ts';

let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await startSandbox({
    delays: { firstTokenMs: 5, completeMs: 20, firstAudioMs: 5, lastAudioMs: 20 },
  });
});

afterEach(() => sandbox.close());

describe.each<Endpoint>(['responses', 'chat/completions'])('%s', (endpoint) => {
  test('answers in pieces, the last of which tells the usage', async () => {
    const events = await ask(sandbox, endpoint, [user('Tell me more!')]);
    expect(textOf(events)).toBe('You said: Tell me more. What else can I do for you?');
    const usage = fieldOf(events.at(-1), 'response', 'usage') ?? fieldOf(events.at(-1), 'usage');
    const { counts, latencies, outcomes, problems } = sandbox.truth();
    expect([
      fieldOf(usage, 'input_tokens') ?? fieldOf(usage, 'prompt_tokens'),
      fieldOf(usage, 'output_tokens') ?? fieldOf(usage, 'completion_tokens'),
    ]).toEqual([counts['llm.tokens.input'], counts['llm.tokens.output']]);
    expect(counts['llm.tokens.output']).toBeGreaterThan(0);
    expect(latencies['llm.time_to_first_token.ms']).toEqual({ count: 1, meanMs: 5 });
    expect(latencies['llm.latency.ms']).toEqual({ count: 1, meanMs: 20 });
    expect(outcomes['llm.requests']).toEqual({ completed: 1, aborted: 0, failed: 0 });
    expect(problems).toEqual([]);
  });

  test('starts and ends no earlier than configured, with the headers sent before', async () => {
    sandbox.configure({ firstTokenMs: 150, completeMs: 250 });
    const startedAt = performance.now();
    const response = await post(sandbox, endpoint, request(endpoint, [user('Hi there')]));
    const headersMs = performance.now() - startedAt;
    let firstMs: number | undefined;
    let body = '';
    for await (const piece of piecesOf(response)) {
      body += Buffer.from(piece).toString();
      if (body.includes('Hello')) firstMs ??= performance.now() - startedAt;
    }
    expect(firstMs).toBeGreaterThanOrEqual(149);
    expect(headersMs).toBeLessThan(firstMs ?? 0);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(249);
  });

  test('caches part of what follows a first message', async () => {
    await ask(sandbox, endpoint, [user('Hi')]);
    expect(sandbox.truth().counts['llm.tokens.input.cached']).toBe(0);
    await ask(sandbox, endpoint, [
      user('Hi'),
      { role: 'assistant', content: 'Hello!' },
      user('More'),
    ]);
    expect(sandbox.truth().counts['llm.tokens.input.cached']).toBeGreaterThan(0);
  });

  test('wants a key, and a request that is one', async () => {
    const asked = request(endpoint, [user('Hi')]);
    expect((await post(sandbox, endpoint, asked, { authorization: '' })).status).toBe(401);
    expect((await post(sandbox, endpoint, request(endpoint, []))).status).toBe(400);
    expect((await post(sandbox, endpoint, { ...asked, stream: false })).status).toBe(400);
    const { counts, problems } = sandbox.truth();
    expect(problems).toHaveLength(3);
    expect(counts).toMatchObject({ 'llm.requests': 3, 'llm.errors': 3 });
  });

  test('counts what was cut off: no tokens, since none were told', async () => {
    sandbox.configure({ completeMs: 5000 });
    const abort = new AbortController();
    const response = await fetch(`${sandbox.openaiUrl}/${endpoint}`, {
      method: 'POST',
      signal: abort.signal,
      headers: { authorization: 'Bearer key' },
      body: JSON.stringify(request(endpoint, [user('Tell me more')])),
    });
    await response.body?.getReader().read();
    abort.abort();
    await expect.poll(() => sandbox.truth().outcomes['llm.requests'].aborted).toBe(1);
    expect(sandbox.truth().counts).toMatchObject({ 'llm.tokens.output': 0, 'llm.errors': 0 });
  });

  test('is not taken for read to its end by a client that leaves with it', async () => {
    const asking = httpRequest(`${sandbox.openaiUrl}/${endpoint}`, {
      method: 'POST',
      headers: { authorization: 'Bearer key' },
      agent: new Agent({ keepAlive: true }),
    });
    asking.on('response', (response) => {
      let body = '';
      response.on('data', (bytes: Buffer) => {
        body += bytes.toString();
        if (/response\.completed|finish_reason":"stop/.test(body)) response.socket.destroy();
      });
    });
    asking.on('error', () => undefined);
    asking.end(JSON.stringify(request(endpoint, [user('Hm?')])));
    await expect.poll(() => sandbox.truth().outcomes['llm.requests'].aborted).toBe(1);
    const { counts, inFlight, outcomes } = sandbox.truth();
    expect(outcomes['llm.requests']).toEqual({ completed: 0, aborted: 1, failed: 0 });
    expect(inFlight['llm.tokens.output']).toBe(counts['llm.tokens.output']);
  });

  test.each([
    ['status-400', 400],
    ['status-401', 401],
    ['status-403', 403],
    ['status-404', 404],
    ['status-429', 429],
    ['quota', 429],
    ['status-500', 500],
    ['status-503', 503],
  ] as const)('%s', async (fault, status) => {
    sandbox.inject({ provider: 'openai', fault, times: 1 });
    const response = await post(sandbox, endpoint, request(endpoint, [user('Hi')]));
    expect(response.status).toBe(status);
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
    const body: unknown = await response.json();
    expect(body).toMatchObject({ error: { param: null } });
    expect(fieldOf(body, 'error', 'message')).toMatch(/^[^.]+\. Key: Bearer key\. /);
    expect(fieldOf(body, 'error', 'code') === 'insufficient_quota').toBe(fault === 'quota');
    expect((await post(sandbox, endpoint, request(endpoint, [user('Hi again')]))).status).toBe(200);
    expect(sandbox.truth().counts).toMatchObject({ 'llm.errors': 1, 'llm.requests': 2 });
  });

  test.each<[OpenAIFault, RegExp]>([
    ['error-event', /"server_error"/],
    ['malformed-json', /"Hel$/],
    ['wrong-types', /:7[,}]/],
  ])('%s comes after the first words, and ends the answer', async (fault, last) => {
    sandbox.inject({ provider: 'openai', fault, times: 1 });
    const body = await (await post(sandbox, endpoint, request(endpoint, [user('Tell me')]))).text();
    expect(body).toContain('You said: Tell');
    expect(parse(body).at(-1)?.data).toMatch(last);
    const { counts, outcomes } = sandbox.truth();
    expect(counts['llm.errors']).toBe(1);
    expect(outcomes['llm.requests']).toEqual({ completed: 0, aborted: 0, failed: 1 });
  });

  test('reset breaks off', async () => {
    sandbox.inject({ provider: 'openai', fault: 'reset', times: 1 });
    const response = await post(sandbox, endpoint, request(endpoint, [user('Tell me')]));
    await expect(response.text()).rejects.toThrow('terminated');
    expect(sandbox.truth().counts['llm.errors']).toBe(1);
  });

  test.each(['eof', 'empty'] as const)('%s has no end', async (fault) => {
    sandbox.inject({ provider: 'openai', fault, times: 1 });
    const response = await post(sandbox, endpoint, request(endpoint, [user('Tell me')]));
    expect(await response.text()).not.toMatch(/completed|finish_reason":"/);
    expect(sandbox.truth().counts['llm.errors']).toBe(1);
  });

  test.each(['refusal', 'max-tokens', 'content-filter', 'unknown-type'] as const)(
    '%s is no error',
    async (fault) => {
      sandbox.inject({ provider: 'openai', fault, times: 1 });
      const body = await (
        await post(sandbox, endpoint, request(endpoint, [user('Tell me')]))
      ).text();
      const marks = {
        refusal: /"refusal":"I'm|response\.refusal\.delta/,
        'max-tokens': /"length"|max_output_tokens/,
        'content-filter': /content_filter/,
        'unknown-type': /novelty/,
      };
      expect(body).toMatch(marks[fault]);
      const { counts, outcomes } = sandbox.truth();
      expect(counts['llm.errors']).toBe(0);
      expect(outcomes['llm.requests'].completed).toBe(1);
    },
  );

  test('a hidden retry is noticed, by its body and by its header', async () => {
    sandbox.inject({ provider: 'openai', fault: 'status-503', times: 1 });
    const asked = request(endpoint, [user('Hi')]);
    await post(sandbox, endpoint, asked);
    await post(sandbox, endpoint, asked);
    await post(sandbox, endpoint, request(endpoint, [user('Hello')]), {
      'x-stainless-retry-count': '1',
    });
    expect(sandbox.truth().problems).toEqual([
      'openai: a failed request was repeated',
      'openai: a retry header was sent',
    ]);
  });
});

test('an endpoint that is not there', async () => {
  expect((await post(sandbox, 'models', {})).status).toBe(404);
});
