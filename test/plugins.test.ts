import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { codeIn, headings, section, tables } from './markdown.ts';
import { pathInRepository, PLUGINS, providerOf, readText } from './workspace.ts';

/** What a plugin can be: one class each, named by its field; another API of it, and sources of tools, by their names. */
const CLASSES = [
  'STT',
  'LLM',
  'ChatCompletionsLLM',
  'TTS',
  'Edge',
  'Realtime',
  'TurnDetector',
  'StdioServer',
  'HTTPServer',
];

describe.for(PLUGINS.map((plugin) => [plugin.folder, plugin] as const))('%s', ([, plugin]) => {
  const { path } = plugin;
  const provider = providerOf(plugin);
  const folder = pathInRepository(plugin);
  const exported = exportsOf(readText(`${folder}/src/index.ts`));
  const classes = exported.filter(({ isType }) => !isType);
  const optionsFile = `${folder}/src/${provider}-options.ts`;

  test('exports classes that are named by their field, each with its options', () => {
    expect(classes.length).toBeGreaterThan(0);
    for (const { name } of classes) {
      expect(CLASSES).toContain(name);
      expect(exported).toContainEqual({
        name: `${name}Options`,
        isType: true,
        file: `./${provider}-options.ts`,
      });
    }
  });

  test('exports nothing else that exists at run time', async () => {
    const names = classes.map(({ name }) => name).toSorted();
    expect([...(await load(path)).keys()].toSorted()).toEqual(names);
  });

  test('has each class in the file that is named for it', () => {
    for (const { name, file } of classes) {
      expect(file).toBe(`./${provider}-${kebab(name)}.ts`);
    }
  });

  test('has the files of every plugin', () => {
    const files = ['options', 'wire', 'error'].map((part) => `src/${provider}-${part}.ts`);
    for (const file of ['src/index.ts', ...files, 'README.md', 'tsconfig.build.json']) {
      expect(existsSync(join(path, file)), `${folder}/${file}`).toBe(true);
    }
  });

  test('has the sections of every README, in their order', () => {
    expect(headings(readText(`${folder}/README.md`))).toEqual([
      'Install',
      'Use',
      'Options',
      'What is measured',
      'Limits',
    ]);
  });

  test.for(classes.map(({ name }) => name))('lists the options of %s', async (name) => {
    const options = section(readText(`${folder}/README.md`), 'Options') ?? '';
    const tablesOfOptions = classes.length === 1 ? tables(options).slice(0, 1) : tables(options);
    const listed = tablesOfOptions.map((rows) => rows.map(([cell = '']) => codeIn(cell)));
    expect(listed).toContainEqual(await optionsTakenBy(path, name));
  });

  test.for(classes.map(({ name }) => name))(
    'takes the options of %s that its type declares',
    async (name) => {
      const declared = fieldsOf(readText(optionsFile), `${name}Options`);
      const taken = await optionsTakenBy(path, name);
      expect(taken.filter((option) => declared.own.includes(option))).toEqual(declared.own);
      const inherited = taken.filter((option) => !declared.own.includes(option));
      expect(inherited.length > 0).toBe(declared.extends);
    },
  );

  test.for(classes.map(({ name }) => name))('documents each option of %s', (name) => {
    const { own, documented } = fieldsOf(readText(optionsFile), `${name}Options`);
    expect(documented).toEqual(own);
  });

  test.for(classes.map(({ name }) => name))('gives the default of each option of %s', (name) => {
    const { own, withDefault } = fieldsOf(readText(optionsFile), `${name}Options`);
    expect(withDefault).toEqual(own);
  });
});

interface Exported {
  readonly name: string;
  readonly isType: boolean;
  readonly file: string;
}

function exportsOf(index: string): Exported[] {
  return [...index.matchAll(/export (type )?\{([^}]*)\} from '([^']+)';/g)].flatMap(
    ([, type, names = '', file = '']) =>
      names
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '')
        .map((name) => ({
          name: name.replace(/^type /, ''),
          isType: type !== undefined || name.startsWith('type '),
          file,
        })),
  );
}

/** What a package exports at run time. */
async function load(path: string): Promise<ReadonlyMap<string, unknown>> {
  const loaded: unknown = await import(/* @vite-ignore */ join(path, 'src/index.ts'));
  if (typeof loaded !== 'object' || loaded === null) throw new Error(`${path} is no module`);
  return new Map<string, unknown>(Object.entries(loaded));
}

/** The options that a class knows, in its own words: it names them all when it is given another. */
async function optionsTakenBy(path: string, name: string): Promise<string[]> {
  const found = (await load(path)).get(name);
  if (typeof found !== 'function') throw new Error(`${name} is no class`);
  let message = 'nothing was thrown';
  try {
    Reflect.construct(found, [{ noSuchOption: true }]);
  } catch (error) {
    message = error instanceof Error ? error.message : message;
  }
  const [, known] = /has no option `noSuchOption`; it has (.*)$/.exec(message) ?? [];
  expect(known, `it said: ${message}`).toBeDefined();
  return [...(known ?? '').matchAll(/`([^`]+)`/g)].map(([, option = '']) => option);
}

interface Fields {
  readonly own: readonly string[];
  readonly documented: readonly string[];
  readonly withDefault: readonly string[];
  readonly extends: boolean;
}

function fieldsOf(source: string, interfaceName: string): Fields {
  const declaration = new RegExp(
    String.raw`^export interface ${interfaceName}( extends [^{]+)? \{\n(.*?)^\}`,
    'ms',
  ).exec(source);
  expect(declaration, `interface ${interfaceName}`).not.toBeNull();
  const fields = [
    ...(declaration?.[2] ?? '').matchAll(
      /(?<comment>^ {2}\/\*\*(?:(?!\*\/).)*\*\/\n)?^ {2}(?:readonly )?(?<name>\w+)\??:/gms,
    ),
  ].map(({ groups }) => ({ name: groups?.['name'] ?? '', comment: groups?.['comment'] ?? '' }));
  const namesOf = (wanted: typeof fields): string[] => wanted.map(({ name }) => name);
  return {
    own: namesOf(fields),
    documented: namesOf(fields.filter(({ comment }) => comment !== '')),
    withDefault: namesOf(fields.filter(({ comment }) => comment.includes('@default'))),
    extends: declaration?.[1] !== undefined,
  };
}

function kebab(name: string): string {
  // Between two words, of which the first may be an acronym.
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '-').toLowerCase();
}
