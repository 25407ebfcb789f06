import { AsyncQueue } from '../stream/async-queue.ts';
import type { ConnectContext } from '../stream/component-context.ts';
import type { STTFact } from '../stt/stt-events.ts';
import type { STTConnection } from '../stt/stt.ts';
import { STT } from '../stt/stt.ts';
import { pause } from './pause.ts';
import { Script } from './script.ts';

/** How one connection of the scripted speech to text opens and closes. */
export interface STTOpening {
  readonly delayMs?: number;
  readonly error?: Error;
}

/** One connection: the test says what is recognised. */
export class ScriptedSTTConnection implements STTConnection {
  readonly #facts = new AsyncQueue<STTFact>();
  readonly #onClosed: (() => void) | undefined;
  /** The audio that came. */
  readonly sent: Int16Array[] = [];
  /** What the provider still has to report when it is asked to close. */
  lastFacts: readonly STTFact[] = [];
  /** Whether the network takes no more audio. */
  isBacklogged = false;
  flushes = 0;
  closes = 0;

  constructor(onClosed?: () => void) {
    this.#onClosed = onClosed;
  }

  get isClosed(): boolean {
    return this.closes > 0;
  }

  /** How many samples came. */
  get sampleCount(): number {
    return this.sent.reduce((sum, samples) => sum + samples.length, 0);
  }

  /** Reports facts, as the provider would. */
  report(...facts: STTFact[]): void {
    for (const fact of facts) this.#facts.push(fact);
  }

  /** Breaks the connection. */
  lose(error: unknown): void {
    this.#facts.fail(error);
  }

  send(samples: Int16Array): boolean {
    if (this.isBacklogged) return false;
    this.sent.push(samples);
    return true;
  }

  flush(): void {
    this.flushes += 1;
  }

  async close(): Promise<void> {
    this.closes += 1;
    if (this.closes > 1) return;
    this.report(...this.lastFacts);
    this.#facts.end();
    this.#onClosed?.();
  }

  [Symbol.asyncIterator](): AsyncIterator<STTFact> {
    return this.#facts[Symbol.asyncIterator]();
  }
}

/** Speech to text that recognises what the test pushes. One opening is expected a connection. */
export class ScriptedSTT extends STT {
  readonly provider = 'scripted';
  readonly model = 'scripted-stt';
  readonly sampleRateHz = 16_000;
  readonly detectsTurns: boolean;
  readonly script: Script<STTOpening>;
  /** All that were opened, in order. */
  readonly connections: ScriptedSTTConnection[] = [];
  /** What each connection was opened with. */
  readonly contexts: ConnectContext[] = [];

  constructor(
    openings: readonly STTOpening[],
    { detectsTurns = true }: { readonly detectsTurns?: boolean | undefined } = {},
  ) {
    super();
    this.detectsTurns = detectsTurns;
    this.script = new Script('ScriptedSTT', openings);
  }

  /** How many connections are open. */
  get openConnections(): number {
    return this.connections.filter(({ isClosed }) => !isClosed).length;
  }

  protected async connect(context: ConnectContext): Promise<STTConnection> {
    this.contexts.push(context);
    const { delayMs = 0, error } = this.script.next(`connection ${this.connections.length + 1}`);
    if (delayMs > 0) await pause(context.clock, delayMs, context.signal);
    if (error !== undefined) throw error;
    const connection = new ScriptedSTTConnection(context.socketOpened());
    this.connections.push(connection);
    return connection;
  }
}
