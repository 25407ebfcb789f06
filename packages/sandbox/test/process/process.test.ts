import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { launchSandbox } from '@vision-agents/sandbox';
import { expect, test } from 'vitest';

import { chordMs, FakeEdge } from '../caller/fake-edge.ts';

async function ask(geminiUrl: string): Promise<number> {
  const response = await fetch(`${geminiUrl}/v1/models/m:streamGenerateContent?alt=sse`, {
    method: 'POST',
    headers: { 'x-goog-api-key': 'key' },
    body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] }),
  });
  await response.text();
  return response.status;
}

test('a sandbox in a process of its own does what one in this process does', async () => {
  await using sandbox = await launchSandbox({ delays: { firstTokenMs: 0, completeMs: 1 } });
  expect(sandbox.openaiUrl).toBe(`${sandbox.url}/openai/v1`);
  await sandbox.inject({ provider: 'gemini', fault: 'status-500' });
  expect(await ask(sandbox.geminiUrl)).toBe(500);
  await sandbox.clearFaults();
  await sandbox.configure({ completeMs: 2 });
  // Another time than the request before, so that it is not taken for a hidden retry.
  expect(await ask(`${sandbox.geminiUrl}/`)).toBe(200);
  const truth = await sandbox.truth();
  expect(truth.counts).toMatchObject({ 'llm.requests': 2, 'llm.errors': 1 });
  expect(truth.latencies['llm.latency.ms']).toEqual({ count: 1, meanMs: 2 });
});

test('it places calls, tells what happens, and hangs up when aborted', async () => {
  await using edge = await FakeEdge.start();
  await using sandbox = await launchSandbox({ chordMs });
  const events: string[] = [];
  const report = await sandbox.placeCall({
    url: edge.url,
    lines: ['Hi.'],
    onEvent: ({ type }) => events.push(type),
  });
  expect(report.turns).toMatchObject([{ said: 'Hi.', heard: 'I heard: Hi.' }]);
  expect(events.filter((type) => type !== 'caption')).toEqual([
    'connected',
    'greeting',
    'turn',
    'ended',
  ]);
  const abort = new AbortController();
  const cut = await sandbox.placeCall({
    url: edge.url,
    lines: ['A line that is too long.'],
    signal: abort.signal,
    onEvent: ({ type }) => {
      if (type === 'connected') abort.abort();
    },
  });
  expect(cut.problems).toContain('the call ended early: aborted');
});

test('close ends it, twice does no harm, and later commands fail', async () => {
  const sandbox = await launchSandbox();
  await sandbox.close();
  await sandbox.close();
  await expect(sandbox.truth()).rejects.toThrow('gone');
  await expect(fetch(sandbox.url)).rejects.toThrow('fetch failed');
});

test('an error in the process is told', async () => {
  await using sandbox = await launchSandbox();
  const port = Number(new URL(sandbox.url).port);
  await expect(launchSandbox({ port })).rejects.toThrow('EADDRINUSE');
});

test('it ends with its parent, however that ends', async () => {
  const parent = spawn(
    process.execPath,
    ['--conditions=@vision-agents/source', fileURLToPath(new URL('parent.ts', import.meta.url))],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const url = String(await once(parent.stdout, 'data')).trim();
  expect((await fetch(`${url}/control/truth`)).status).toBe(200);
  parent.kill('SIGKILL');
  await expect
    .poll(
      () =>
        fetch(url).then(
          () => 'there',
          () => 'gone',
        ),
      { timeout: 4000 },
    )
    .toBe('gone');
});
