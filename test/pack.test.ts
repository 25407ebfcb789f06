import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { run, runSuccessfully } from './child-process.ts';
import { pnpm } from './pnpm.ts';
import { packageIn, PUBLISHED, readManifest, ROOT } from './workspace.ts';

/** What the consumer's programs need besides the packages, in the versions that are tested here. */
const COMPANIONS = ['@opentelemetry/api', '@opentelemetry/sdk-metrics'];

/** A project of somebody else, outside the workspace, with the packages as they are published. */
let consumer: string;

beforeAll(async () => {
  consumer = await mkdtemp(join(tmpdir(), 'vision-agents-consumer-'));
  await pnpm(['build'], ROOT, 120_000);
  await Promise.all(
    PUBLISHED.map(({ path }) => pnpm(['pack', '--pack-destination', consumer], path, 60_000)),
  );
  const tarballs = (await readdir(consumer)).filter((name) => name.endsWith('.tgz'));
  await writeFile(
    join(consumer, 'package.json'),
    JSON.stringify({ name: 'consumer', private: true, type: 'module' }),
  );
  const others = [
    ...COMPANIONS.map((name) => sameVersion(packageIn('core').path, name)),
    sameVersion(ROOT, '@types/node'),
  ];
  await runSuccessfully(
    'npm',
    ['install', '--no-audit', '--no-fund', ...tarballs.map((name) => `./${name}`), ...others],
    { cwd: consumer, env: environment(), timeoutMs: 180_000 },
  );
  await cp(join(ROOT, 'test/consumer'), consumer, { recursive: true });
  await writeFile(join(consumer, 'tsconfig.json'), JSON.stringify(TSCONFIG));
}, 300_000);

afterAll(() => rm(consumer, { recursive: true, force: true }));

const TSCONFIG = {
  compilerOptions: {
    strict: true,
    module: 'nodenext',
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable'],
    types: ['node'],
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: false,
  },
  include: ['*.ts'],
};

describe.for(PUBLISHED.map(({ manifest }) => [manifest.name] as const))('%s', ([name]) => {
  test('installs with what it needs and nothing of the workspace', async () => {
    const folder = join(consumer, 'node_modules', name);
    const { dependencies, peerDependencies } = readManifest(folder);
    expect(JSON.stringify({ dependencies, peerDependencies })).not.toMatch(/workspace:|catalog:/);
    const files = await readdir(folder);
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist', 'src']));
    expect(files).not.toContain('test');
    expect(files.filter((file) => file.endsWith('.tsbuildinfo'))).toEqual([]);
  });

  test('has source maps that lead to sources', async () => {
    const dist = join(consumer, 'node_modules', name, 'dist');
    const maps = (await readdir(dist, { recursive: true })).filter((file) => file.endsWith('.map'));
    expect(maps.length).toBeGreaterThan(0);
    for (const map of maps) {
      const path = join(dist, map);
      const sources = sourcesIn(await readFile(path, 'utf8'));
      expect(sources.length).toBeGreaterThan(0);
      expect(sources.filter((source) => !existsSync(join(dirname(path), source)))).toEqual([]);
    }
  });
});

describe('a project that installs the packages', () => {
  test(
    'passes a strict compiler that checks our declarations too',
    { timeout: 60_000 },
    async () => {
      const compiler = join(ROOT, 'node_modules/.bin/tsc');
      const { stdout, exitCode } = await run(compiler, ['--pretty', 'false'], {
        cwd: consumer,
        timeoutMs: 50_000,
      });
      expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 0 });
    },
  );

  test('constructs every component and serves the page of a call', async () => {
    expect(await runProgram('agent.ts')).toEqual({
      status: 200,
      isPage: true,
      turns: 0,
      detector: 'silero',
      tools: 'tools.example.org',
    });
  });

  test('tests without a test runner', async () => {
    expect(await runProgram('testing.ts')).toEqual({ text: 'Hello.', success: false });
  });

  test('records where no meter provider is ever set', async () => {
    expect(await runProgram('no-provider.ts')).toEqual({ counted: errors(1) });
  });

  test('exports where the meter provider is set before the import', async () => {
    expect(await runProgram('provider-first.ts')).toEqual({
      counted: errors(1),
      exported: errors(1),
    });
  });

  test('exports from then on where the meter provider is set late', async () => {
    expect(await runProgram('provider-last.ts')).toEqual({
      counted: errors(2),
      exported: errors(1),
    });
  });
});

/** Runs one of the consumer's programs with plain Node.js. Resolves with what it prints. */
async function runProgram(file: string): Promise<unknown> {
  const { stdout, stderr, exitCode } = await run(process.execPath, [file], {
    cwd: consumer,
    env: environment(),
    timeoutMs: 30_000,
  });
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  return JSON.parse(stdout) as unknown;
}

function errors(times: number): Record<string, number> {
  return { 'stt.errors': times, 'llm.errors': times, 'tts.errors': times };
}

/** A package in the version that is installed in a folder of the workspace. */
function sameVersion(folder: string, name: string): string {
  return `${name}@${readManifest(join(folder, 'node_modules', name)).version}`;
}

function sourcesIn(map: string): string[] {
  const parsed: unknown = JSON.parse(map);
  const hasSources = parsed instanceof Object && 'sources' in parsed;
  return hasSources && Array.isArray(parsed.sources) ? parsed.sources.map(String) : [];
}

/** The environment without what npm, pnpm and vitest put there for their own children. */
function environment(): NodeJS.ProcessEnv {
  const foreign =
    /^(npm_(?!config_(registry|cache|userconfig|cafile|proxy|https_proxy))|VITEST|NODE_ENV|NODE_OPTIONS)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}
