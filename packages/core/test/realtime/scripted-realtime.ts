import type {
  RealtimeConnection,
  RealtimeEvent,
  RealtimeFact,
  RealtimeSession,
  ToolResult,
} from '../../src/index.ts';
import { AsyncQueue, MetricsCollector, Realtime } from '../../src/index.ts';
import { ManualClock, settled } from '../manual-clock.ts';

/** A connection that notes what it is told and yields the facts that the test gives. */
export class ScriptedRealtimeConnection implements RealtimeConnection {
  readonly inputSampleRateHz = 16_000;
  readonly outputSampleRateHz = 24_000;
  readonly facts: AsyncQueue<RealtimeFact> = new AsyncQueue<RealtimeFact>();
  readonly sent: Int16Array[] = [];
  readonly told: unknown[] = [];
  closes = 0;

  send(samples: Int16Array): void {
    this.sent.push(samples);
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

  close(): Promise<void> {
    this.closes += 1;
    this.facts.end();
    return Promise.resolve();
  }

  [Symbol.asyncIterator](): AsyncIterator<RealtimeFact> {
    return this.facts[Symbol.asyncIterator]();
  }
}

/** A model that opens the connection which the test wants. */
export class ScriptedRealtime extends Realtime {
  readonly provider = 'scripted';
  readonly model = 'scripted-1';
  readonly #connect: () => Promise<RealtimeConnection>;

  constructor(connect: () => Promise<RealtimeConnection>) {
    super();
    this.#connect = connect;
  }

  protected connect(): Promise<RealtimeConnection> {
    return this.#connect();
  }
}

/** An open session with everything around it that a test turns or looks at. */
export class Conversing {
  readonly clock: ManualClock = new ManualClock();
  readonly collector: MetricsCollector = new MetricsCollector();
  readonly controller: AbortController = new AbortController();
  readonly connection: ScriptedRealtimeConnection = new ScriptedRealtimeConnection();
  readonly events: RealtimeEvent[] = [];
  /** What the iteration ended with: undefined, or what it threw. */
  ended: Promise<unknown> = Promise.resolve();
  #session: RealtimeSession | undefined;

  static async start(): Promise<Conversing> {
    const conversing = new Conversing();
    const { clock, collector, controller, connection } = conversing;
    const model = new ScriptedRealtime(() => Promise.resolve(connection));
    const context = { clock, metrics: collector, signal: controller.signal };
    conversing.#session = await model.open({ instructions: '' }, context);
    conversing.ended = conversing.#read();
    return conversing;
  }

  get session(): RealtimeSession {
    if (this.#session === undefined) throw new Error('not open');
    return this.#session;
  }

  get metrics(): MetricsCollector['metrics'] {
    return this.collector.metrics;
  }

  /** Gives facts and lets everything that follows from them happen. */
  async report(...facts: RealtimeFact[]): Promise<void> {
    for (const fact of facts) this.connection.facts.push(fact);
    await settled();
  }

  /** Writes audio in real time, in frames of 20 ms. */
  async speak(durationMs: number): Promise<void> {
    for (let ms = 0; ms < durationMs; ms += 20) {
      await this.clock.advance(20);
      this.session.write({ samples: new Int16Array(320), sampleRateHz: 16_000 });
    }
  }

  async #read(): Promise<unknown> {
    try {
      for await (const event of this.session) this.events.push(event);
      return undefined;
    } catch (error) {
      return error;
    }
  }
}
