import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The figures that a program prints as JSON, by their names. */
export type Figures = ReadonlyMap<string, number>;

/** Runs a program in a process of its own: vitest's rewriting would be measured too. */
export async function runProgram(
  program: URL,
  args: readonly string[] = [],
  flags: readonly string[] = [],
): Promise<Figures> {
  const file = fileURLToPath(program);
  const options = ['--conditions=@vision-agents/source', ...flags, file, ...args];
  const { stdout } = await promisify(execFile)(process.execPath, options);
  const figures: unknown = JSON.parse(stdout);
  if (!(figures instanceof Object)) throw new TypeError('no figures were printed');
  return new Map(Object.entries(figures).map(([name, value]) => [name, Number(value)]));
}

/** A figure by its name. */
export function figure(figures: Figures, name: string): number {
  const value = figures.get(name) ?? Number.NaN;
  if (Number.isNaN(value)) throw new TypeError(`${name} was not measured`);
  return value;
}

/**
 * Measures until a figure is within its limit, a few times at most: noise only ever adds to it. Returns the
 * run in which it was least.
 */
export async function bestRun(
  attempts: number,
  measure: () => Promise<Figures>,
  name: string,
  limit: number,
): Promise<Figures> {
  let best = await measure();
  for (let attempt = 1; attempt < attempts && figure(best, name) > limit; attempt++) {
    const next = await measure();
    if (figure(next, name) < figure(best, name)) best = next;
  }
  return best;
}

/** Prints the rows of a table below its title, the columns in line. */
export function printTable(title: string, rows: readonly (readonly string[])[]): void {
  const widths = rows.reduce<number[]>((widest, row) => {
    return row.map((cell, column) => Math.max(cell.length, widest[column] ?? 0));
  }, []);
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  process.stdout.write(`${title}\n${lines.map((line) => `  ${line}\n`).join('')}`);
}
