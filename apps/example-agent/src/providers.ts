import type { PipelineAgentOptions, RealtimeAgentOptions } from '@vision-agents/core';
import { fromEnvironment } from '@vision-agents/core';
import * as deepgram from '@vision-agents/plugin-deepgram';
import * as elevenlabs from '@vision-agents/plugin-elevenlabs';
import * as gemini from '@vision-agents/plugin-gemini';
import type { SandboxProcess } from '@vision-agents/sandbox';
import { launchSandbox } from '@vision-agents/sandbox';

import { sandboxProviders } from './sandbox-providers.ts';

/** What hears, what thinks and what speaks. */
export type PipelineProviders = Pick<PipelineAgentOptions, 'stt' | 'llm' | 'tts'>;

/** What an agent hears, thinks and speaks with. */
export type Providers = PipelineProviders | Pick<RealtimeAgentOptions, 'realtime'>;

const KEYS = [['DEEPGRAM_API_KEY'], ['ELEVENLABS_API_KEY'], ['GOOGLE_API_KEY', 'GEMINI_API_KEY']];

/** The environment variables that the real providers still need. */
export function missingKeys(): string[] {
  return KEYS.filter((names) => fromEnvironment(names) === undefined).map((names) =>
    names.join(' or '),
  );
}

/** The real providers, with the keys of the environment. */
function realProviders(): PipelineProviders {
  return {
    stt: new deepgram.STT({ eagerTurnDetection: true }),
    llm: new gemini.LLM({ model: 'gemini-2.5-flash-lite' }),
    tts: new elevenlabs.TTS(),
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
