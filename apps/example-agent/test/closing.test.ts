import type { AgentOptions } from '@vision-agents/core';
import { setLogLevel } from '@vision-agents/core';
import * as deepgram from '@vision-agents/plugin-deepgram';
import * as elevenlabs from '@vision-agents/plugin-elevenlabs';
import * as gemini from '@vision-agents/plugin-gemini';
import * as local from '@vision-agents/plugin-local';
import type { Fault, Sandbox } from '@vision-agents/sandbox';
import { placeCall, startSandbox } from '@vision-agents/sandbox';
import { beforeAll, expect, test } from 'vitest';

import { createAgent } from '../src/create-agent.ts';
import { leftOpen, openResources } from './open-resources.ts';

type Parts = Omit<AgentOptions, 'edge' | 'agentUser'>;

const apiKey = 'sandbox';
const TIMEOUT_MS = 60_000;
/** Much longer than any close may take. */
const connectTimeoutMs = 30_000;
let openBefore: Readonly<Record<string, number>>;

function pipeline({ deepgramUrl, geminiUrl, elevenlabsUrl }: Sandbox) {
  return {
    stt: new deepgram.STT({ apiKey, baseUrl: deepgramUrl, connectTimeoutMs }),
    llm: new gemini.LLM({ apiKey, baseUrl: geminiUrl, model: 'any' }),
    tts: new elevenlabs.TTS({ apiKey, baseUrl: elevenlabsUrl, connectTimeoutMs }),
    apology: '',
  };
}

function realtime({ geminiUrl }: Sandbox) {
  return {
    realtime: new gemini.Realtime({ apiKey, baseUrl: geminiUrl, model: 'any', connectTimeoutMs }),
  };
}

const CASES: readonly (readonly [string, Fault, typeof pipeline | typeof realtime])[] = [
  ['ears', { provider: 'deepgram', fault: 'hung-upgrade' }, pipeline],
  ['voice', { provider: 'elevenlabs', fault: 'hung-upgrade' }, pipeline],
  ['realtime model', { provider: 'gemini-live', fault: 'hung-upgrade' }, realtime],
];

beforeAll(() => {
  setLogLevel('silent');
  openBefore = openResources();
});
