import type {
  ConnectContext,
  LLMEvent,
  LLMRequest,
  STTConnection,
  TTSConnection,
} from '../../src/index.ts';
import { LLM, pcmBytes, ProviderError, STT, TTS } from '../../src/index.ts';
import { ScriptedSTTConnection } from '../../src/testing/index.ts';

/** What a vendor of the tests does with one piece of work: all of it, or fail at some point. */
export type Fate = 'works' | 'refuses' | 'breaks' | 'hangs';

export function refusal(provider: string): ProviderError {
  return ProviderError.fromStatus(provider, 503);
}

/** A model of a vendor that fares as it is told, request by request; the last fate stays. */
export class VendorLLM extends LLM {
  readonly model = 'model';
  readonly provider: string;
  readonly requests: LLMRequest[] = [];
  readonly #fates: Fate[];
  readonly #events: readonly LLMEvent[];

  constructor(provider: string, fates: readonly Fate[], events?: readonly LLMEvent[]) {
    super({ firstEventTimeoutMs: 1000 });
    this.provider = provider;
    this.#fates = [...fates];
    this.#events = events ?? [{ type: 'text', text: `I am ${provider}.` }];
  }

  protected async *stream(request: LLMRequest): AsyncIterable<LLMEvent> {
    this.requests.push(request);
    const fate = next(this.#fates);
    if (fate === 'refuses') throw refusal(this.provider);
    if (fate === 'hangs') await new Promise(() => undefined);
    for (const event of this.#events) yield event;
    if (fate === 'breaks') throw refusal(this.provider);
    yield { type: 'usage', usage: { inputTokens: 10, outputTokens: 2 } };
    yield { type: 'end', reason: 'stop' };
  }
}

/** A voice of a vendor that fares as it is told, text by text. */
export class VendorTTS extends TTS {
  readonly model = 'voice';
  readonly provider: string;
  readonly level: number;
  texts: string[] = [];
  openCount = 0;
  readonly #fates: Fate[];
  readonly #opening: Fate;

  constructor(provider: string, level: number, fates: readonly Fate[], opening: Fate = 'works') {
    super();
    this.provider = provider;
    this.level = level;
    this.#fates = [...fates];
    this.#opening = opening;
  }

  protected async connect(): Promise<TTSConnection> {
    if (this.#opening === 'refuses') throw refusal(this.provider);
    this.openCount += 1;
    return {
      sampleRateHz: 16_000,
      synthesize: (text) => this.#speak(text),
      close: async () => {
        this.openCount -= 1;
      },
    };
  }

  async *#speak(text: string): AsyncIterable<Uint8Array> {
    this.texts.push(text);
    const fate = next(this.#fates);
    if (fate === 'refuses') throw refusal(this.provider);
    yield pcmBytes(new Int16Array(1600).fill(this.level));
    if (fate === 'breaks') throw refusal(this.provider);
  }
}

/** A speech to text of a vendor whose connections open or not, as it is told. */
export class VendorSTT extends STT {
  readonly model = 'ears';
  readonly sampleRateHz = 16_000;
  readonly provider: string;
  readonly detectsTurns: boolean;
  readonly connections: ScriptedSTTConnection[] = [];
  readonly #fates: Fate[];

  constructor(provider: string, fates: readonly Fate[], detectsTurns = true) {
    super();
    this.provider = provider;
    this.detectsTurns = detectsTurns;
    this.#fates = [...fates];
  }

  protected async connect(context: ConnectContext): Promise<STTConnection> {
    if (next(this.#fates) === 'refuses') throw refusal(this.provider);
    const connection = new ScriptedSTTConnection(context.socketOpened());
    this.connections.push(connection);
    return connection;
  }
}

function next(fates: Fate[]): Fate {
  return (fates.length > 1 ? fates.shift() : fates[0]) ?? 'works';
}
