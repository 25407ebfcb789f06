import type {
  RealtimeConnection,
  RealtimeEvent,
  RealtimeFact,
  RealtimeSession,
} from '../../src/index.ts';
import { MetricsCollector, Realtime } from '../../src/index.ts';
import { ManualClock, ScriptedRealtimeConnection, settled } from '../../src/testing/index.ts';

/** A model that opens the connection which the test supplies. */
export class SuppliedRealtime extends Realtime {
  readonly provider = 'supplied';
  readonly model = 'supplied-1';
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
    const model = new SuppliedRealtime(() => Promise.resolve(connection));
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
    for (const fact of facts) this.connection.report(fact);
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
