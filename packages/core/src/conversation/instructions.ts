import { readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';

import { ConfigurationError } from '../errors/configuration-error.ts';
import { checkOptions, isText } from '../options/option-checks.ts';

/** Where {@link readInstructions} reads from. */
export interface ReadInstructionsOptions {
  /** The folder that mentions start from and never leave. @default the process's working directory */
  readonly baseDirectory?: string;
}

/** More would fill a model's context with one file. */
const MAX_BYTES = 256 * 1024;
/** A path behind an "@" that begins a word, and that is not the start of a longer path or name. */
const MENTION = /(?<=^|[\s([{<])@([\p{L}\p{M}\p{N}_./-]+\.md)(?![\p{L}\p{N}_/-]|\.[\p{L}\p{N}])/gu;

/**
 * Instructions from a text and the Markdown files that it mentions as `@file.md`. The text stays as it
 * is; below it comes each file under a heading with its path, once, in the order of the mentions.
 *
 * A mention is an `@` at the start of the text, behind white space or behind an opening bracket,
 * followed by a relative path of letters, digits, `_`, `-`, `.` and `/` that ends in `.md`. So
 * `me@example.com`, `@handle` and `@file.txt` are none, and neither is what stands in quotes or
 * backticks. Mentions in the files themselves are not followed.
 * @throws ConfigurationError for `instructions` when a mentioned file does not exist, is outside of the
 * folder (also by a symbolic link), is no file, has more than 256 KiB or is not UTF-8; for
 * `baseDirectory` when that is not there
 */
export async function readInstructions(
  text: string,
  options: ReadInstructionsOptions = {},
): Promise<string> {
  checkOptions('readInstructions', options, { baseDirectory: isText() });
  const mentioned = [...text.matchAll(MENTION)].map(([, path = '']) => path);
  if (mentioned.length === 0) return text;
  const folder = await realFolder(options.baseDirectory ?? process.cwd());
  const sections = [text.trimEnd()];
  const known = new Set<string>();
  for (const path of mentioned) {
    const file = await locate(folder, path);
    if (known.has(file)) continue;
    known.add(file);
    sections.push(`## ${path}`, await readText(file, path));
  }
  return sections.join('\n\n');
}

async function realFolder(directory: string): Promise<string> {
  const folder = await realpath(directory).catch(() => undefined);
  if (folder !== undefined && (await stat(folder)).isDirectory()) return folder;
  throw new ConfigurationError(
    'baseDirectory',
    'the option `baseDirectory` of readInstructions must be a folder that exists',
  );
}

/** The real path of a mentioned file: links are followed before it is compared with the folder's. */
async function locate(folder: string, path: string): Promise<string> {
  const named = resolve(folder, path);
  if (isAbsolute(path) || isOutside(folder, named)) throw outside(path);
  const file = await attempt(path, realpath(named));
  if (isOutside(folder, file)) throw outside(path);
  return file;
}

async function readText(file: string, path: string): Promise<string> {
  const found = await attempt(path, stat(file));
  // Opening a named pipe would wait for a writer.
  if (!found.isFile()) throw refusal(path, 'is not a file');
  if (found.size > MAX_BYTES) throw refusal(path, `has more than ${MAX_BYTES / 1024} KiB`);
  const content = await attempt(path, readFile(file));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content).trim();
  } catch (error) {
    throw refusal(path, 'is not UTF-8 text', { cause: error });
  }
}

/** Node's errors are left out as causes: their messages have the absolute path. */
async function attempt<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
    throw refusal(path, isMissing ? 'does not exist' : `cannot be read (${String(code)})`);
  }
}

function isOutside(folder: string, file: string): boolean {
  const way = relative(folder, file);
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
}

function outside(path: string): ConfigurationError {
  return refusal(path, 'is outside of the base directory');
}

function refusal(path: string, problem: string, options?: ErrorOptions): ConfigurationError {
  const message = `the option \`instructions\` mentions \`@${path}\`, which ${problem}`;
  return new ConfigurationError('instructions', message, options);
}
