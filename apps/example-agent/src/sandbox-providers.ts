import type { LLM, Realtime, STT, TTS } from '@vision-agents/core';
import * as deepgram from '@vision-agents/plugin-deepgram';
import * as elevenlabs from '@vision-agents/plugin-elevenlabs';
import * as gemini from '@vision-agents/plugin-gemini';
import * as openai from '@vision-agents/plugin-openai';
import type { SandboxAddresses } from '@vision-agents/sandbox';

import type { PipelineChoice, ProviderChoice, ProviderName, Role } from './provider-choice.ts';
import { DEFAULT_CHOICE } from './provider-choice.ts';
import type { PipelineProviders, Providers } from './providers.ts';

type Makers<R extends Role, Part> = Readonly<
  Record<ProviderName<R>, (sandbox: SandboxAddresses) => Part>
>;

/** A sandbox takes any key. */
const apiKey = 'sandbox';
/** Longer than the sandbox's callers hesitate, which Nova's default is not; as Flux is there. */
const endpointingMs = 400;

const STTS: Makers<'stt', STT> = {
  deepgram: ({ deepgramUrl: baseUrl }) =>
    new deepgram.STT({ apiKey, baseUrl, eagerTurnDetection: true }),
  'deepgram-nova': ({ deepgramUrl: baseUrl }) =>
    new deepgram.STT({ apiKey, baseUrl, model: 'nova-3', endpointingMs }),
  elevenlabs: ({ elevenlabsUrl: baseUrl }) => new elevenlabs.STT({ apiKey, baseUrl }),
  openai: ({ openaiUrl: baseUrl }) => new openai.STT({ apiKey, baseUrl }),
};

const LLMS: Makers<'llm', LLM> = {
  gemini: ({ geminiUrl: baseUrl }) => new gemini.LLM({ apiKey, baseUrl }),
  openai: ({ openaiUrl: baseUrl }) => new openai.LLM({ apiKey, baseUrl }),
  'openai-chat': ({ openaiUrl: baseUrl }) =>
    new openai.ChatCompletionsLLM({ apiKey, baseUrl, model: 'gpt-5.4-mini', provider: 'openai' }),
};

const TTSS: Makers<'tts', TTS> = {
  elevenlabs: ({ elevenlabsUrl: baseUrl }) => new elevenlabs.TTS({ apiKey, baseUrl }),
  'elevenlabs-http': ({ elevenlabsUrl: baseUrl }) =>
    new elevenlabs.TTS({ apiKey, baseUrl, transport: 'http' }),
  deepgram: ({ deepgramUrl: baseUrl }) => new deepgram.TTS({ apiKey, baseUrl }),
  'deepgram-aura': ({ deepgramUrl: baseUrl }) =>
    new deepgram.TTS({ apiKey, baseUrl, model: 'aura-2-thalia-en' }),
  openai: ({ openaiUrl: baseUrl }) => new openai.TTS({ apiKey, baseUrl }),
};

const REALTIMES: Makers<'realtime', Realtime> = {
  gemini: ({ geminiUrl: baseUrl }) => new gemini.Realtime({ apiKey, baseUrl }),
  openai: ({ openaiUrl: baseUrl }) => new openai.Realtime({ apiKey, baseUrl }),
};

/** The plugins and SDKs as they are used with the real providers, against a sandbox. */
export function sandboxProviders(
  sandbox: SandboxAddresses,
  choice?: PipelineChoice,
): PipelineProviders;
export function sandboxProviders(sandbox: SandboxAddresses, choice: ProviderChoice): Providers;
export function sandboxProviders(
  sandbox: SandboxAddresses,
  choice: ProviderChoice = DEFAULT_CHOICE,
): Providers {
  if ('realtime' in choice) return { realtime: REALTIMES[choice.realtime](sandbox) };
  const { stt, llm, tts } = choice;
  return { stt: STTS[stt](sandbox), llm: LLMS[llm](sandbox), tts: TTSS[tts](sandbox) };
}
