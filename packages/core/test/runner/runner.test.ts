import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('program.ts', import.meta.url));

interface Ending {
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
}

/** The program in a process of its own, which does not outlive its test. */
class Program implements Disposable {
  readonly #child;
  readonly #ending = Promise.withResolvers<Ending>();
  #output = '';
  #errors = '';
  #onOutput: () => void = () => undefined;

  constructor(mode: string, ...args: string[]) {
    this.#child = spawn(
      process.execPath,
      ['--conditions=@vision-agents/source', PROGRAM, ...args],
      {
        env: { ...process.env, PROGRAM_MODE: mode },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
      this.#onOutput();
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#errors += text));
    this.#child.on('close', (exitCode) => {
      // What the log tells of every call is no error.
      const errors = this.#errors.replaceAll(/^\{.*"level":"info".*\}\n/gm, '');
      this.#ending.resolve({ exitCode, output: this.#output, errors });
    });
  }

  /** How it ended by itself. */
  get ending(): Promise<Ending> {
    return this.#ending.promise;
  }

  signal(name: 'SIGINT' | 'SIGTERM'): void {
    this.#child.kill(name);
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL');
  }

  /** Waits until it has written something. */
  async written(text: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#onOutput = () => this.#output.includes(text) && resolve();
    this.#onOutput();
    void this.ending.then(({ errors }) => reject(new Error(`it ended: ${errors}`)));
    await promise;
  }
}

describe.concurrent('a program', { timeout: 20_000 }, () => {
  test('ends by itself with the call, and shuts the metrics down', async () => {
    using program = new Program('hang-up', '--call-type', 'livestream', '--call-id', '42');
    const { exitCode, output, errors } = await program.ending;
    expect(output).toBe(
      'joined livestream 42\nended hangup\nmetrics shut down\ntraces shut down\n',
    );
    expect(errors).toBe('');
    expect(exitCode).toBe(0);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('ends its call cleanly at %s', async (signal) => {
    using program = new Program('call');
    await program.written('joined default ');
    program.signal(signal);
    const { exitCode, output, errors } = await program.ending;
    expect(output).toContain('ended closed\nmetrics shut down\ntraces shut down\n');
    expect(errors).toBe('');
    expect(exitCode).toBe(0);
  });

  test('ends cleanly at SIGINT while nobody is in the call', async () => {
    using program = new Program('nobody');
    await program.written('waiting');
    program.signal('SIGINT');
    await expect(program.ending).resolves.toEqual({
      exitCode: 0,
      output: 'waiting\nmetrics shut down\ntraces shut down\n',
      errors: '',
    });
  });

  test('ends cleanly at SIGINT while its agent is being made', async () => {
    using program = new Program('slow-agent');
    await program.written('making the agent');
    program.signal('SIGINT');
    await expect(program.ending).resolves.toEqual({
      exitCode: 0,
      output: 'making the agent\nmetrics shut down\ntraces shut down\n',
      errors: '',
    });
  });

  test('ends at once at the second SIGINT, whatever it is doing', async () => {
    using program = new Program('stubborn');
    await program.written('joined default ');
    program.signal('SIGINT');
    await program.written('ended closed');
    program.signal('SIGINT');
    const { exitCode, output } = await program.ending;
    expect(exitCode).toBe(130);
    expect(output).not.toContain('metrics shut down');
  });

  test('that fails says why and exits with 1', async () => {
    using program = new Program('failing');
    await expect(program.ending).resolves.toEqual({
      exitCode: 1,
      output: 'metrics shut down\ntraces shut down\n',
      errors: 'Error: a bad program\n',
    });
  });

  test('whose metrics cannot be shut down says so and ends all the same', async () => {
    using program = new Program('bad-metrics', '--help');
    const { exitCode, output, errors } = await program.ending;
    expect(output).toContain('Usage: agent');
    expect(errors).toContain('no route to the collector');
    expect(exitCode).toBe(0);
  });

  test('with a command line that cannot be understood says why and exits with 2', async () => {
    using program = new Program('call', '--colour', 'red');
    const { exitCode, output, errors } = await program.ending;
    expect(errors).toMatch(/^there is no option --colour; .*\nTry --help\.\n$/);
    expect(output).toBe('metrics shut down\ntraces shut down\n');
    expect(exitCode).toBe(2);
  });

  test('with --help prints its usage', async () => {
    using program = new Program('call', '--help');
    const { exitCode, output, errors } = await program.ending;
    expect(output).toMatch(/^Usage: agent \[run\] \[options\]\n/);
    expect(errors).toBe('');
    expect(exitCode).toBe(0);
  });
});
