import { posix } from 'node:path';

import { describe, expect, test } from 'vitest';

import { importsBelow, packageOf } from './imports.ts';
import { section, tableRows } from './markdown.ts';
import type { Manifest, WorkspacePackage } from './workspace.ts';
import {
  PACKAGES,
  packageIn,
  pathInRepository,
  PLUGINS,
  providerOf,
  PUBLISHED,
  readText,
} from './workspace.ts';

const CORE = '@vision-agents/core';
const SANDBOX = '@vision-agents/sandbox';

describe.for(PUBLISHED.map((one) => [one.folder, one] as const))('%s', ([folder, one]) => {
  const { manifest } = one;

  test('has the manifest of every published package', () => {
    expect(manifest).toMatchObject({
      name: `@vision-agents/${folder}`,
      version: packageIn('core').manifest.version,
      license: 'Apache-2.0',
      repository: { type: 'git', directory: pathInRepository(one) },
      type: 'module',
      sideEffects: false,
      publishConfig: { access: 'public', provenance: true },
      engines: { node: '>=22.15' },
    });
    expect(manifest.description).toMatch(/^[A-Z].*\.$/);
    expect(manifest.keywords).toContain('voice-agent');
    expect(manifest.files).toEqual(expect.arrayContaining(['dist', 'src']));
  });

  test('resolves to its sources here and to its build elsewhere, types first', () => {
    // As text: the order of the conditions decides which one is taken.
    expect(JSON.stringify(manifest.exports)).toBe(
      JSON.stringify({
        '.': entry('index'),
        ...(folder === 'core' && { './testing': entry('testing/index') }),
        './package.json': './package.json',
      }),
    );
  });

  test('does not need the sandbox to be installed', () => {
    expect(installed(manifest)).not.toContain(SANDBOX);
    expect(packagesImportedBy(one)).not.toContain(SANDBOX);
  });
});

describe('core', () => {
  const core = packageIn('core');

  test('depends on nothing but its peer, the OpenTelemetry API', () => {
    expect(installed(core.manifest)).toEqual(['@opentelemetry/api']);
    expect(core.manifest.peerDependencies).toHaveProperty('@opentelemetry/api');
  });

  test('imports nothing else', () => {
    expect(packagesImportedBy(core)).toEqual(['@opentelemetry/api']);
  });

  test('documents only what it exports', () => {
    const contents = section(readText('packages/core/README.md'), 'What is in it') ?? '';
    const names = tableRows(contents).flatMap(([cell = '']) => cell.match(/(?<=`)\w+(?=`)/g) ?? []);
    const index = readText('packages/core/src/index.ts');
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(index))).toEqual([]);
  });
});

describe.for(PLUGINS.map((plugin) => [plugin.folder, plugin] as const))('%s', ([, plugin]) => {
  test('has core as its peer, in the version of the workspace', () => {
    expect(plugin.manifest.peerDependencies).toEqual({ [CORE]: 'workspace:^' });
    expect(plugin.manifest.devDependencies).toMatchObject({ [CORE]: 'workspace:*' });
  });

  test('can be found under its provider', () => {
    expect(plugin.manifest.keywords).toEqual(
      expect.arrayContaining(['voice-agent', 'vision-agents', providerOf(plugin)]),
    );
  });

  test('knows core and no other package of the workspace', () => {
    const own = packagesImportedBy(plugin).filter((name) => name.startsWith('@vision-agents/'));
    expect(own).toEqual([CORE]);
  });
});

describe('the sandbox', () => {
  const sandbox = packageIn('sandbox');

  test('is not published', () => {
    expect(sandbox.manifest.private).toBe(true);
  });

  test('knows no other package of the workspace', () => {
    const all = [...packagesImportedBy(sandbox), ...installed(sandbox.manifest)];
    expect(all.filter((name) => name.startsWith('@vision-agents/'))).toEqual([]);
  });
});

describe.for(PACKAGES.map((one) => [one.folder, one] as const))('the sources of %s', ([, one]) => {
  const source = `${pathInRepository(one)}/src`;
  const imports = importsBelow(source);

  test('import only what the manifest names', () => {
    const allowed = installed(one.manifest);
    expect(packagesImportedBy(one).filter((name) => !allowed.includes(name))).toEqual([]);
  });

  test('stay within their package and name files with their ending', () => {
    const relative = imports.filter(({ specifier }) => specifier.startsWith('.'));
    expect(relative.length).toBeGreaterThan(0);
    for (const { file, specifier } of relative) {
      const target = posix.join(posix.dirname(file), specifier);
      expect(target, `${file} imports ${specifier}`).toMatch(new RegExp(`^${source}/.*\\.ts$`));
    }
  });
});

function entry(module: string): Record<string, string> {
  return {
    '@vision-agents/source': `./src/${module}.ts`,
    types: `./dist/${module}.d.ts`,
    default: `./dist/${module}.js`,
  };
}

function packagesImportedBy(one: WorkspacePackage): string[] {
  const imports = importsBelow(`${pathInRepository(one)}/src`);
  const names = imports.map(({ specifier }) => packageOf(specifier));
  return [...new Set(names.filter((name) => name !== undefined))].toSorted();
}

function installed({ dependencies = {}, peerDependencies = {} }: Manifest): string[] {
  return Object.keys({ ...dependencies, ...peerDependencies }).toSorted();
}
