import { setImmediate as turn } from 'node:timers/promises';

import type {
  ConnectContext,
  RealtimeConnection,
  RealtimeFact,
  RealtimeRequest,
  RealtimeUsage,
} from '../../src/index.ts';
import { AsyncQueue, ProviderError, Realtime } from '../../src/index.ts';
import type { RealtimeBehaviour, RealtimeHarness } from '../../src/testing/index.ts';
import { LLM_TOOL, tone } from '../../src/testing/index.ts';

const HEARD = 'hello there';
const TEXT = 'The sun is far away.';
const USAGE: RealtimeUsage = {
  inputTokens: 30,
  outputTokens: 20,
  inputByModality: { text: 10, audio: 20 },
  outputByModality: { audio: 15 },
};

/** What the far side has served. */
export class Served {
  inputTokens = 0;
  outputTokens = 0;
  bytes = 0;
}

/** One session with a model that takes what is loud for speech. Broken ones override a part. */
export class FakeRealtimeConnection implements RealtimeConnection {
  readonly inputSampleRateHz = 16_000;
  readonly outputSampleRateHz = 24_000;
  readonly facts: AsyncQueue<RealtimeFact> = new AsyncQueue<RealtimeFact>();
  readonly served: Served;
  readonly context: ConnectContext;
  readonly #behaviour: RealtimeBehaviour;
  readonly #closed: () => void;
  #samples = 0;
  #loud = 0;
  #lastLoud = 0;
  #cancel: (() => void) | undefined;

  constructor(behaviour: RealtimeBehaviour, served: Served, context: ConnectContext) {
    this.#behaviour = behaviour;
    this.served = served;
    this.context = context;
    this.#closed = context.socketOpened();
  }

  send(samples: Int16Array): boolean {
    for (const sample of samples) this.#hear(sample);
    return true;
  }

  sendText(): void {
    switch (this.#behaviour) {
      case 'calls-tool': {
        const call = { id: 'call-1', name: LLM_TOOL, arguments: { city: 'Paris' } };
        this.facts.push({ type: 'tool-call', call });
        break;
      }
      case 'goes-on':
        this.#goOn();
        break;
      case 'breaks-off':
        this.speak(640);
        this.lose();
        break;
      case 'answers':
      case 'answers-oddly':
        this.answer();
        break;
      case 'refuses':
      case 'rejects-key':
      case 'hangs-connecting':
        throw new Error('it was never connected');
    }
  }

  sendToolResults(): void {
    this.answer();
  }

  interrupt(): void {
    this.stop();
    this.facts.push({ type: 'response-end', outcome: 'interrupted' });
  }

  async close(): Promise<void> {
    await turn();
    this.stop();
    this.facts.end();
    this.#closed();
  }

  [Symbol.asyncIterator](): AsyncIterator<RealtimeFact> {
    return this.facts[Symbol.asyncIterator]();
  }

  protected answer(): void {
    this.speak(this.#behaviour === 'answers-oddly' ? 333 : 640);
    this.facts.push({ type: 'agent-transcript', text: TEXT, final: true });
    this.served.inputTokens += USAGE.inputTokens;
    this.served.outputTokens += USAGE.outputTokens;
    this.tellUsage(USAGE);
    this.end();
  }

  protected tellUsage(usage: RealtimeUsage): void {
    this.facts.push({ type: 'usage', usage });
  }

  protected end(): void {
    this.facts.push({ type: 'response-end', outcome: 'completed' });
  }

  protected heard(): void {
    this.facts.push({ type: 'user-transcript', text: HEARD, final: true });
  }

  protected lose(): void {
    this.facts.fail(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
  }

  protected stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  protected chunk(bytes: Uint8Array): void {
    this.facts.push({ type: 'audio', bytes });
  }

  protected speak(size: number): void {
    const { samples } = tone({ durationMs: 100, sampleRateHz: 24_000 });
    const bytes = new Uint8Array(samples.buffer);
    this.served.bytes += bytes.length;
    for (let at = 0; at < bytes.length; at += size) this.chunk(bytes.subarray(at, at + size));
  }

  #goOn(): void {
    this.speak(640);
    this.#cancel = this.context.clock.after(100, () => this.#goOn());
  }

  #hear(sample: number): void {
    this.#samples += 1;
    const offsetMs = this.#samples / 16;
    if (sample !== 0) {
      if (this.#loud === 0) this.facts.push({ type: 'user-speech-start', offsetMs });
      this.#loud += 1;
      this.#lastLoud = this.#samples;
    } else if (this.#loud >= 16_000 && this.#samples - this.#lastLoud >= 6400) {
      this.facts.push({ type: 'user-speech-end', offsetMs: this.#lastLoud / 16 });
      this.#loud = 0;
      this.heard();
      this.answer();
    }
  }
}

/** How a broken connection is made. */
export type Connection = new (
  ...parts: ConstructorParameters<typeof FakeRealtimeConnection>
) => RealtimeConnection;

class FakeRealtime extends Realtime {
  readonly provider = 'fake';
  readonly model = 'fake-realtime';
  readonly served = new Served();
  readonly #behaviours: RealtimeBehaviour[];
  readonly #connection: Connection;

  constructor(behaviours: readonly RealtimeBehaviour[], connection: Connection) {
    super();
    this.#behaviours = [...behaviours];
    this.#connection = connection;
  }

  protected async connect(
    _request: RealtimeRequest,
    context: ConnectContext,
  ): Promise<RealtimeConnection> {
    const behaviour = this.#behaviours.shift();
    await turn();
    if (behaviour === undefined) throw new Error('nothing more was expected');
    if (behaviour === 'refuses') throw ProviderError.fromStatus('fake', 503);
    if (behaviour === 'rejects-key') throw ProviderError.fromStatus('fake', 401);
    if (behaviour === 'hangs-connecting') await neverConnected(context);
    return new this.#connection(behaviour, this.served, context);
  }
}

function neverConnected({ clock, signal }: ConnectContext): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const cancel = clock.after(5000, () => {
    const message = 'no connection within 5000 ms';
    reject(new ProviderError({ provider: 'fake', type: 'timeout', message }));
  });
  const abort = (): void => {
    cancel();
    reject(signal.reason);
  };
  signal.addEventListener('abort', abort, { once: true });
  return promise;
}

/** The harness of a model with connections of this kind. */
export function realtimeHarness(connection: Connection): RealtimeHarness {
  const words = tone({ durationMs: 1000 }).samples.map((sample) => sample || 1);
  const samples = new Int16Array(4800 + words.length + 9600);
  samples.set(words, 4800);
  const frame = { samples, sampleRateHz: 16_000 };
  return {
    create(behaviours) {
      const model = new FakeRealtime(behaviours, connection);
      const { served } = model;
      return {
        model,
        speech: { frame, text: HEARD, startMs: 300, endMs: 1300 },
        text: TEXT,
        served: () => served,
        servedBytes: () => served.bytes,
      };
    },
  };
}
