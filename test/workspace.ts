import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, matchesGlob, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const ROOT: string = fileURLToPath(new URL('..', import.meta.url));

/** What the tests look at in a `package.json`. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly keywords?: readonly string[];
  readonly license?: string;
  readonly repository?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly type?: string;
  readonly sideEffects?: boolean;
  readonly exports?: unknown;
  readonly publishConfig?: unknown;
  readonly engines?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** One package of the workspace. */
export interface WorkspacePackage {
  /** The folder's name, such as `plugin-gemini`. */
  readonly folder: string;
  readonly path: string;
  readonly manifest: Manifest;
}

/** Everything in `packages/`. */
export const PACKAGES: readonly WorkspacePackage[] = readdirSync(join(ROOT, 'packages'))
  .toSorted()
  .map((folder) => {
    const path = join(ROOT, 'packages', folder);
    return { folder, path, manifest: readManifest(path) };
  });

/** What users can install. */
export const PUBLISHED: readonly WorkspacePackage[] = PACKAGES.filter(
  ({ manifest }) => manifest.private !== true,
);

/** The plugins. */
export const PLUGINS: readonly WorkspacePackage[] = PUBLISHED.filter(({ folder }) =>
  folder.startsWith('plugin-'),
);

/** The provider that a plugin is named for. */
export function providerOf(plugin: WorkspacePackage): string {
  return plugin.folder.slice('plugin-'.length);
}

/** The package of this folder. */
export function packageIn(folder: string): WorkspacePackage {
  const found = PACKAGES.find((one) => one.folder === folder);
  if (found === undefined) throw new Error(`there is no packages/${folder}`);
  return found;
}

/** The files below a folder of the repository that git does not ignore, with `/`-separated paths from the root. */
export function filesBelow(folder = '', ending = ''): string[] {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
  return entries
    .filter(({ name }) => name !== '.git' && !isIgnored(name))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return filesBelow(path, ending);
      return entry.isFile() && entry.name.endsWith(ending) ? [path] : [];
    });
}

/** The text of a file of the repository. */
export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The path of a package's folder from the root. */
export function pathInRepository({ path }: WorkspacePackage): string {
  return relative(ROOT, path).replaceAll('\\', '/');
}

const IGNORED = readText('.gitignore')
  .split('\n')
  .map((line) => basename(line.trim()))
  .filter((pattern) => pattern !== '');

function isIgnored(name: string): boolean {
  return IGNORED.some((pattern) => matchesGlob(name, pattern));
}

/** The manifest in a folder of any project. */
export function readManifest(folder: string): Manifest {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (isManifest(manifest)) return manifest;
  throw new Error(`${folder}/package.json has no name or no version`);
}

function isManifest(value: unknown): value is Manifest {
  return value instanceof Object && 'name' in value && 'version' in value;
}
