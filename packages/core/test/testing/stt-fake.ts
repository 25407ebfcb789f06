import { setImmediate as turn } from 'node:timers/promises';

import type { ConnectContext, STTConnection, STTFact } from '../../src/index.ts';
import { AsyncQueue, ProviderError, STT } from '../../src/index.ts';
import type { STTBehaviour, STTHarness } from '../../src/testing/index.ts';
import { tone } from '../../src/testing/index.ts';

const TEXT = 'hello there';
const STALL_MS = 5000;

/** A connection that takes what is loud for speech, and half a second of silence for its end. */
export class FakeSTTConnection implements STTConnection {
  readonly facts: AsyncQueue<STTFact> = new AsyncQueue<STTFact>();
  readonly context: ConnectContext;
  readonly #behaviour: STTBehaviour;
  readonly #closed: () => void;
  #samples = 0;
  #startMs: number | undefined;
  #endMs = 0;
  #loud = 0;
  #unansweredSinceMs: number | undefined;

  constructor(behaviour: STTBehaviour, context: ConnectContext) {
    this.#behaviour = behaviour;
    this.context = context;
    this.#closed = context.socketOpened();
  }

  send(samples: Int16Array): boolean {
    this.checkStall();
    for (const sample of samples) this.#hear(sample);
    return true;
  }

  /** Whether there are words to tell. */
  protected get isSpeaking(): boolean {
    return this.#startMs !== undefined;
  }

  flush(): void {}

  async close(): Promise<void> {
    await turn();
    if (this.isSpeaking) this.tellWords();
    this.facts.end();
    this.#closed();
  }

  [Symbol.asyncIterator](): AsyncIterator<STTFact> {
    return this.facts[Symbol.asyncIterator]();
  }

  protected checkStall(): void {
    if (this.#behaviour !== 'stalls') return;
    const nowMs = this.context.clock.now();
    this.#unansweredSinceMs ??= nowMs;
    if (nowMs - this.#unansweredSinceMs < STALL_MS) return;
    const message = `nothing was told for ${STALL_MS} ms`;
    this.facts.fail(new ProviderError({ provider: 'fake', type: 'timeout', message }));
  }

  protected tellWords(): void {
    // Who has heard less than was said has not understood it.
    const text = this.#loud >= 16_000 ? TEXT : 'hello';
    const words = this.#behaviour === 'hears-no-words' ? '' : text;
    const [speechStartMs, speechEndMs] = [this.#startMs, this.#endMs];
    this.facts.push({ type: 'transcript', text: words, final: true, speechStartMs, speechEndMs });
    this.#startMs = undefined;
  }

  protected endTurn(): void {
    this.tellWords();
    this.facts.push({ type: 'turn-end', eager: false });
  }

  protected lose(): void {
    const cause = Object.assign(new Error('the socket was reset'), { code: 'ECONNRESET' });
    this.facts.fail(cause);
  }

  #hear(sample: number): void {
    this.#samples += 1;
    const nowMs = this.#samples / 16;
    if (sample !== 0) {
      this.#loud += 1;
      this.#endMs = nowMs;
      if (this.#behaviour === 'breaks-off' && this.#loud === 8000) this.lose();
      if (this.#startMs !== undefined) return;
      this.#startMs = nowMs;
      this.facts.push({ type: 'speech-start', offsetMs: nowMs });
    } else if (this.#startMs !== undefined && nowMs - this.#endMs >= 400) {
      this.endTurn();
    }
  }
}

/** Speech to text of a provider that is a list of behaviours. Broken ones override a part of it. */
export class FakeSTT extends STT {
  readonly provider: string = 'fake';
  readonly model: string = 'fake-stt';
  readonly detectsTurns: boolean = true;
  readonly sampleRateHz: number = 16_000;
  readonly #behaviours: STTBehaviour[];

  constructor(behaviours: readonly STTBehaviour[]) {
    super();
    this.#behaviours = [...behaviours];
  }

  protected async connect(context: ConnectContext): Promise<STTConnection> {
    const behaviour = this.#behaviours.shift();
    await turn();
    switch (behaviour) {
      case 'refuses':
        throw ProviderError.fromStatus('fake', 503);
      case 'rejects-key':
        throw ProviderError.fromStatus('fake', 401);
      case 'hangs-connecting':
        return this.connecting(context);
      case undefined:
        throw new Error('nothing more was expected');
      case 'hears':
      case 'hears-no-words':
      case 'stalls':
      case 'breaks-off':
        return this.connected(behaviour, context);
    }
  }

  protected connected(behaviour: STTBehaviour, context: ConnectContext): STTConnection {
    return new FakeSTTConnection(behaviour, context);
  }

  protected connecting({ clock, signal }: ConnectContext): Promise<never> {
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
}

/** The harness of a speech to text of this kind. */
export function sttHarness(make: (behaviours: readonly STTBehaviour[]) => STT): STTHarness {
  const words = tone({ durationMs: 1000 }).samples.map((sample) => sample || 1);
  const samples = new Int16Array(4800 + words.length + 9600);
  samples.set(words, 4800);
  const speech = {
    frame: { samples, sampleRateHz: 16_000 },
    text: TEXT,
    startMs: 300,
    endMs: 1300,
  };
  return { create: (behaviours) => ({ stt: make(behaviours), speech }) };
}
