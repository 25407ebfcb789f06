import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { readInstructions } from '../../src/conversation/instructions.ts';
import { ConfigurationError } from '../../src/errors/configuration-error.ts';

let root: string;
let baseDirectory: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'instructions-'));
  baseDirectory = join(root, 'base');
  await mkdir(join(baseDirectory, 'guides'), { recursive: true });
  await writeFile(join(baseDirectory, 'tone.md'), '\uFEFFBe kind. Größe 😊\n');
  await writeFile(join(baseDirectory, 'guides/first_aid-1.0.md'), '# First aid\n\nAsk @tone.md.\n');
  await writeFile(join(baseDirectory, 'note.txt'), 'a note');
  await writeFile(join(root, 'secret.md'), 'a secret');
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function failure(text: string, directory = baseDirectory): Promise<ConfigurationError> {
  const error: unknown = await readInstructions(text, { baseDirectory: directory }).then(
    (instructions) => new Error(`it did not fail: ${instructions}`),
    (reason: unknown) => reason,
  );
  if (error instanceof ConfigurationError) return error;
  throw error;
}

describe('instructions', () => {
  test('have the files below the text, under their names, in the order of the mentions', async () => {
    const text = 'Help. First @guides/first_aid-1.0.md, then @tone.md.\n';
    expect(await readInstructions(text, { baseDirectory })).toBe(
      [
        'Help. First @guides/first_aid-1.0.md, then @tone.md.',
        '## guides/first_aid-1.0.md',
        '# First aid\n\nAsk @tone.md.',
        '## tone.md',
        'Be kind. Größe 😊',
      ].join('\n\n'),
    );
  });

  test('have each file once, however it is mentioned', async () => {
    await symlink('tone.md', join(baseDirectory, 'link.md'));
    const text = '@tone.md @./tone.md @guides/../tone.md @link.md @tone.md';
    const instructions = await readInstructions(text, { baseDirectory });
    expect(instructions.split('Be kind.')).toHaveLength(2);
    expect(instructions).toContain('\n\n## tone.md\n\n');
  });

  test.for([
    '@tone.md',
    'See @tone.md',
    'See\n@tone.md\nfor it',
    'Files (@tone.md) here',
    '[@tone.md]',
    '@tone.md.',
    'Is it @tone.md?',
    '@tone.md, @tone.md; @tone.md!',
    'the "tone" of @tone.md\'s author',
    '@tone.md...',
  ])('follow the mention in %j', async (text) => {
    const instructions = await readInstructions(text, { baseDirectory });
    expect(instructions).toBe(`${text}\n\n## tone.md\n\nBe kind. Größe 😊`);
  });

  test.for([
    '',
    'No mention.\n',
    'Write to me@example.com or me@tone.md now.',
    'Ask @handle about @note.txt and @tone.mdx.',
    'Not @tone.md5, @tone.md.txt, @tone.md/x or @tone.md-x.',
    'Not "@tone.md", `@tone.md` or x@tone.md.',
    '@ tone.md, @.md, @tone.MD, @@tone.md',
  ])('leave %j alone', async (text) => {
    expect(await readInstructions(text, { baseDirectory })).toBe(text);
  });

  test('are read from the working directory where no other is named', async () => {
    vi.spyOn(process, 'cwd').mockReturnValue(baseDirectory);
    expect(await readInstructions('@tone.md')).toContain('Be kind.');
  });

  test('may be in a folder that is reached by a link', async () => {
    await symlink(baseDirectory, join(root, 'linked'));
    const options = { baseDirectory: join(root, 'linked') };
    expect(await readInstructions('@tone.md', options)).toContain('Be kind.');
  });

  test('may be up to 256 KiB', async () => {
    await writeFile(join(baseDirectory, 'long.md'), 'x'.repeat(256 * 1024));
    expect(await readInstructions('@long.md', { baseDirectory })).toHaveLength(
      '@long.md\n\n## long.md\n\n'.length + 256 * 1024,
    );
  });
});

describe('a mention', () => {
  test.for([
    ['../secret.md', 'is outside of the base directory'],
    ['guides/../../secret.md', 'is outside of the base directory'],
    ['../base-2/secret.md', 'is outside of the base directory'],
    ['link.md', 'is outside of the base directory'],
    ['out/secret.md', 'is outside of the base directory'],
    ['missing.md', 'does not exist'],
    ['../missing.md', 'is outside of the base directory'],
    ['tone.md/../missing.md', 'does not exist'],
    ['dangling.md', 'does not exist'],
    ['loop.md', 'cannot be read (ELOOP)'],
    ['folder.md', 'is not a file'],
    ['long.md', 'has more than 256 KiB'],
    ['latin.md', 'is not UTF-8 text'],
  ])('of %s is refused: it %s', async ([path, problem]) => {
    await mkdir(join(root, 'base-2'));
    await writeFile(join(root, 'base-2/secret.md'), 'a secret');
    await symlink('../secret.md', join(baseDirectory, 'link.md'));
    await symlink(root, join(baseDirectory, 'out'));
    await symlink('nowhere.md', join(baseDirectory, 'dangling.md'));
    await symlink('loop.md', join(baseDirectory, 'loop.md'));
    await mkdir(join(baseDirectory, 'folder.md'));
    await writeFile(join(baseDirectory, 'long.md'), 'x'.repeat(256 * 1024 + 1));
    await writeFile(join(baseDirectory, 'latin.md'), Buffer.from('Größe', 'latin1'));

    const error = await failure(`See @tone.md and @${path}.`);
    expect(error.option).toBe('instructions');
    expect(error.message).toBe(
      `the option \`instructions\` mentions \`@${path}\`, which ${problem}`,
    );
    expect(String(error.cause)).not.toContain(root);
  });

  test('of an absolute path is refused, even of one within the folder', async () => {
    for (const path of [join(root, 'secret.md'), join(baseDirectory, 'tone.md')]) {
      const error = await failure(`See @${path}`);
      expect(error.option).toBe('instructions');
      expect(error.message).toContain('is outside of the base directory');
    }
  });

  test('of a named pipe is refused without waiting for a writer', async () => {
    await promisify(execFile)('mkfifo', [join(baseDirectory, 'pipe.md')]);
    expect((await failure('@pipe.md')).message).toContain('is not a file');
  });
});

describe('a base directory', () => {
  test('that does not exist is refused', async () => {
    const error = await failure('@tone.md', join(root, 'nowhere'));
    expect(error.option).toBe('baseDirectory');
    expect(error.message).not.toContain(root);
  });

  test('that is a file is refused', async () => {
    const error = await failure('@tone.md', join(root, 'secret.md'));
    expect(error.option).toBe('baseDirectory');
  });

  test('that is empty is refused', async () => {
    expect((await failure('No mention', '')).option).toBe('baseDirectory');
  });
});
