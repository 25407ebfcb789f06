import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { filesBelow, readText, ROOT } from './workspace.ts';

/** A TypeScript block of a document. */
export interface CodeBlock {
  /** The document, from the root. */
  readonly document: string;
  /** The line of the document on which it begins, from 1. */
  readonly line: number;
  readonly code: string;
}

/** Where the blocks are put: git ignores it, and every package of the workspace resolves from there. */
export const EXTRACTED: string = join(ROOT, 'apps/example-agent/.readme-code');

/** The `ts` blocks of everything that users read. */
export function codeBlocks(): CodeBlock[] {
  const documents = ['README.md', ...filesBelow('docs', '.md'), ...filesBelow('packages', '.md')];
  return documents.flatMap((document) => blocksIn(document, readText(document)));
}

/** The file into which a block is extracted. */
export function fileOf({ document, line }: CodeBlock): string {
  return `${document.replace(/\.md$/, '').replaceAll('/', '-').toLowerCase()}-${line}.ts`;
}

/** Writes blocks to {@link EXTRACTED}, each on the lines on which it stands in its document. */
export async function extract(blocks: readonly CodeBlock[]): Promise<void> {
  await removeExtracted();
  await mkdir(EXTRACTED);
  const tsconfig = {
    extends: '../../../tsconfig.base.json',
    compilerOptions: { noEmit: true, isolatedDeclarations: false, moduleDetection: 'force' },
    include: ['*.ts'],
  };
  await writeFile(join(EXTRACTED, 'tsconfig.json'), JSON.stringify(tsconfig));
  for (const block of blocks) {
    await writeFile(join(EXTRACTED, fileOf(block)), '\n'.repeat(block.line - 1) + block.code);
  }
}

/** Takes everything away that {@link extract} wrote. */
export async function removeExtracted(): Promise<void> {
  await rm(EXTRACTED, { recursive: true, force: true });
}

function blocksIn(document: string, text: string): CodeBlock[] {
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => ({
    document,
    line: text.slice(0, match.index).split('\n').length + 1,
    code: match[1] ?? '',
  }));
}
