import { MetricsCollector, ProviderError } from '@vision-agents/core';
import * as deepgram from '@vision-agents/plugin-deepgram';
import * as elevenlabs from '@vision-agents/plugin-elevenlabs';
import * as gemini from '@vision-agents/plugin-gemini';

// Nobody listens on port 1 of the loopback interface.
const options = { apiKey: 'dummy', baseUrl: 'http://127.0.0.1:1' };
const stt = new deepgram.STT(options);
const llm = new gemini.LLM(options);
const tts = new elevenlabs.TTS(options);
const collector = new MetricsCollector();

/** What the packages themselves counted, by the names of the metrics. */
export interface Counted {
  readonly 'stt.errors': number;
  readonly 'llm.errors': number;
  readonly 'tts.errors': number;
}

/** Lets each provider fail once, and tells what was counted in this process so far. */
export async function failOnce(): Promise<Counted> {
  const context = { metrics: collector };
  await Promise.all([
    expectNetworkError(stt.open(context)),
    expectNetworkError(tts.open(context)),
    expectNetworkError(ask(context)),
  ]);
  const { sttErrors, llmErrors, ttsErrors } = collector.metrics;
  return {
    'stt.errors': sttErrors.total,
    'llm.errors': llmErrors.total,
    'tts.errors': ttsErrors.total,
  };
}

async function ask(context: { readonly metrics: MetricsCollector }): Promise<void> {
  const request = { instructions: '', messages: [{ role: 'user', text: 'Hello' }] } as const;
  for await (const { type } of llm.respond(request, context)) throw new Error(`got ${type}`);
}

async function expectNetworkError(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ProviderError && error.type === 'network') return;
    throw error;
  }
  throw new Error('a provider that is not there answered');
}
