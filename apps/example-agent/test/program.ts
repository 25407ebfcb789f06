import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A program of this app, running. */
export interface Program extends AsyncDisposable {
  /** Waits for something on standard output or standard error and returns the match. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  signal(name: NodeJS.Signals): void;
  /** Everything it printed and its exit code, once it has ended. */
  readonly ended: Promise<{ stdout: string; stderr: string; code: number | null }>;
}

/** Starts `src/<name>.ts` as the README's commands do. */
export function startProgram(
  name: 'main' | 'demo',
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Program {
  const file = fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@vision-agents/source', file, ...args], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      printed[stream] += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = once(child, 'close').then(() => ({ ...printed, code: child.exitCode }));
  return {
    ended,
    signal: (signal) => child.kill(signal),
    waitFor: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(printed.stdout + printed.stderr);
          if (match) resolve(match);
        };
        listeners.add(look);
        look();
        void ended.then(({ stderr }) =>
          reject(new Error(`it ended without printing ${pattern.source}:\n${stderr}`)),
        );
      }),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
