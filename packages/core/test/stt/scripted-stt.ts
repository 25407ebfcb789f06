import type {
  ConnectContext,
  STTConnection,
  STTEvent,
  STTFact,
  STTStream,
} from '../../src/index.ts';
import { AsyncQueue, MetricsCollector, STT } from '../../src/index.ts';
import { ManualClock, settled } from '../manual-clock.ts';

/** A connection that notes what it is sent and yields the facts that the test gives. */
export class ScriptedConnection implements STTConnection {
  readonly facts: AsyncQueue<STTFact> = new AsyncQueue<STTFact>();
  readonly sent: Int16Array[] = [];
  flushes = 0;
  closes = 0;
  /** Facts that the provider still has when it is asked to close. */
  lastFacts: STTFact[] = [];

  send(samples: Int16Array): void {
    this.sent.push(samples);
  }

  flush(): void {
    this.flushes += 1;
  }

  close(): Promise<void> {
    this.closes += 1;
    for (const fact of this.lastFacts) this.facts.push(fact);
    this.facts.end();
    return Promise.resolve();
  }

  [Symbol.asyncIterator](): AsyncIterator<STTFact> {
    return this.facts[Symbol.asyncIterator]();
  }
}

/** Speech to text that opens the connection which the test wants. */
export class ScriptedSTT extends STT {
  readonly provider: string;
  readonly model = 'scripted-1';
  readonly detectsTurns = true;
  readonly sampleRateHz = 16_000;
  readonly contexts: ConnectContext[] = [];
  readonly #connect: () => Promise<STTConnection>;

  constructor(connect: () => Promise<STTConnection>, provider = 'scripted') {
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
  readonly connection: ScriptedConnection = new ScriptedConnection();
  readonly events: STTEvent[] = [];
  readonly stt: ScriptedSTT;
  /** What the iteration ended with: undefined, or what it threw. */
  ended: Promise<unknown> = Promise.resolve();
  #stream: STTStream | undefined;

  constructor(provider?: string) {
    this.stt = new ScriptedSTT(() => Promise.resolve(this.connection), provider);
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
    for (const fact of facts) this.connection.facts.push(fact);
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
