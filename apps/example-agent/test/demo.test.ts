import { expect, it } from 'vitest';

import type { DemoResult } from '../src/demo/comparison.ts';
import { freePort } from '../src/demo/free-port.ts';
import { startProgram } from './program.ts';

const RUN_MS = 120_000;

it('prints one JSON object in which every count is what happened', async () => {
  await using demo = startProgram('demo', ['--once', '--calls', '2', '--turns', '3', '--json']);
  const { stdout, stderr, code } = await demo.ended;
  expect(stderr).not.toContain('PROBLEM');
  expect(stdout.trim().split('\n')).toHaveLength(1);
  const result = JSON.parse(stdout) as DemoResult;
  expect(result.problems).toEqual([]);
  expect(result).toMatchObject({ ok: true, calls: 2, turns: 6 });
  expect(code).toBe(0);

  for (const [metric, { measured, truth }] of Object.entries(result.counts)) {
    expect(measured, metric).toBe(truth);
  }
  expect(result.counts['agent.turns']).toEqual({ measured: 6, truth: 6 });
  // Two greetings, six turns, and a second request wherever the model used its tool.
  const requests = result.counts['llm.requests']?.truth ?? 0;
  expect(requests).toBe(8 + (result.counts['llm.tool_calls']?.truth ?? 0));
  expect(result.counts['llm.tool_calls']?.truth).toBeGreaterThan(0);
  expect(result.counts['tts.characters']?.truth).toBeGreaterThan(100);

  // A noisy machine makes the sandbox's own timers late, which no metric can know: the bound is the
  // promised one plus how late this process's timers are seen to be.
  for (const [metric, { meanMs, truthMeanMs }] of Object.entries(result.latencies)) {
    const tolerance = 5 + 0.05 * truthMeanMs + 10;
    expect(Math.abs(meanMs - truthMeanMs), metric).toBeLessThan(tolerance);
  }
}, RUN_MS);

it('goes on until Ctrl-C, which ends the calls and prints the comparison', async () => {
  const port = await freePort();
  const args = ['--calls', '1', '--turns', '1', '--metrics-port', String(port)];
  await using demo = startProgram('demo', args);
  await demo.waitFor(/call-1 {2}hung up/);
  const page = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(await page.text()).toContain('agent_turns_total');
  const [, pageUrl] = await demo.waitFor(/call-2: {2}(http\S+)/);
  expect((await fetch(pageUrl ?? '')).status).toBe(200);
  demo.signal('SIGINT');
  const { stdout, code } = await demo.ended;
  expect(stdout).toMatch(/agent\.sessions +2 +2 +equal/);
  expect(stdout).not.toContain('DIFFERENT');
  expect(code).not.toBeNull();
}, RUN_MS);

it('refuses what it does not know', async () => {
  await using demo = startProgram('demo', ['--calls', '0']);
  const { stdout, stderr, code } = await demo.ended;
  expect(stdout).toBe('');
  expect(stderr).toContain('--calls must be a whole number from 1 to 50');
  expect(stderr).toContain('--help');
  expect(code).toBe(2);
});
