import { startSandbox } from '@vision-agents/sandbox';
import { expect, test } from 'vitest';

test('the switches can be thrown, and the truth be read, over HTTP', async () => {
  await using sandbox = await startSandbox();
  const control = `${sandbox.url}/control`;
  const post = async (path: string, body: unknown, method = 'POST'): Promise<number> =>
    (await fetch(`${control}${path}`, { method, body: JSON.stringify(body) })).status;
  const ask = async (text: string): Promise<number> => {
    const url = `${sandbox.geminiUrl}/v1/models/m:streamGenerateContent?alt=sse`;
    const body = JSON.stringify({ contents: [{ parts: [{ text }] }] });
    const response = await fetch(url, { method: 'POST', headers: { 'x-goog-api-key': 'k' }, body });
    await response.text();
    return response.status;
  };

  expect(await post('/faults', { provider: 'gemini', fault: 'status-429' })).toBe(200);
  expect(await ask('one')).toBe(429);
  expect(await post('/faults', {}, 'DELETE')).toBe(200);
  expect(await post('/delays', { firstTokenMs: [1, 2], completeMs: 3 })).toBe(200);
  expect(await ask('two')).toBe(200);
  const truth: unknown = await (await fetch(`${control}/truth`)).json();
  expect(truth).toEqual(sandbox.truth());
  expect(sandbox.truth().latencies['llm.latency.ms']).toEqual({ count: 1, meanMs: 3 });

  expect(await post('/faults', { provider: 'gemini', fault: 'no such' })).toBe(400);
  expect(await post('/delays', { completeMs: 'soon' })).toBe(400);
  expect(await post('/other', {})).toBe(400);
});

test('the same seed gives the same delays', async () => {
  const means: (number | undefined)[] = [];
  for (const seed of [7, 7, 8]) {
    await using sandbox = await startSandbox({
      seed,
      delays: { firstTokenMs: [1, 9], completeMs: [10, 40] },
    });
    const url = `${sandbox.geminiUrl}/v1/models/m:streamGenerateContent?alt=sse`;
    const body = JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] });
    await (await fetch(url, { method: 'POST', headers: { 'x-goog-api-key': 'k' }, body })).text();
    means.push(sandbox.truth().latencies['llm.latency.ms']?.meanMs);
  }
  expect(means[0]).toBe(means[1]);
  expect(means[0]).not.toBe(means[2]);
});
