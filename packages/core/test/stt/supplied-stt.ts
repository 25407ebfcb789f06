import type {
  ConnectContext,
  STTConnection,
  STTEvent,
  STTFact,
  STTStream,
} from '../../src/index.ts';
import { MetricsCollector, STT } from '../../src/index.ts';
import { ManualClock, ScriptedSTTConnection, settled } from '../../src/testing/index.ts';

/** Speech to text that opens the connection which the test supplies. */
export class SuppliedSTT extends STT {
  readonly provider: string;
  readonly model = 'supplied-1';
  readonly detectsTurns = true;
  readonly sampleRateHz = 16_000;
  readonly contexts: ConnectContext[] = [];
  readonly #connect: () => Promise<STTConnection>;

  constructor(connect: () => Promise<STTConnection>, provider = 'supplied') {
    super();
    this.provider = provider;
    this.#connect = connect;
  }

  protected connect(context: ConnectContext): Promise<STTConnection> {
    this.contexts.push(context);
    return this.#connect();
  }
}

/** An open stream with everything around it that a test turns or looks at. */
export class Listening {
  readonly clock: ManualClock = new ManualClock();
  readonly collector: MetricsCollector = new MetricsCollector();
  readonly controller: AbortController = new AbortController();
  readonly connection: ScriptedSTTConnection = new ScriptedSTTConnection();
  readonly events: STTEvent[] = [];
  readonly stt: SuppliedSTT;
  /** What the iteration ended with: undefined, or what it threw. */
  ended: Promise<unknown> = Promise.resolve();
  #stream: STTStream | undefined;

  constructor(provider?: string) {
    this.stt = new SuppliedSTT(() => Promise.resolve(this.connection), provider);
  }

  static async start(provider?: string): Promise<Listening> {
    const listening = new Listening(provider);
    const { clock, collector, controller } = listening;
    const context = { clock, metrics: collector, signal: controller.signal };
    listening.#stream = await listening.stt.open(context);
    listening.ended = listening.#read(listening.#stream);
    return listening;
  }

  get stream(): STTStream {
    if (this.#stream === undefined) throw new Error('not open');
    return this.#stream;
  }

  get metrics(): MetricsCollector['metrics'] {
    return this.collector.metrics;
  }

  /** Lets time pass and writes the audio of it, in frames of 20 ms. */
  async speak(durationMs: number): Promise<void> {
    for (let ms = 0; ms < durationMs; ms += 20) {
      await this.clock.advance(20);
      this.stream.write({ samples: new Int16Array(320), sampleRateHz: 16_000 });
    }
  }

  async report(...facts: STTFact[]): Promise<void> {
    for (const fact of facts) this.connection.report(fact);
    await settled();
  }

  async #read(stream: STTStream): Promise<unknown> {
    try {
      for await (const event of stream) this.events.push(event);
    } catch (error) {
      return error;
    }
    return undefined;
  }
}

/** A final transcript of the words between two offsets. */
export function final(text: string, speechStartMs?: number, speechEndMs?: number): STTFact {
  return { type: 'transcript', text, final: true, speechStartMs, speechEndMs };
}

export const TURN_END: STTFact = { type: 'turn-end', eager: false };
