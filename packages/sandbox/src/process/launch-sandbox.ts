import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { CallEvent, CallOptions, CallReport } from '../caller/call-report.ts';
import type { Delays } from '../delays.ts';
import type { Fault } from '../faults.ts';
import type { SandboxTruth } from '../truth.ts';
import type {
  ChildMessage,
  CommandName,
  Commands,
  LaunchOptions,
  SandboxAddresses,
} from './messages.ts';

/** The child has to be there within this time. */
const startTimeoutMs = 15_000;
const answerTimeoutMs = 10_000;
const exitTimeoutMs = 2000;

/** A sandbox in a process of its own, so that its timers do not share the agent's event loop. */
export interface SandboxProcess extends SandboxAddresses, AsyncDisposable {
  truth(): Promise<SandboxTruth>;
  inject(fault: Fault): Promise<void>;
  clearFaults(): Promise<void>;
  configure(delays: Partial<Delays>): Promise<void>;
  /** Places a call from that process, in the sandbox's voice unless `chordMs` says otherwise. */
  placeCall(options: CallOptions): Promise<CallReport>;
  /** Ends the process. Idempotent, never throws. */
  close(): Promise<void>;
}

/** Starts a sandbox in a child process, which also ends when this process does. Rejects when it cannot be started. */
export async function launchSandbox(options: LaunchOptions = {}): Promise<SandboxProcess> {
  const fromSources = import.meta.url.endsWith('.ts');
  const program = fromSources
    ? new URL('./child.ts', import.meta.url)
    : new URL('./child.js', import.meta.url);
  const child = fork(fileURLToPath(program), [], {
    // From sources when this is run from sources; nothing else of the parent's flags (an inspector's port, say) is wanted.
    execArgv: fromSources ? ['--conditions=@vision-agents/source'] : [],
  });
  const commander = new Commander(child);
  const close = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill();
    const late = setTimeout(() => child.kill('SIGKILL'), exitTimeoutMs);
    await exited;
    clearTimeout(late);
  };
  try {
    const addresses = await commander.ask('start', options, { timeoutMs: startTimeoutMs });
    return {
      ...addresses,
      truth: () => commander.ask('truth', undefined),
      inject: (fault) => commander.ask('inject', fault),
      clearFaults: () => commander.ask('clearFaults', undefined),
      configure: (delays) => commander.ask('configure', delays),
      placeCall: (call) => placeCall(commander, call),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function placeCall(commander: Commander, options: CallOptions): Promise<CallReport> {
  const { signal, lastAnswer, onEvent, ...payload } = options;
  const settled = new AbortController();
  try {
    return await commander.ask('placeCall', payload, {
      onEvent,
      onAsked: (id) => {
        const passOn = (wish: AbortSignal | undefined, name: 'hangUp' | 'lastAnswer'): void => {
          const tell = (): void => void commander.ask(name, id).catch(() => undefined);
          if (wish?.aborted === true) tell();
          else wish?.addEventListener('abort', tell, { signal: settled.signal });
        };
        passOn(signal, 'hangUp');
        passOn(lastAnswer, 'lastAnswer');
      },
      // A call has time-outs of its own, and ends.
      timeoutMs: undefined,
    });
  } finally {
    settled.abort();
  }
}

interface AskOptions {
  timeoutMs?: number | undefined;
  onEvent?: ((event: CallEvent) => void) | undefined;
  /** The command is on its way, under this id. */
  onAsked?: (id: number) => void;
}

/** The result is of the type that the command asks for: both ends are compiled from one table of commands. */
type Answer = ChildMessage<never>;

interface Question {
  settle: (message: Answer | Error) => void;
  onEvent: ((event: CallEvent) => void) | undefined;
}

/** Sends commands to the child and pairs its answers with them. */
class Commander {
  readonly #child: ChildProcess;
  readonly #open = new Map<number, Question>();
  #nextId = 1;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message: Answer) => {
      const question = this.#open.get(message.id);
      if (message.type === 'event') question?.onEvent?.(message.event);
      else question?.settle(message);
    });
    const gone = (): void => {
      for (const { settle } of this.#open.values()) {
        settle(new Error('The process of the sandbox is gone.'));
      }
    };
    child.once('exit', gone);
    child.on('error', gone);
  }

  async ask<N extends CommandName>(
    name: N,
    payload: Commands[N]['takes'],
    options: AskOptions = { timeoutMs: answerTimeoutMs },
  ): Promise<Commands[N]['gives']> {
    const id = this.#nextId;
    this.#nextId += 1;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Commands[N]['gives']>((resolve, reject) => {
        const settle: Question['settle'] = (message) => {
          if (message instanceof Error) reject(message);
          else if (message.type === 'error') reject(new Error(message.message));
          else if (message.type === 'result') resolve(message.result);
        };
        this.#open.set(id, { settle, onEvent: options.onEvent });
        if (options.timeoutMs !== undefined) {
          const late = (): void => settle(new Error(`The sandbox did not answer to ${name}.`));
          timer = setTimeout(late, options.timeoutMs);
        }
        if (!this.#child.connected) settle(new Error('The process of the sandbox is gone.'));
        else this.#child.send({ id, name, payload });
        options.onAsked?.(id);
      });
    } finally {
      clearTimeout(timer);
      this.#open.delete(id);
    }
  }
}
