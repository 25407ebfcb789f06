import type { Clock, ConnectContext, STTConnection, STTFact } from '../../src/index.ts';
import { AsyncQueue, STT } from '../../src/index.ts';
import { pause, Script } from './script.ts';

/** How one connection of the scripted speech to text opens and closes. */
export interface STTOpening {
  readonly delayMs?: number;
  readonly error?: Error;
}

/** One connection: the test says what is recognised. */
export class FakeSTTConnection implements STTConnection {
  readonly #facts = new AsyncQueue<STTFact>();
  readonly #onClosed: () => void;
  /** The audio that came. */
  readonly sent: Int16Array[] = [];
  flushes = 0;
  isClosed = false;

  constructor(onClosed: () => void) {
    this.#onClosed = onClosed;
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

  send(samples: Int16Array): void {
    this.sent.push(samples);
  }

  flush(): void {
    this.flushes += 1;
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#facts.end();
    this.#onClosed();
  }

  [Symbol.asyncIterator](): AsyncIterator<STTFact> {
    return this.#facts[Symbol.asyncIterator]();
  }
}

/** Speech to text that recognises what the test pushes. One opening is expected a connection. */
export class FakeSTT extends STT {
  readonly provider = 'fake';
  readonly model = 'fake-stt';
  readonly sampleRateHz = 16_000;
  readonly detectsTurns: boolean;
  readonly script: Script<STTOpening>;
  /** All that were opened, in order. */
  readonly connections: FakeSTTConnection[] = [];
  /** What each connection was opened with. */
  readonly contexts: ConnectContext[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock, openings: readonly STTOpening[], detectsTurns = true) {
    super();
    this.#clock = clock;
    this.detectsTurns = detectsTurns;
    this.script = new Script('FakeSTT', openings);
  }

  /** How many connections are open. */
  get openConnections(): number {
    return this.connections.filter(({ isClosed }) => !isClosed).length;
  }

  protected async connect(context: ConnectContext): Promise<STTConnection> {
    this.contexts.push(context);
    const { delayMs = 0, error } = this.script.next(`connection ${this.connections.length + 1}`);
    if (delayMs > 0) await pause(this.#clock, delayMs, context.signal);
    if (error !== undefined) throw error;
    const connection = new FakeSTTConnection(context.socketOpened());
    this.connections.push(connection);
    return connection;
  }
}
