import { setTimeout as pause } from 'node:timers/promises';

import type {
  AudioFrame,
  Call,
  EdgeConnection,
  EdgeJoinContext,
  LLMEvent,
  LLMRequest,
  TTSConnection,
} from '../src/index.ts';
import { Edge, LLM, pcmBytes, Playout, TTS } from '../src/index.ts';

const RATE_HZ = 16_000;
const FRAME_MS = 20;
const ANSWER = ['Yes, ', 'we are ', 'open ', 'until nine ', 'tonight. ', 'Shall I ', 'book it?'];

/** A model that writes two sentences at the pace of a fast one. */
export class PacedLLM extends LLM {
  readonly provider = 'paced';
  readonly model = 'paced';

  protected async *stream(_request: LLMRequest, signal: AbortSignal): AsyncIterable<LLMEvent> {
    await pause(150, undefined, { signal });
    for (const text of ANSWER) {
      yield { type: 'text', text };
      await pause(20, undefined, { signal });
    }
    yield { type: 'usage', usage: { inputTokens: 10, outputTokens: 7 } };
    yield { type: 'end', reason: 'stop' };
  }
}

/** A voice that begins after 80 ms and then brings a sentence of 1.2 s, 100 ms at a time, ahead of its playing. */
export class PacedTTS extends TTS {
  readonly provider = 'paced';
  readonly model = 'paced';

  protected async connect(): Promise<TTSConnection> {
    const chunk = pcmBytes(new Int16Array(RATE_HZ / 10).fill(1000));
    return {
      sampleRateHz: RATE_HZ,
      async *synthesize(_text, signal) {
        await pause(80, undefined, { signal });
        for (let sent = 0; sent < 12; sent++) {
          yield chunk;
          await pause(15, undefined, { signal });
        }
      },
      close: async () => undefined,
    };
  }
}

/** An edge with one caller, which hands on each frame of the agent's voice. */
export class PacedEdge extends Edge {
  readonly provider = 'paced';
  readonly #onVoice: () => void;
  hear: (frame: AudioFrame) => void = () => undefined;

  constructor(onVoice: () => void) {
    super();
    this.#onVoice = onVoice;
  }

  async createCall(type: string, id: string): Promise<Call> {
    return { type, id };
  }

  async join(_call: Call, { handlers, clock, metrics }: EdgeJoinContext): Promise<EdgeConnection> {
    const caller = { id: 'caller' };
    const send = this.#onVoice;
    const playout = new Playout({ provider: 'paced', sampleRateHz: RATE_HZ, send, clock, metrics });
    handlers.participantJoined(caller);
    this.hear = (frame) => handlers.audio(caller, frame);
    return { playout, caption: () => undefined, close: async () => void playout.flush() };
  }
}

/** Calls back every 20 ms in real time, without drift; returns the function that ends it. */
export function everyFrame(callback: (lateMs: number) => void): () => void {
  let dueAtMs = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const next = (): void => {
    dueAtMs += FRAME_MS;
    timer = setTimeout(frame, Math.max(0, dueAtMs - performance.now()));
  };
  const frame = (): void => {
    next();
    callback(performance.now() - dueAtMs + FRAME_MS);
  };
  next();
  return () => clearTimeout(timer);
}
