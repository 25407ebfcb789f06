import {
  startSandbox,
  type GeminiFault,
  type Sandbox,
  type SandboxOptions,
} from '@vision-agents/sandbox';
import { afterEach, describe, expect, test } from 'vitest';

import { piecesOf } from '../pieces-of.ts';

const fast: SandboxOptions = { delays: { firstTokenMs: 5, completeMs: 20 } };
const tools = [
  {
    functionDeclarations: [{ name: 'get_weather', parameters: { properties: { city: {} } } }],
  },
];

interface Part {
  text?: string;
  functionCall?: { id: string; name: string; args: unknown };
  thoughtSignature?: string;
}
interface Chunk {
  candidates?: { content: { parts: Part[] }; finishReason?: string }[];
  usageMetadata?: Record<string, number>;
  promptFeedback?: unknown;
  error?: unknown;
}

let sandbox: Sandbox;
afterEach(() => sandbox.close());

function user(text: string): { role: string; parts: unknown[] } {
  return { role: 'user', parts: [{ text }] };
}

function post(contents: unknown[], more: object = {}, version = 'v1beta'): Promise<Response> {
  const url = `${sandbox.geminiUrl}/${version}/models/gemini-x:streamGenerateContent?alt=sse`;
  return fetch(url, {
    method: 'POST',
    headers: { 'x-goog-api-key': 'key' },
    body: JSON.stringify({ contents, ...more }),
  });
}

function isChunk(value: unknown): value is Chunk {
  return typeof value === 'object' && value !== null;
}

function parse(body: string): Chunk[] {
  return body
    .split(/\r?\n\r?\n/)
    .filter((event) => event !== '')
    .map((event) => {
      const chunk: unknown = JSON.parse(event.replace(/^data: /, ''));
      return isChunk(chunk) ? chunk : {};
    });
}

async function ask(contents: unknown[], more: object = {}, version?: string): Promise<Chunk[]> {
  return parse(await (await post(contents, more, version)).text());
}

function partsOf(chunks: Chunk[]): Part[] {
  return chunks.flatMap((chunk) => chunk.candidates?.[0]?.content.parts ?? []);
}

function textOf(chunks: Chunk[]): string {
  return partsOf(chunks)
    .map(({ text }) => text ?? '')
    .join('');
}

async function call(): Promise<Part> {
  sandbox = await startSandbox(fast);
  const chunks = await ask([user("What's the weather in New York?")], { tools });
  const part = partsOf(chunks).find(({ functionCall }) => functionCall !== undefined);
  expect(part?.functionCall).toMatchObject({ name: 'get_weather', args: { city: 'New York' } });
  return part ?? {};
}

function history(part: Part): unknown[] {
  const { id, name } = part.functionCall ?? {};
  const response = { output: { temperature: 21, sky: 'clear' } };
  return [
    user("What's the weather in New York?"),
    { role: 'model', parts: [part] },
    { role: 'user', parts: [{ functionResponse: { id, name, response } }] },
  ];
}

async function start(fault: GeminiFault): Promise<void> {
  sandbox = await startSandbox(fast);
  sandbox.inject({ provider: 'gemini', fault, times: 1 });
}

