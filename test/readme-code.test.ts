import { join } from 'node:path';

import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

import { CATALOGUE } from '../packages/core/src/index.ts';
import { placeCall, startSandbox } from '../packages/sandbox/src/index.ts';
import { run } from './child-process.ts';
import { freePort } from './free-port.ts';
import { prometheusName } from './prometheus-names.ts';
import { codeBlocks, extract, EXTRACTED, fileOf, removeExtracted } from './readme-code.ts';
import { PLUGINS, readText, ROOT } from './workspace.ts';

/** The port of the README's program, which may be taken on this machine. */
const METRICS_PORT = '9464';

const blocks = codeBlocks();
const program = blocks.find(({ document }) => document === 'README.md');

let port: number;

beforeAll(async () => {
  port = await freePort();
  await extract(
    blocks.map((block) =>
      block === program
        ? { ...block, code: block.code.replace(METRICS_PORT, String(port)) }
        : block,
    ),
  );
});

afterAll(removeExtracted);

test('the README and each package have code to show', () => {
  const documents = new Set(blocks.map(({ document }) => document));
  const plugins = PLUGINS.map(({ folder }) => `packages/${folder}/README.md`);
  expect([...documents]).toEqual(
    expect.arrayContaining(['README.md', 'packages/core/README.md', ...plugins]),
  );
});

test('all code in the documents passes a strict compiler', { timeout: 60_000 }, async () => {
  const compiler = join(ROOT, 'node_modules/.bin/tsc');
  const { stdout, exitCode } = await run(compiler, ['--project', EXTRACTED, '--pretty', 'false'], {
    cwd: EXTRACTED,
    timeoutMs: 50_000,
  });
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 0 });
});

test("the README's agent talks, and prints what really happened", { timeout: 90_000 }, async () => {
  if (program === undefined) throw new Error('the README has no program');
  const args = /^node agent\.ts (.+)$/m.exec(readText('README.md'))?.[1]?.split(' ') ?? [];
  const chordMs = 50;
  await using sandbox = await startSandbox({ chordMs });
  const page = Promise.withResolvers<URL>();
  const testOver = new AbortController();
  onTestFinished(() => testOver.abort());
  const running = run(
    process.execPath,
    ['--conditions=@vision-agents/source', join(EXTRACTED, fileOf(program)), ...args],
    {
      cwd: EXTRACTED,
      env: {
        PATH: process.env['PATH'],
        DEEPGRAM_API_KEY: 'any',
        DEEPGRAM_BASE_URL: sandbox.deepgramUrl,
        ELEVENLABS_API_KEY: 'any',
        ELEVENLABS_BASE_URL: sandbox.elevenlabsUrl,
        GOOGLE_API_KEY: 'any',
        GOOGLE_GEMINI_BASE_URL: sandbox.geminiUrl,
      },
      timeoutMs: 80_000,
      signal: testOver.signal,
      onLine: (line) => {
        const [, url] = /^Talk to the agent at (\S+)$/.exec(line) ?? [];
        if (url !== undefined) page.resolve(new URL(url));
      },
    },
  );
  void running.then(({ stderr }) => page.reject(new Error(`the program ended: ${stderr}`)));

  const address = await page.promise;
  let scrape: Promise<string> | undefined;
  const report = await placeCall({
    url: `ws://${address.host}/call${address.search}`,
    lines: ['Where is the sun', 'Thank you'],
    chordMs,
    onEvent: (event) => {
      if (event.type === 'turn') scrape ??= scrapeMetrics(port);
    },
  });
  const { stdout, stderr, exitCode } = await running;
  const truth = sandbox.truth();

  const complaints = stderr.split('\n').filter((line) => !/^$|"level":"info"/.test(line));
  expect({ complaints, exitCode }).toEqual({ complaints: [], exitCode: 0 });
  expect([...report.problems, ...truth.problems]).toEqual([]);
  expect(report.greeting).not.toBe('');
  expect(report.turns.map(({ heard }) => heard)).not.toContain('');
  const { counts, latencies } = truth;
  expect(counts['llm.requests']).toBe(3);
  expect(stdout.split('\n').slice(-4)).toEqual([
    expect.stringMatching(/^LLM latency: [\d.]+ ms avg$/),
    `Tokens: ${counts['llm.tokens.input']} in / ${counts['llm.tokens.output']} out`,
    `TTS characters: ${counts['tts.characters']}`,
    '',
  ]);
  const averageMs = Number(/LLM latency: (\S+) ms/.exec(stdout)?.[1]);
  // Timers of Node.js may be a millisecond early; nothing makes a request faster than its server.
  expect(averageMs).toBeGreaterThan((latencies['llm.latency.ms']?.meanMs ?? 0) - 2);

  const exposition = (await scrape) ?? '';
  expect(exposition).toContain('service_name="voice-agent"');
  expect(exposition).toContain('llm_requests_total{provider="gemini",');
  const exported = [...exposition.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name);
  const known = new Set([...Object.values(CATALOGUE).map(prometheusName), 'target_info']);
  expect(exported.filter((name) => !known.has(name))).toEqual([]);
});

async function scrapeMetrics(metricsPort: number): Promise<string> {
  const response = await fetch(`http://localhost:${metricsPort}/metrics`, {
    signal: AbortSignal.timeout(10_000),
  });
  return response.text();
}
