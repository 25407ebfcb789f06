/** The text under a heading of the second level, up to the next one; undefined where there is none. */
export function section(markdown: string, heading: string): string | undefined {
  const parts = markdown.split(/^## /m).slice(1);
  const found = parts.find((part) => part.slice(0, part.indexOf('\n')).trim() === heading);
  return found?.slice(found.indexOf('\n') + 1);
}

/** The headings of the second level, in their order. */
export function headings(markdown: string): string[] {
  return [...markdown.matchAll(/^## (.+)$/gm)].map(([, heading = '']) => heading.trim());
}

/** The rows of all tables of a text, without their headers, each as its cells. */
export function tableRows(markdown: string): string[][] {
  return tables(markdown).flat();
}

/** The tables of a text, each as its rows without the header. */
export function tables(markdown: string): string[][][] {
  const blocks = markdown.match(/(?:^\|.*\|[ \t]*(?:\n|$))+/gm) ?? [];
  return blocks.map((block) => block.trim().split('\n').slice(2).map(cellsOf));
}

/** What a cell shows as code, such as `` `model` ``: the text in its first backticks. */
export function codeIn(cell: string): string | undefined {
  return /`([^`]+)`/.exec(cell)?.[1];
}

function cellsOf(row: string): string[] {
  return row
    .trim()
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll(String.raw`\|`, '|'));
}
