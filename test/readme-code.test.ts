import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';

import type { Tool, Tools } from '../packages/core/src/index.ts';
import { Agent, CATALOGUE } from '../packages/core/src/index.ts';
import {
  ManualClock,
  RecordingLogger,
  says,
  ScriptedEdge,
  ScriptedLLM,
  ScriptedRealtime,
  ScriptedSTT,
  ScriptedTTS,
  speaks,
} from '../packages/core/src/testing/index.ts';
import { placeCall, startSandbox } from '../packages/sandbox/src/index.ts';
import { run } from './child-process.ts';
import { freePort } from './free-port.ts';
import { prometheusName } from './prometheus-names.ts';
import type { CodeBlock } from './readme-code.ts';
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

describe('the code of docs/tools.md', () => {
  const [defining, using] = blocks.filter(({ document }) => document === 'docs/tools.md');
  const page = readText('docs/tools.md');
  const { signal } = new AbortController();

  test('defines tools that do what the page says', async () => {
    const { getOpeningHours, bookTable } = await toolsIn(defining);
    await expect(getOpeningHours?.run({ day: 'Tue' }, { signal })).resolves.toEqual({
      from: '17:00',
      to: '23:00',
    });
    expect([getOpeningHours?.readOnly, bookTable?.readOnly]).toEqual([true, false]);
    const answers = [new Response(null, { status: 201 }), new Response(null, { status: 409 })];
    const send = vi.fn<typeof fetch>(() => Promise.resolve(answers.shift() ?? Response.error()));
    vi.stubGlobal('fetch', send);
    onTestFinished(() => void vi.unstubAllGlobals());
    const booking = { name: 'Anna', guests: 2 };
    await expect(bookTable?.run(booking, { signal })).resolves.toBe('booked');
    await expect(bookTable?.run(booking, { signal })).rejects.toThrow('there is no table left');
    const error = await bookTable?.run({ ...booking, guests: 0 }, { signal }).catch(String);
    expect(send).toHaveBeenCalledTimes(2);
    expect(page).toContain(`"error": "${String(error).replace(/^\w+: /, '')}"`);
  });

  test('makes an agent of them', async () => {
    for (const key of ['DEEPGRAM_API_KEY', 'ELEVENLABS_API_KEY', 'GOOGLE_API_KEY']) {
      vi.stubEnv(key, 'any');
    }
    const createAgent = (await load(using))['createAgent'];
    if (typeof createAgent !== 'function') throw new Error('the page makes no agent');
    const agent: unknown = Reflect.apply(createAgent, undefined, [await toolsIn(defining)]);
    expect(agent).toBeInstanceOf(Agent);
  });
});

describe('the code of docs/turns.md', () => {
  const block = blocks.find(({ document }) => document === 'docs/turns.md');

  test('tells of turns as they come', async () => {
    const { watch } = await load(block);
    if (typeof watch !== 'function') throw new Error('the page watches no agent');
    const call = await scriptedCall(['Good morning.']);
    const lines: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((line: string) => lines.push(line));
    Reflect.apply(watch, undefined, [call.agent]);
    call.stt.connections[0]?.report(
      { type: 'transcript', text: 'Hello.', final: true },
      { type: 'turn-end', eager: false },
    );
    await call.clock.advance(1000);
    expect(lines).toEqual([
      'The agent is thinking',
      'The agent is speaking',
      'The agent is listening',
      'anna: Hello. (completed)',
    ]);
  });
});

describe('the code of docs/interruptions.md', () => {
  const block = blocks.find(({ document }) => document === 'docs/interruptions.md');

  test('makes an agent', async () => {
    for (const key of ['DEEPGRAM_API_KEY', 'ELEVENLABS_API_KEY', 'GOOGLE_API_KEY']) {
      vi.stubEnv(key, 'any');
    }
    const { createAgent } = await load(block);
    if (typeof createAgent !== 'function') throw new Error('the page makes no agent');
    expect(Reflect.apply(createAgent, undefined, [])).toBeInstanceOf(Agent);
  });

  test('announces what nobody can cut off', async () => {
    const { announce } = await load(block);
    if (typeof announce !== 'function') throw new Error('the page announces nothing');
    const call = await scriptedCall(['This call is recorded.']);
    const announced: unknown = Reflect.apply(announce, undefined, [call.agent]);
    await call.clock.advance(100);
    call.stt.connections[0]?.report({ type: 'transcript', text: 'Stop it', final: false });
    await call.clock.advance(1000);
    await expect(announced).resolves.toMatchObject({ outcome: 'completed' });
  });
});

