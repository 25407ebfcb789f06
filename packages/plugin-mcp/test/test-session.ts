import { fileURLToPath } from 'node:url';

import type { ComponentContext, ToolSource, ToolSourceSession } from '@vision-agents/core';
import { onTestFinished, vi } from 'vitest';

import type { StdioServerOptions } from '../src/index.ts';
import { StdioServer } from '../src/index.ts';
import { RecordingLogger } from './recording-logger.ts';

/** How to start a server of `test/servers`. */
export function script(name: string, args: readonly string[] = []): StdioServerOptions {
  const path = fileURLToPath(new URL(`servers/${name}.ts`, import.meta.url));
  return { command: process.execPath, args: [path, ...args] };
}

/** The server with all the tools, as a process. */
export function stdioServer(options: Partial<StdioServerOptions> = {}): StdioServer {
  return new StdioServer({ ...script('stdio-server'), ...options });
}

/** An open session whose tools can be called by name. It is closed when the test is over. */
export class TestSession {
  readonly session: ToolSourceSession;
  readonly logger: RecordingLogger;

  private constructor(session: ToolSourceSession, logger: RecordingLogger) {
    this.session = session;
    this.logger = logger;
  }

  static async open(source: ToolSource, context: ComponentContext = {}): Promise<TestSession> {
    const logger = new RecordingLogger();
    const session = await source.open({ logger, ...context });
    onTestFinished(() => session.close());
    return new TestSession(session, logger);
  }

  async call(name: string, input: unknown = {}, signal?: AbortSignal): Promise<unknown> {
    const tool = this.session.tools[name];
    if (tool === undefined) throw new Error(`there is no tool ${name}`);
    return tool.run(input, { signal: signal ?? new AbortController().signal });
  }

  /** The answer of a tool that answers with JSON. */
  async ask(name: string): Promise<Record<string, unknown>> {
    const answer: unknown = JSON.parse(String(await this.call(name)));
    if (isRecord(answer)) return answer;
    throw new Error(`${name} answered with no object`);
  }

  /** The id of the server's process. */
  async pid(): Promise<number> {
    return Number((await this.ask('process'))['pid']);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Whether there is a process of this id. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    // ESRCH: there is none.
    return false;
  }
}

/** What a promise is rejected with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

/** Waits until an assertion holds. */
export async function eventually(assertion: () => unknown): Promise<void> {
  await vi.waitFor(assertion, { timeout: 15_000, interval: 20 });
}
