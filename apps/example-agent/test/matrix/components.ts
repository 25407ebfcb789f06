import type { LLMTimeouts, TTSTimeouts } from '@vision-agents/core';
import * as deepgram from '@vision-agents/plugin-deepgram';
import * as elevenlabs from '@vision-agents/plugin-elevenlabs';
import * as gemini from '@vision-agents/plugin-gemini';
import * as openai from '@vision-agents/plugin-openai';
import type { Sandbox } from '@vision-agents/sandbox';

import { answers } from './answer-trial.ts';
import { hears } from './hearing-trial.ts';
import { converses } from './session-trial.ts';
import type { OpenTrial, Setting } from './trial.ts';
import { speaks } from './voice-trial.ts';

/** What a component does in a call. */
type Role = 'stt' | 'llm' | 'tts' | 'realtime';

/** A component of a plugin, and how to try it. */
export interface Component {
  readonly name: string;
  readonly role: Role;
  readonly provider: string;
  /** `socket`: it connects when it is opened. `request`: with each operation. */
  readonly link: 'socket' | 'request';
  /** How many times faster the clocks go where a silence is to be endured; undefined where none is too long. */
  readonly hurry: number | undefined;
  /** A model's name that the provider's sandbox takes, made of the name of a cell. */
  readonly modelOf: (slug: string) => string;
  readonly urlOf: (sandbox: Sandbox) => string;
  readonly open: OpenTrial;
}

/** The longest waits for results: long where they are not what a cell is about. */
function waitMs({ impatientIn, clock }: Setting): number {
  if (clock) return 60_000;
  return impatientIn === undefined ? 10_000 : 2000;
}

function connectTimeout({ impatientIn, clock }: Setting): { readonly connectTimeoutMs: number } {
  if (clock) return { connectTimeoutMs: 60_000 };
  return { connectTimeoutMs: impatientIn === 'connecting' ? 1000 : 20_000 };
}

function listenTimeouts(setting: Setting): ReturnType<typeof connectTimeout> & {
  readonly stallTimeoutMs: number;
  readonly closeTimeoutMs: number;
} {
  return { ...connectTimeout(setting), stallTimeoutMs: waitMs(setting), closeTimeoutMs: 500 };
}

function voiceTimeouts(setting: Setting): Required<TTSTimeouts> {
  return { firstAudioTimeoutMs: waitMs(setting), stallTimeoutMs: waitMs(setting) };
}

function modelTimeouts(setting: Setting): Required<LLMTimeouts> {
  return { firstEventTimeoutMs: waitMs(setting), stallTimeoutMs: waitMs(setting) };
}

function access({
  apiKey,
  baseUrl,
  model,
}: Setting): Pick<Setting, 'apiKey' | 'baseUrl' | 'model'> {
  return { apiKey, baseUrl, model };
}

/** Minutes become seconds, and seconds not too short for a busy machine. */
const HURRY = 5;

const DEEPGRAM = {
  provider: 'deepgram',
  link: 'socket',
  urlOf: ({ deepgramUrl }: Sandbox) => deepgramUrl,
} as const;
const ELEVENLABS = {
  provider: 'elevenlabs',
  urlOf: ({ elevenlabsUrl }: Sandbox) => elevenlabsUrl,
  modelOf: (slug: string) => slug,
} as const;
const GEMINI = {
  provider: 'gemini',
  urlOf: ({ geminiUrl }: Sandbox) => geminiUrl,
  modelOf: (slug: string) => slug,
} as const;
const OPENAI = {
  provider: 'openai',
  link: 'request',
  hurry: HURRY,
  urlOf: ({ openaiUrl }: Sandbox) => openaiUrl,
  modelOf: (slug: string) => slug,
} as const;

const listens = hears(
  (setting) => new deepgram.STT({ ...access(setting), ...listenTimeouts(setting) }),
);
const says = speaks(
  (setting) =>
    new deepgram.TTS({
      ...access(setting),
      ...voiceTimeouts(setting),
      ...connectTimeout(setting),
    }),
);

type ComponentName =
  | 'flux'
  | 'nova'
  | 'scribe'
  | 'transcription'
  | 'fluxVoice'
  | 'aura'
  | 'elevenLabsSocket'
  | 'elevenLabsHttp'
  | 'openaiVoice'
  | 'gemini'
  | 'responses'
  | 'chatCompletions'
  | 'live'
  | 'openaiRealtime';