describe('the code of docs/realtime.md', () => {
  const [making, welcoming] = blocks.filter(({ document }) => document === 'docs/realtime.md');

  test('makes an agent with one model', async () => {
    vi.stubEnv('GOOGLE_API_KEY', 'any');
    const { createAgent } = await load(making);
    if (typeof createAgent !== 'function') throw new Error('the page makes no agent');
    expect(Reflect.apply(createAgent, undefined, [{}])).toBeInstanceOf(Agent);
  });

  test('has the model say what the program wants', async () => {
    const { welcome } = await load(welcoming);
    if (typeof welcome !== 'function') throw new Error('the page welcomes nobody');
    const clock = new ManualClock();
    const realtime = new ScriptedRealtime([{}]);
    const edge = new ScriptedEdge([{ present: [{ id: 'anna' }] }]);
    const logger = new RecordingLogger();
    const agent = new Agent({ edge, realtime, clock, logger, agentUser: { id: 'agent' } });
    onTestFinished(() => agent.close());
    await agent.join(await agent.createCall('default', 'test'));
    const welcomed: unknown = Reflect.apply(welcome, undefined, [agent]);
    const [model] = realtime.connections;
    for (const text of ['This call is recorded.', 'Hello! What can I do for you?']) {
      await clock.advance(100);
      model?.report(
        { type: 'audio', bytes: new Uint8Array(4800) },
        { type: 'agent-transcript', text, final: true },
        { type: 'response-end', outcome: 'completed' },
      );
      await clock.advance(500);
    }
    await expect(welcomed).resolves.toBe('Hello! What can I do for you?');
    expect(model?.told.at(-1)).toBe('Greet the caller and ask what they want.');
  });
});

test.for([
  [0, 1],
  [1, 1],
  [2, 7],
] as const)('program %d of docs/testing.md runs its %d tests', async ([index, count]) => {
  const block = blocks.filter(({ document }) => document === 'docs/testing.md')[index];
  if (block === undefined) throw new Error('there is no such program');
  const { stdout, stderr, exitCode } = await run(
    process.execPath,
    ['--conditions=@vision-agents/source', '--test-reporter=tap', join(EXTRACTED, fileOf(block))],
    { cwd: EXTRACTED, timeoutMs: 30_000 },
  );
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  expect(stdout).toContain(`\n# pass ${count}\n`);
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

/** A call of an agent that was joined by Anna and has these words to say. */
async function scriptedCall(words: readonly string[]) {
  const clock = new ManualClock();
  const stt = new ScriptedSTT([{}]);
  const agent = new Agent({
    edge: new ScriptedEdge([{ present: [{ id: 'anna' }] }]),
    agentUser: { id: 'agent' },
    stt,
    llm: new ScriptedLLM([says(words)], { clock }),
    tts: new ScriptedTTS(words.map((text) => speaks(text, { audioMs: 500 }))),
    logger: new RecordingLogger(),
    clock,
  });
  onTestFinished(() => agent.close());
  await agent.join(await agent.createCall('default', 'test'));
  return { agent, clock, stt };
}

/** What a block exports. */
async function load(block: CodeBlock | undefined): Promise<Readonly<Record<string, unknown>>> {
  if (block === undefined) throw new Error('there is no such block');
  const loaded: unknown = await import(/* @vite-ignore */ join(EXTRACTED, fileOf(block)));
  return Object.fromEntries(Object.entries(loaded ?? {}));
}

async function toolsIn(block: CodeBlock | undefined): Promise<Tools> {
  const exported = Object.entries(await load(block));
  return Object.fromEntries(exported.filter((entry): entry is [string, Tool] => isTool(entry[1])));
}

function isTool(value: unknown): value is Tool {
  return typeof value === 'object' && value !== null && 'run' in value && 'inputSchema' in value;
}

async function scrapeMetrics(metricsPort: number): Promise<string> {
  const response = await fetch(`http://localhost:${metricsPort}/metrics`, {
    signal: AbortSignal.timeout(10_000),
  });
  return response.text();
}
