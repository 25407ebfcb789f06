import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { filesBelow, readText, ROOT } from './workspace.ts';

describe('the links of', () => {
  test.for(filesBelow('', '.md').map((file) => [file] as const))('%s lead somewhere', ([file]) => {
    const targets = [...readText(file).matchAll(/\]\(([^)\s]+)\)/g)].map(
      ([, target = '']) => target,
    );
    const broken = targets.filter((target) => !target.includes(':') && !leadsFrom(file, target));
    expect(broken).toEqual([]);
  });
});

function leadsFrom(file: string, target: string): boolean {
  const [path = '', heading] = target.split('#');
  const linked = path === '' ? file : join(dirname(file), path);
  if (!existsSync(join(ROOT, linked))) return false;
  return heading === undefined || anchorsOf(linked).includes(heading);
}

/** The anchors that GitHub makes of headings. */
function anchorsOf(file: string): string[] {
  return [...readText(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