/** The components in the order of the page. */
export const COMPONENTS: Readonly<Record<ComponentName, Component>> = {
  flux: {
    ...DEEPGRAM,
    name: 'Deepgram STT, Flux',
    hurry: HURRY,
    role: 'stt',
    modelOf: (slug) => `flux-${slug}`,
    open: listens,
  },
  nova: {
    ...DEEPGRAM,
    name: 'Deepgram STT, Nova',
    hurry: HURRY,
    role: 'stt',
    modelOf: (slug) => `nova-${slug}`,
    open: listens,
  },
  scribe: {
    ...ELEVENLABS,
    name: 'ElevenLabs STT, Scribe',
    hurry: HURRY,
    role: 'stt',
    link: 'socket',
    modelOf: (slug) => `scribe_${slug}`,
    open: hears(
      (setting) => new elevenlabs.STT({ ...access(setting), ...listenTimeouts(setting) }),
    ),
  },
  transcription: {
    ...OPENAI,
    name: 'OpenAI STT',
    link: 'socket',
    hurry: undefined,
    role: 'stt',
    modelOf: (slug) => `${slug}-transcribe`,
    open: hears((setting) => new openai.STT({ ...access(setting), ...listenTimeouts(setting) })),
  },
  fluxVoice: {
    ...DEEPGRAM,
    name: 'Deepgram TTS, Flux',
    hurry: undefined,
    role: 'tts',
    modelOf: (slug) => `flux-${slug}`,
    open: says,
  },
  aura: {
    ...DEEPGRAM,
    name: 'Deepgram TTS, Aura',
    hurry: undefined,
    role: 'tts',
    modelOf: (slug) => `aura-${slug}`,
    open: says,
  },
  elevenLabsSocket: {
    ...ELEVENLABS,
    name: 'ElevenLabs TTS, WebSocket',
    hurry: 15 * HURRY,
    role: 'tts',
    link: 'socket',
    open: speaks(
      (setting) =>
        new elevenlabs.TTS({
          ...access(setting),
          ...voiceTimeouts(setting),
          ...connectTimeout(setting),
        }),
    ),
  },
  elevenLabsHttp: {
    ...ELEVENLABS,
    name: 'ElevenLabs TTS, HTTP',
    hurry: HURRY,
    role: 'tts',
    link: 'request',
    open: speaks(
      (setting) =>
        new elevenlabs.TTS({
          ...access(setting),
          ...voiceTimeouts(setting),
          transport: 'http',
        }),
    ),
  },
  openaiVoice: {
    ...OPENAI,
    name: 'OpenAI TTS',
    role: 'tts',
    open: speaks((setting) => new openai.TTS({ ...access(setting), ...voiceTimeouts(setting) })),
  },
  gemini: {
    ...GEMINI,
    name: 'Gemini LLM',
    hurry: HURRY,
    role: 'llm',
    link: 'request',
    open: answers((setting) => new gemini.LLM({ ...access(setting), ...modelTimeouts(setting) })),
  },
  responses: {
    ...OPENAI,
    name: 'OpenAI LLM',
    role: 'llm',
    open: answers((setting) => new openai.LLM({ ...access(setting), ...modelTimeouts(setting) })),
  },
  chatCompletions: {
    ...OPENAI,
    name: 'OpenAI ChatCompletionsLLM',
    role: 'llm',
    open: answers(
      (setting) =>
        new openai.ChatCompletionsLLM({
          ...access(setting),
          ...modelTimeouts(setting),
          provider: 'openai',
        }),
    ),
  },
  live: {
    ...GEMINI,
    name: 'Gemini Realtime',
    hurry: undefined,
    role: 'realtime',
    link: 'socket',
    open: converses(
      (setting) =>
        new gemini.Realtime({
          ...access(setting),
          ...connectTimeout(setting),
          stallTimeoutMs: waitMs(setting),
        }),
    ),
  },
  openaiRealtime: {
    ...OPENAI,
    name: 'OpenAI Realtime',
    hurry: undefined,
    role: 'realtime',
    link: 'socket',
    open: converses(
      (setting) => new openai.Realtime({ ...access(setting), ...listenTimeouts(setting) }),
    ),
  },
};
