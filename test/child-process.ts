import { spawn } from 'node:child_process';

/** What a program did. */
export interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  /** Null where it had to be killed. */
  readonly exitCode: number | null;
}

/** How a program is run. */
export interface RunOptions {
  readonly cwd?: string;
  /** All of its environment. @default that of this process */
  readonly env?: NodeJS.ProcessEnv;
  /** It is killed after this time, in milliseconds. */
  readonly timeoutMs: number;
  /** Aborting it kills the program. */
  readonly signal?: AbortSignal;
  /** Gets each line of its standard output as it comes. */
  readonly onLine?: (line: string) => void;
}

/** Runs a program until it exits. Rejects only where it cannot be started. */
export function run(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<Finished> {
  const { cwd, env = process.env, timeoutMs, signal, onLine } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Finished>();
  const child = spawn(command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  let unfinishedLine = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    const lines = (unfinishedLine + text).split('\n');
    unfinishedLine = lines.pop() ?? '';
    for (const line of lines) onLine?.(line);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const kill = (): boolean => child.kill('SIGKILL');
  signal?.addEventListener('abort', kill, { once: true });
  child.on('error', reject);
  child.on('close', (exitCode) => {
    signal?.removeEventListener('abort', kill);
    resolve({ stdout, stderr, exitCode });
  });
  return promise;
}

/** The same, but rejects with all output where the program fails. Resolves with its standard output. */
export async function runSuccessfully(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<string> {
  const { stdout, stderr, exitCode } = await run(command, args, options);
  if (exitCode === 0) return stdout;
  const how = exitCode === null ? `took longer than ${options.timeoutMs} ms` : `exited ${exitCode}`;
  throw new Error(`${command} ${args.join(' ')} ${how}\n${stdout}\n${stderr}`);
}
