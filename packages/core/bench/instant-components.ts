import type {
  AudioFrame,
  Call,
  EdgeConnection,
  EdgeJoinContext,
  LLMEvent,
  STTConnection,
  STTFact,
  TTSConnection,
} from '../src/index.ts';
import { AsyncQueue, Edge, LLM, Playout, STT, TTS } from '../src/index.ts';

/** Speech to text whose facts the benchmark pushes. */
export class InstantSTT extends STT {
  readonly provider = 'instant';
  readonly model = 'instant';
  readonly detectsTurns = true;
  readonly sampleRateHz = 16_000;
  /** Of the newest connection. */
  facts: AsyncQueue<STTFact> = new AsyncQueue();

  protected async connect(): Promise<STTConnection> {
    const facts = new AsyncQueue<STTFact>();
    this.facts = facts;
    return {
      [Symbol.asyncIterator]: () => facts[Symbol.asyncIterator](),
      send: () => true,
      flush: () => undefined,
      close: async () => facts.end(),
    };
  }
}

/** A model that has its answer at once. */
export class InstantLLM extends LLM {
  readonly provider = 'instant';
  readonly model = 'instant';

  protected async *stream(): AsyncIterable<LLMEvent> {
    yield { type: 'text', text: 'Yes, it is.' };
    yield { type: 'usage', usage: { inputTokens: 10, outputTokens: 4 } };
    yield { type: 'end', reason: 'stop' };
  }
}

/** A voice that has all of its audio at once. */
export class InstantTTS extends TTS {
  readonly provider = 'instant';
  readonly model = 'instant';
  readonly #durationMs: number;

  /** @param durationMs how long each text sounds */
  constructor(durationMs = 20) {
    super();
    this.#durationMs = durationMs;
  }

  protected async connect(): Promise<TTSConnection> {
    const audio = new Uint8Array(this.#durationMs * 32).fill(1);
    return {
      sampleRateHz: 16_000,
      async *synthesize() {
        yield audio;
      },
      close: async () => undefined,
    };
  }
}

/** An edge with one caller that tells of each frame that leaves, and of each flush. */
export class InstantEdge extends Edge {
  readonly provider = 'instant';
  onFrame: () => void = () => undefined;
  onFlushed: () => void = () => undefined;
  hear: (frame: AudioFrame) => void = () => undefined;

  async createCall(type: string, id: string): Promise<Call> {
    return { type, id };
  }

  async join(_call: Call, { handlers, clock, metrics }: EdgeJoinContext): Promise<EdgeConnection> {
    const send = (): void => this.onFrame();
    const flushed = (): void => this.onFlushed();
    const voice = { provider: 'instant', sampleRateHz: 16_000, send, flushed, clock, metrics };
    const caller = { id: 'caller' };
    handlers.participantJoined(caller);
    this.hear = (frame) => handlers.audio(caller, frame);
    return {
      playout: new Playout(voice),
      caption: () => undefined,
      close: async () => undefined,
    };
  }
}
