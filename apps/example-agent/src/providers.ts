import type { LLM, STT, TTS } from '@vision-agents/core';
import { fromEnvironment } from '@vision-agents/core';
import * as deepgram from '@vision-agents/plugin-deepgram';
import * as elevenlabs from '@vision-agents/plugin-elevenlabs';
import * as gemini from '@vision-agents/plugin-gemini';
import type { SandboxProcess } from '@vision-agents/sandbox';
import { launchSandbox } from '@vision-agents/sandbox';

/** What an agent hears, thinks and speaks with. */
export interface Providers {
  readonly stt: STT;
  readonly llm: LLM;
  readonly tts: TTS;
}

const KEYS = [['DEEPGRAM_API_KEY'], ['ELEVENLABS_API_KEY'], ['GOOGLE_API_KEY', 'GEMINI_API_KEY']];

/** The environment variables that the real providers still need. */
export function missingKeys(): string[] {
  return KEYS.filter((names) => fromEnvironment(names) === undefined).map((names) =>
    names.join(' or '),
  );
}

/** The real providers, with the keys of the environment. */
function realProviders(): Providers {
  return {
    stt: new deepgram.STT({ eagerTurnDetection: true }),
    llm: new gemini.LLM({ model: 'gemini-2.5-flash-lite' }),
    tts: new elevenlabs.TTS(),
  };
}

/** The same plugins and SDKs against a sandbox, which takes any key. */
export function sandboxProviders(sandbox: SandboxProcess): Providers {
  const apiKey = 'sandbox';
  return {
    stt: new deepgram.STT({ apiKey, baseUrl: sandbox.deepgramUrl, eagerTurnDetection: true }),
    llm: new gemini.LLM({ apiKey, baseUrl: sandbox.geminiUrl, model: 'gemini-2.5-flash-lite' }),
    tts: new elevenlabs.TTS({ apiKey, baseUrl: sandbox.elevenlabsUrl }),
  };
}

/** Providers by what the environment has: the real ones with all keys, else those of a sandbox. */
export async function chooseProviders(): Promise<{
  readonly providers: Providers;
  readonly sandbox: SandboxProcess | undefined;
}> {
  if (missingKeys().length === 0) return { providers: realProviders(), sandbox: undefined };
  const sandbox = await launchSandbox();
  return { providers: sandboxProviders(sandbox), sandbox };
}
