import { expect, it } from 'vitest';

import { freePort } from '../src/free-port.ts';
import { demoResult } from './demo-result.ts';
import { measureLateness } from './lateness.ts';
import { startProgram } from './program.ts';

const RUN_MS = 120_000;

it(
  'prints one JSON object in which every count is what happened',
  async () => {
    // The agent cannot know how late the sandbox's own timers are on this machine at this time.
    using lateness = measureLateness();
    await using demo = startProgram('demo', ['--once', '--calls', '2', '--turns', '5', '--json']);
    const { stdout, code } = await demo.ended;
    expect(stdout.trim().split('\n')).toHaveLength(1);
    const result = demoResult.parse(JSON.parse(stdout));
    expect(result.problems).toEqual([]);
    expect(result).toMatchObject({ ok: true, calls: 2, turns: 10 });
    expect(code).toBe(0);

    const { counts } = result;
    const different = Object.entries(counts).filter(
      ([, { measured, truth }]) => measured !== truth,
    );
    expect(different).toEqual([]);
    const truths = Object.entries(counts).map(([name, { truth }]) => [name, truth]);
    // What the scripts of these two calls come to.
    expect(Object.fromEntries(truths)).toMatchObject({
      'agent.turns': 12,
      'agent.turns{outcome="completed"}': 7,
      'agent.turns{outcome="interrupted"}': 3,
      'agent.turns{outcome="no_response"}': 2,
      'agent.interruptions{phase="thinking"}': 1,
      'agent.interruptions{phase="speaking"}': 1,
      'agent.speculation{outcome="used"}': 10,
      'agent.speculation{outcome="discarded"}': 1,
      'agent.sessions{reason="hangup"}': 1,
      'agent.sessions{reason="closed"}': 1,
      'llm.tool_calls': 1,
      // Two greetings, ten turns, a discarded guess and what the tool returned.
      'llm.requests': 14,
      'llm.requests{outcome="completed"}': 12,
      'llm.requests{outcome="interrupted"}': 1,
      'llm.requests{outcome="discarded"}': 1,
    });
    expect(result.silence.interruptions).toBe(2);
    expect(result.silence.timeToSilenceMeanMs).toBeGreaterThan(100);
    expect(result.silence.interruptionLatencyMeanMs).toBeLessThan(20 + lateness.meanMs);
    expect(counts['tts.characters']?.truth).toBeGreaterThan(100);

    const wrong = Object.entries(result.latencies).filter(
      ([, { meanMs, truthMeanMs }]) =>
        Math.abs(meanMs - truthMeanMs) > 5 + 0.05 * truthMeanMs + 3 * lateness.meanMs,
    );
    expect(wrong).toEqual([]);
    expect(Object.keys(result.latencies)).toContain('agent.response.latency.ms');
  },
  RUN_MS,
);

it(
  'goes on until Ctrl-C, which ends the calls and prints the comparison',
  async () => {
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
    expect(code).toBe(0);
    expect(stdout).toMatch(/agent\.sessions +2 +2 +equal/);
    expect(stdout).not.toContain('DIFFERENT');
  },
  RUN_MS,
);

it('refuses what it does not know', async () => {
  await using demo = startProgram('demo', ['--calls', '0']);
  const { stdout, stderr, code } = await demo.ended;
  expect(stdout).toBe('');
  expect(stderr).toContain('--calls must be a whole number from 1 to 50');
  expect(stderr).toContain('--help');
  expect(code).toBe(2);
});
