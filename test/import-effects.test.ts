import { builtinModules } from 'node:module';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { run } from './child-process.ts';
import { packageOf } from './imports.ts';
import { packageIn, PLUGINS } from './workspace.ts';

const CORE = packageIn('core');
const IMPORTED = [
  ...[CORE, ...PLUGINS].map(({ manifest, path }) => ({ name: manifest.name, path, index: 'src' })),
  { name: `${CORE.manifest.name}/testing`, path: CORE.path, index: 'src/testing' },
];

/** Small libraries, with the add-ons that they try; a vendor's SDK is loaded when it is needed. */
const LOADED_ON_IMPORT = new Set([
  '@vision-agents/core',
  '@opentelemetry/api',
  'ws',
  'bufferutil',
  'utf-8-validate',
  ...builtinModules.map((name) => name.split('/')[0] ?? name),
]);

/** Imports a file, and tells what that did. What Node.js itself reads of the environment is left out. */
const OBSERVER = `
import { registerHooks } from 'node:module';
const reads = new Set();
const specifiers = new Set();
const watched = (operation) => (target, key, ...rest) => {
  const [, , reader] = new Error().stack.split('\\n    at ');
  if (!/^(.*\\()?node:/.test(reader)) reads.add(String(key ?? 'all of it'));
  return operation(target, key, ...rest);
};
process.env = new Proxy({ ...process.env }, {
  get: watched(Reflect.get),
  has: watched(Reflect.has),
  getOwnPropertyDescriptor: watched(Reflect.getOwnPropertyDescriptor),
  ownKeys: watched(Reflect.ownKeys),
});
registerHooks({
  resolve(specifier, context, next) {
    specifiers.add(specifier);
    return next(specifier, context);
  },
});
const look = () => ({
  handles: process.getActiveResourcesInfo(),
  listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
  globals: Object.keys(globalThis),
});
void [process.stdout, process.stderr]; // they are opened when they are first looked at
const before = look();
await import(process.argv.at(-1));
const after = look();
console.log(JSON.stringify({ reads: [...reads], specifiers: [...specifiers], before, after }));
`;

interface Observation {
  readonly reads: readonly string[];
  readonly specifiers: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
}

describe.for(IMPORTED.map((one) => [one.name, one] as const))(
  'importing %s',
  ([, { path, index }]) => {
    let observed: Observation & { readonly stderr: string; readonly exitCode: number | null };

    beforeAll(async () => {
      const { stdout, stderr, exitCode } = await run(
        process.execPath,
        [
          '--conditions=@vision-agents/source',
          '--input-type=module',
          '--eval',
          OBSERVER,
          join(path, index, 'index.ts'),
        ],
        { cwd: path, timeoutMs: 30_000 },
      );
      observed = { ...observationIn(stdout), stderr, exitCode };
    }, 40_000);

    test('lets the process exit by itself, in silence', () => {
      const { stderr, exitCode } = observed;
      expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    });

    test('reads nothing of the environment', () => {
      // What `ws` asks of itself: whether not to use its native add-ons.
      expect(observed.reads.filter((name) => !name.startsWith('WS_NO_'))).toEqual([]);
    });

    test('opens no handle, listens to nothing and makes nothing global', () => {
      expect(observed.after).toEqual(observed.before);
    });

    test('loads no SDK of a vendor', () => {
      const packages = observed.specifiers
        .filter((specifier) => !specifier.includes(':') && !specifier.startsWith('/'))
        .map(packageOf)
        .filter((name) => name !== undefined);
      expect(packages.filter((name) => !LOADED_ON_IMPORT.has(name))).toEqual([]);
    });
  },
);

function observationIn(stdout: string): Observation {
  const observed: unknown = stdout === '' ? undefined : JSON.parse(stdout);
  if (isObservation(observed)) return observed;
  return { reads: [], specifiers: [], before: undefined, after: 'nothing was observed' };
}

function isObservation(value: unknown): value is Observation {
  return value instanceof Object && 'reads' in value && 'specifiers' in value;
}
