import { filesBelow, readText } from './workspace.ts';

/** One thing that a source file imports. */
export interface Import {
  readonly file: string;
  /** As it is written. */
  readonly specifier: string;
}

const SPECIFIER =
  /^\s*(?:import|export)\b[^;'"]*?\bfrom\s*'([^']+)'|^\s*import\s*'([^']+)'|\bimport\(\s*'([^']+)'/gm;

/** All imports of the TypeScript files below a folder: of values, of types, and at run time. */
export function importsBelow(folder: string): Import[] {
  return filesBelow(folder, '.ts').flatMap((file) =>
    [...readText(file).matchAll(SPECIFIER)].map((match) => ({
      file,
      specifier: match[1] ?? match[2] ?? match[3] ?? '',
    })),
  );
}

/** The package that a specifier names, or undefined for files and for what Node.js brings. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined;
  const [scope = '', name = ''] = specifier.split('/');
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
}
