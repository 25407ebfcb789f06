import type { ToolResult } from '../conversation/message.ts';
import type { RealtimeFact } from '../realtime/realtime-events.ts';
import type { RealtimeConnection, RealtimeRequest } from '../realtime/realtime.ts';
import { Realtime } from '../realtime/realtime.ts';
import { AsyncQueue } from '../stream/async-queue.ts';
import type { ConnectContext } from '../stream/component-context.ts';
import { pause } from './pause.ts';
import { Script } from './script.ts';

/** How one connection of the scripted model opens. */
export interface RealtimeOpening {
  readonly delayMs?: number;
  readonly error?: Error;
}

/** One connection: the test says what the model does. */
export class ScriptedRealtimeConnection implements RealtimeConnection {
  readonly inputSampleRateHz = 16_000;
  readonly outputSampleRateHz = 24_000;
  readonly #facts = new AsyncQueue<RealtimeFact>();
  readonly #onClosed: (() => void) | undefined;
  /** The audio that came. */
  readonly sent: Int16Array[] = [];
  /** Everything else that came, in order: texts, results of tools, and how much was played. */
  readonly told: (string | number | readonly ToolResult[])[] = [];
  /** Whether the network takes no more audio. */
  isBacklogged = false;
  closes = 0;
  /** What another session could go on with; the test's. */
  resumption: string | undefined;

  constructor(onClosed?: () => void) {
    this.#onClosed = onClosed;
  }

  get isClosed(): boolean {
    return this.closes > 0;
  }

  /** Reports facts, as the provider would. */
  report(...facts: RealtimeFact[]): void {
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

  sendText(text: string): void {
    this.told.push(text);
  }

  sendToolResults(results: readonly ToolResult[]): void {
    this.told.push(results);
  }

  interrupt(playedMs: number): void {
    this.told.push(playedMs);
  }

  async close(): Promise<void> {
    this.closes += 1;
    if (this.closes > 1) return;
    this.#facts.end();
    this.#onClosed?.();
  }

  [Symbol.asyncIterator](): AsyncIterator<RealtimeFact> {
    return this.#facts[Symbol.asyncIterator]();
  }
}

/** A speech-to-speech model that does what the test reports. One opening is expected a connection. */
export class ScriptedRealtime extends Realtime {
  readonly provider = 'scripted';
  readonly model = 'scripted-realtime';
  readonly script: Script<RealtimeOpening>;
  /** All that were opened, in order. */
  readonly connections: ScriptedRealtimeConnection[] = [];
  /** What each was opened with, or was to be. */
  readonly requests: RealtimeRequest[] = [];

  constructor(openings: readonly RealtimeOpening[]) {
    super();
    this.script = new Script('ScriptedRealtime', openings);
  }

  protected async connect(
    request: RealtimeRequest,
    context: ConnectContext,
  ): Promise<RealtimeConnection> {
    const { delayMs = 0, error } = this.script.next(`connection ${this.connections.length + 1}`);
    this.requests.push(request);
    if (delayMs > 0) await pause(context.clock, delayMs, context.signal);
    if (error !== undefined) throw error;
    const connection = new ScriptedRealtimeConnection(context.socketOpened());
    this.connections.push(connection);
    return connection;
  }
}
