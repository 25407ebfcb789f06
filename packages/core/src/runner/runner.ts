import { randomUUID } from 'node:crypto';

import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import { metrics, trace } from '@opentelemetry/api';

import { AgentError } from '../errors/agent-error.ts';
import { setLogLevel } from '../logging/console-logger.ts';
import type { AgentLauncher } from './agent-launcher.ts';
import { HELP, parseCommandLine } from './run-options.ts';

/** The command line of a program that runs agents. */
export class Runner {
  readonly #launcher: AgentLauncher;

  constructor(launcher: AgentLauncher) {
    this.#launcher = launcher;
  }

  /**
   * Does what the command line asks for and resolves when that is over: everything is closed, the
   * meter and the tracer provider have been shut down (a push exporter would lose what came last), and `process.exitCode` is 0,
   * 1 (the call failed) or 2 (the command line cannot be understood). The first Ctrl-C ends the call
   * cleanly, the second at once. Errors are printed, not thrown.
   * @param args without the program's name
   */
  async cli(args: readonly string[] = process.argv.slice(2)): Promise<void> {
    try {
      const command = parseCommandLine(args);
      switch (command.name) {
        case 'help':
          process.stdout.write(HELP);
          break;
        case 'run':
          setLogLevel(command.logLevel);
          await this.run({
            callType: command.callType,
            callId: command.callId ?? randomUUID(),
          });
          break;
      }
    } catch (error) {
      const isUsage = error instanceof AgentError && error.code === 'configuration';
      process.stderr.write(`${describe(error)}\n`);
      if (isUsage) process.stderr.write('Try --help.\n');
      process.exitCode = isUsage ? 2 : 1;
    } finally {
      await shutDownTelemetry();
    }
  }

  /** Runs one agent in one call until that ends or the process is told to stop. */
  async run(request: { readonly callType: string; readonly callId: string }): Promise<void> {
    let isStopping = false;
    const stop = (): void => {
      isStopping = true;
      process.once('SIGINT', () => process.exit(130));
      void this.#launcher.close();
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    try {
      const session = await this.#launcher.start(request);
      await session.done;
    } catch (error) {
      const isStopped = isStopping && error instanceof AgentError && error.code === 'call_ended';
      if (!isStopped) throw error;
    } finally {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
      await this.#launcher.close();
    }
  }
}

function describe(error: unknown): string {
  return error instanceof AgentError ? error.message : String(error);
}

/** What a provider of the OpenTelemetry SDK can do beyond the API. */
interface Closeable {
  readonly shutdown?: () => Promise<void>;
  /** The tracing API hands out a stand-in for the provider that was set. */
  readonly getDelegate?: () => Closeable;
}

async function shutDownTelemetry(): Promise<void> {
  const meters: MeterProvider & Closeable = metrics.getMeterProvider();
  const tracers: TracerProvider & Closeable = trace.getTracerProvider();
  await shutDown('metrics', meters);
  await shutDown('traces', tracers.getDelegate?.() ?? tracers);
}

async function shutDown(what: string, provider: Closeable): Promise<void> {
  try {
    await provider.shutdown?.();
  } catch (error) {
    process.stderr.write(`the ${what} could not be shut down: ${String(error)}\n`);
  }
}