describe('an answer', () => {
  test.each(['v1', 'v1beta', 'v1alpha'])('comes from %s, in chunks', async (version) => {
    sandbox = await startSandbox(fast);
    const chunks = await ask([user('Tell me more!')], {}, version);
    expect(textOf(chunks)).toBe('You said: Tell me more. What else can I do for you?');
    expect(chunks.length).toBeGreaterThan(3);
    expect(chunks.map((chunk) => chunk.candidates?.[0]?.finishReason)).toEqual([
      ...chunks.slice(1).map(() => undefined),
      'STOP',
    ]);
  });

  test('is a greeting where there is nothing to answer', async () => {
    sandbox = await startSandbox(fast);
    expect(textOf(await ask([user('')]))).toBe('Hello! How can I help you today?');
    expect(textOf(await ask([user('Greet the caller.')]))).toBe('Hello! How can I help you today?');
  });

  test('is long where a story or numbers are wanted, and the same each time', async () => {
    sandbox = await startSandbox(fast);
    const story = textOf(await ask([user('tell me a story.')]));
    expect(story.match(/\./g)?.length).toBeGreaterThan(5);
    expect(textOf(await ask([user('Another story, please!')]))).toBe(story);
    expect(textOf(await ask([user('count to twenty.')]))).toMatch(/^One, .* twenty\.$/);
  });

  test('takes longer where it has to think, and says so in the truth', async () => {
    sandbox = await startSandbox(fast);
    const startedAt = performance.now();
    await ask([user('think about the sea')]);
    expect(performance.now() - startedAt).toBeGreaterThan(1500);
    const { latencies } = sandbox.truth();
    expect(latencies['llm.time_to_first_token.ms']).toEqual({ count: 1, meanMs: 1505 });
    expect(latencies['llm.latency.ms']).toEqual({ count: 1, meanMs: 1520 });
  });

  test('survives being cut inside of characters', async () => {
    sandbox = await startSandbox(fast);
    const text = '你好世界。😀 नमस्ते '.repeat(5).trim();
    const response = await post([user(text)]);
    let pieces = 0;
    const decoder = new TextDecoder();
    let body = '';
    for await (const piece of piecesOf(response)) {
      pieces += 1;
      body += decoder.decode(piece, { stream: true });
    }
    expect(textOf(parse(body))).toContain(text);
    expect(pieces).toBeGreaterThan(parse(body).length);
  });

  test('starts and ends no earlier than configured, with the headers sent before', async () => {
    sandbox = await startSandbox({ delays: { firstTokenMs: 150, completeMs: 250 } });
    const startedAt = performance.now();
    const response = await post([user('Hi there')]);
    const headersMs = performance.now() - startedAt;
    const reader = response.body?.getReader();
    await reader?.read();
    const firstMs = performance.now() - startedAt;
    while ((await reader?.read())?.done === false);
    expect(firstMs).toBeGreaterThanOrEqual(150);
    expect(headersMs).toBeLessThan(firstMs);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(250);
  });

  test('can be scripted', async () => {
    sandbox = await startSandbox({
      ...fast,
      reply: ({ contents }) =>
        contents.length === 1
          ? { text: 'Scripted.', toolCalls: [{ name: 'x', args: {} }] }
          : undefined,
    });
    const parts = partsOf(await ask([user('Hi')]));
    expect(parts.map(({ text, functionCall }) => text ?? functionCall?.name)).toEqual([
      'Scripted.',
      'x',
      '',
    ]);
  });
});

describe('a tool', () => {
  test('is called, and its answer told', async () => {
    const part = await call();
    expect(textOf(await ask(history(part), { tools }))).toBe(
      'Here is the answer for New York: temperature 21, sky clear.',
    );
    await ask(history(part), { tools });
    expect(sandbox.truth().counts['llm.tool_calls']).toBe(1);
  });

  test('is refused when the call does not come back as it was', async () => {
    const part = await call();
    const { thoughtSignature: _, ...bare } = part;
    expect((await post(history(bare), { tools })).status).toBe(400);
    expect((await post(history(part).slice(0, 2), { tools })).status).toBe(400);
    expect(sandbox.truth().problems).toHaveLength(2);
  });
});

test('the truth is what a raw client counted', async () => {
  sandbox = await startSandbox(fast);
  const last: Record<string, number>[] = [];
  for (const contents of [[user('One')], [user('One'), user('Two')]]) {
    const usages = (await ask(contents)).map((chunk) => chunk.usageMetadata ?? {});
    const totals = usages.map((usage) => usage['candidatesTokenCount'] ?? 0);
    expect(totals).toEqual(totals.toSorted((a, b) => a - b));
    last.push(usages.at(-1) ?? {});
  }
  const sum = (name: string): number => last.reduce((all, usage) => all + (usage[name] ?? 0), 0);
  const { counts, latencies, problems } = sandbox.truth();
  expect(counts).toMatchObject({
    'llm.requests': 2,
    'llm.errors': 0,
    'llm.tokens.input': sum('promptTokenCount'),
    'llm.tokens.input.cached': sum('cachedContentTokenCount'),
    'llm.tokens.output': sum('candidatesTokenCount') + sum('thoughtsTokenCount'),
    'llm.tokens.output.reasoning': sum('thoughtsTokenCount'),
  });
  expect(sum('cachedContentTokenCount')).toBeGreaterThan(0);
  expect(latencies['llm.time_to_first_token.ms']).toEqual({ count: 2, meanMs: 5 });
  expect(latencies['llm.latency.ms']).toEqual({ count: 2, meanMs: 20 });
  expect(problems).toEqual([]);
});

