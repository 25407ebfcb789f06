import { basename, posix } from 'node:path';

import { describe, expect, test } from 'vitest';

import { filesBelow, PACKAGES, pathInRepository, readText } from './workspace.ts';

const MAX_LINES = 400;
const TYPESCRIPT = filesBelow('', '.ts').filter((file) => !file.endsWith('.d.ts'));
const PROSE = filesBelow().filter((file) => /\.(md|ts|js|json|ya?ml|sh|html|css)$/.test(file));

describe('every TypeScript file', () => {
  test(`has at most ${MAX_LINES} lines`, () => {
    const long = TYPESCRIPT.map((file) => `${file}: ${readText(file).split('\n').length - 1}`);
    expect(long.filter((line) => Number(line.split(': ')[1]) > MAX_LINES)).toEqual([]);
  });

  test('is named in kebab-case for the one thing it holds', () => {
    const named = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|bench|config|shared))?\.ts$/;
    const bags = /^(utils?|helpers?|types|common|misc|shared)\.ts$/;
    const names = TYPESCRIPT.map((file) => basename(file));
    expect(names.filter((name) => !named.test(name) || bags.test(name))).toEqual([]);
  });

  test('exports by name, unless a tool wants its configuration as the default', () => {
    const defaults = /^export default\b|^export \{[^}]*\bas default\b/m;
    const offenders = filesContaining(TYPESCRIPT, defaults);
    expect(offenders.filter((file) => !file.endsWith('.config.ts'))).toEqual([]);
  });

  test('exports one by one', () => {
    expect(filesContaining(TYPESCRIPT, /^export \*/m)).toEqual([]);
  });

  test('does without `any`', () => {
    const any = /\bas an[y]\b|<an[y]\b|\ban[y]\[\]|: an[y]\s*(?:[;=)]|,\n)/;
    const offenders = TYPESCRIPT.filter((file) => any.test(withoutComments(readText(file))));
    expect(offenders).toEqual([]);
  });

  test('is finished', () => {
    expect(filesContaining(TYPESCRIPT, /\b(?:TO[D]O|FIX[M]E|XX[X]|HA[C]K)\b/)).toEqual([]);
  });
});

describe.for(PACKAGES.map((one) => [one.folder, one] as const))('the sources of %s', ([, one]) => {
  const folder = `${pathInRepository(one)}/src`;
  const indexes = filesBelow(folder, '.ts').filter((file) => basename(file) === 'index.ts');

  test.for(indexes)('are exported by an index that holds nothing else: %s', (index) => {
    expect(
      withoutComments(readText(index)).replaceAll(/export (type )?\{[^}]*\} from '[^']+';/g, ''),
    ).toMatch(/^\s*$/);
  });

  test('say what each exported symbol is for', () => {
    const undocumented = filesBelow(folder, '.ts').flatMap((file) =>
      [...readText(file).matchAll(DECLARATION)]
        .filter(({ groups }) => !groups?.['before']?.trimEnd().endsWith('*/'))
        .map(({ groups }) => `${file}: ${groups?.['name']}`),
    );
    expect(undocumented).toEqual([]);
  });

  test.for(indexes)('declare what is exported where it says: %s', (index) => {
    const missing = [
      ...readText(index).matchAll(/export (?:type )?\{([^}]*)\} from '\.\/([^']+)';/g),
    ].flatMap(([, names = '', file = '']) => {
      const declarations = [...readText(`${posix.dirname(index)}/${file}`).matchAll(DECLARATION)];
      const declared = new Set(declarations.map(({ groups }) => groups?.['name']));
      return namesIn(names)
        .filter((name) => !declared.has(name))
        .map((name) => `${file}: ${name}`);
    });
    expect(missing).toEqual([]);
  });
});

describe('no file', () => {
  test('names a folder of the machine it was written on', () => {
    const folders = ['home', 'root', 'tmp', 'work', 'Users'].map((name) => `/${name}/`);
    const pattern = new RegExp(String.raw`(?<![\w.*:/-])(?:${folders.join('|')})[\w.]`);
    expect(filesContaining(PROSE, pattern)).toEqual([]);
  });

  test('names the package registry of a machine', () => {
    const pattern = new RegExp(['regis', String.raw`try[\w.-]*\.\w+[:/]`].join(''), 'i');
    expect(filesContaining([...PROSE, 'pnpm-lock.yaml'], pattern)).toEqual([]);
    expect(filesBelow('', '.npmrc')).toEqual([]);
  });
});

/** An exported declaration, with the line before it. */
const DECLARATION =
  /(?<before>^.*\n)?^export (?:declare |abstract |async )*(?:class|interface|type|function\*?|const|let) (?<name>\w+)/gm;

function namesIn(list: string): string[] {
  const names = list.split(',').map((name) => name.trim().replace(/^type /, ''));
  return names.filter((name) => name !== '');
}

function filesContaining(files: readonly string[], pattern: RegExp): string[] {
  return files.filter((file) => pattern.test(readText(file)));
}

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*.*?\*\/|\/\/[^\n]*/gs, '');
}
