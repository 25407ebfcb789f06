import type {
  Call,
  EdgeConnection,
  EdgeJoinContext,
  LLMEvent,
  LLMRequest,
  STTConnection,
  ToolCall,
  ToolSource,
  TTSConnection,
} from '@vision-agents/core';
import { Agent, AsyncQueue, Edge, LLM, Playout, STT, TTS } from '@vision-agents/core';

import { RecordingLogger } from './recording-logger.ts';

/** A model that asks for tools, all at once, and then says a word. */
class ToolCallingLLM extends LLM {
  override readonly provider = 'scripted';
  override readonly model = 'tool-caller';
  /** What it was asked, in order. */
  readonly requests: LLMRequest[] = [];
  readonly #calls: readonly ToolCall[];

  constructor(calls: readonly ToolCall[]) {
    super();
    this.#calls = calls;
  }

  protected override async *stream(request: LLMRequest): AsyncIterable<LLMEvent> {
    this.requests.push(request);
    if (this.requests.length === 1) {
      for (const call of this.#calls) yield { type: 'tool-call', call };
      yield { type: 'end', reason: 'tool-calls' };
    } else {
      yield { type: 'text', text: 'Done.' };
      yield { type: 'end', reason: 'stop' };
    }
  }
}

class EmptyEdge extends Edge {
  override readonly provider = 'scripted';

  override createCall(type: string, id: string): Promise<Call> {
    return Promise.resolve({ type, id });
  }

  override join(_call: Call, { metrics, clock }: EdgeJoinContext): Promise<EdgeConnection> {
    const playout = new Playout({
      provider: this.provider,
      sampleRateHz: 16_000,
      send: () => undefined,
      metrics,
      clock,
    });
    const close = (): Promise<void> => {
      playout.flush();
      return Promise.resolve();
    };
    return Promise.resolve({ playout, caption: () => undefined, close });
  }
}

class DeafSTT extends STT {
  override readonly provider = 'scripted';
  override readonly model = 'deaf';
  override readonly sampleRateHz = 16_000;
  override readonly detectsTurns = true;

  protected override connect(): Promise<STTConnection> {
    const facts = new AsyncQueue<never>();
    return Promise.resolve({
      send: () => true,
      flush: () => undefined,
      close: () => Promise.resolve(facts.end()),
      [Symbol.asyncIterator]: () => facts[Symbol.asyncIterator](),
    });
  }
}

class QuietTTS extends TTS {
  override readonly provider = 'scripted';
  override readonly model = 'quiet';

  protected override connect(): Promise<TTSConnection> {
    return Promise.resolve({
      sampleRateHz: 16_000,
      async *synthesize() {
        yield new Uint8Array(640);
      },
      close: () => Promise.resolve(),
    });
  }
}

/** Has an agent with the tools of a source answer once; its model gets to see what became of its calls. */
export async function answerWithTools(
  source: ToolSource,
  calls: readonly ToolCall[],
): Promise<LLMRequest> {
  const llm = new ToolCallingLLM(calls);
  const agent = new Agent({
    edge: new EmptyEdge(),
    stt: new DeafSTT(),
    tts: new QuietTTS(),
    llm,
    toolSources: [source],
    agentUser: { id: 'agent', name: 'Agent' },
    logger: new RecordingLogger(),
  });
  try {
    await agent.join(await agent.createCall('default', 'test'), { participantTimeoutMs: 0 });
    await agent.simpleResponse('Go on.');
  } finally {
    await agent.close();
  }
  const last = llm.requests.at(-1);
  if (last === undefined) throw new Error('the model was not asked');
  return last;
}