describe('faults', () => {
  test.each([400, 401, 403, 429, 500, 503] as const)('status-%i', async (status) => {
    await start(`status-${status}`);
    const response = await post([user('Hi')]);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code: status } });
    expect((await post([user('Hi again')])).status).toBe(200);
    expect(sandbox.truth().counts).toMatchObject({ 'llm.errors': 1, 'llm.requests': 2 });
  });

  test('error-event comes after the first text', async () => {
    await start('error-event');
    const chunks = await ask([user('Tell me')]);
    expect(chunks).toMatchObject([{ candidates: [{}] }, { error: { code: 503 } }]);
  });

  test('malformed-json', async () => {
    await start('malformed-json');
    await expect(ask([user('Tell me')])).rejects.toThrow('JSON');
  });

  test('reset', async () => {
    await start('reset');
    await expect(ask([user('Tell me')])).rejects.toThrow('terminated');
  });

  test('eof ends without a finishReason', async () => {
    await start('eof');
    const chunks = await ask([user('Tell me')]);
    expect(chunks).toHaveLength(1);
    expect(chunks[0]?.candidates?.[0]?.finishReason).toBeUndefined();
    expect(sandbox.truth().latencies['llm.latency.ms']?.count).toBe(0);
  });

  test('empty', async () => {
    await start('empty');
    expect(await (await post([user('Tell me')])).text()).toBe('');
  });

  test('safety', async () => {
    await start('safety');
    expect(await ask([user('Tell me')])).toEqual([{ promptFeedback: { blockReason: 'SAFETY' } }]);
  });

  test.each([
    ['stall-before-first', 0],
    ['stall', 1],
  ] as const)('%s: headers come, then %i chunks, then nothing', async (fault, chunks) => {
    await start(fault);
    const abort = AbortSignal.timeout(1000);
    const url = `${sandbox.geminiUrl}/v1/models/m:streamGenerateContent?alt=sse`;
    const response = await fetch(url, {
      method: 'POST',
      signal: abort,
      headers: { 'x-goog-api-key': 'key' },
      body: JSON.stringify({ contents: [user('Tell me')] }),
    });
    let body = '';
    const read = async (): Promise<void> => {
      for await (const piece of piecesOf(response)) {
        body += Buffer.from(piece).toString();
      }
    };
    await expect(read()).rejects.toThrow('timeout');
    expect(parse(body)).toHaveLength(chunks);
    expect(sandbox.truth().counts['llm.errors']).toBe(1);
  });

  test('a hidden retry is noticed, by its body and by its header', async () => {
    await start('status-503');
    await post([user('Hi')]);
    await post([user('Hi')]);
    await fetch(`${sandbox.geminiUrl}/v1/models/m:streamGenerateContent?alt=sse`, {
      method: 'POST',
      headers: { 'x-goog-api-key': 'key', 'x-stainless-retry-count': '1' },
      body: JSON.stringify({ contents: [user('Hello')] }),
    });
    expect(sandbox.truth().problems).toEqual([
      'gemini: a failed request was repeated',
      'gemini: a retry header was sent',
    ]);
  });

  test('no key', async () => {
    sandbox = await startSandbox();
    const url = `${sandbox.geminiUrl}/v1/models/m:streamGenerateContent?alt=sse`;
    expect((await fetch(url, { method: 'POST', body: '{"contents":[{}]}' })).status).toBe(403);
  });
});
