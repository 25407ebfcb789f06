import { GoogleGenAI, Modality } from '@google/genai';
import { ProviderError } from '@vision-agents/core';
import { expect, test } from 'vitest';

import { encodeSetup, encodeToolResponse, parseLiveMessage } from '../src/gemini-live-wire.ts';
import { resolveRealtimeOptions } from '../src/gemini-options.ts';
import { useOwnSockets } from '../src/live-socket.ts';

test('a message can tell several things, in the order in which they happened', () => {
  const message = {
    serverContent: {
      modelTurn: { parts: [{ inlineData: { mimeType: 'audio/pcm', data: 'AAE=' } }, {}] },
      outputTranscription: { text: 'Hello' },
      generationComplete: true,
      turnComplete: true,
    },
    usageMetadata: {
      promptTokenCount: 10,
      toolUsePromptTokenCount: 2,
      responseTokenCount: 3,
      thoughtsTokenCount: 4,
    },
  };
  expect(parseLiveMessage(message)).toEqual([
    { type: 'audio', bytes: Buffer.from([0, 1]) },
    { type: 'output-transcript', text: 'Hello' },
    { type: 'usage', usage: { inputTokens: 12, outputTokens: 7, reasoningTokens: 4 } },
    { type: 'generation-complete' },
    { type: 'turn-complete' },
  ]);
});

test.each([
  [
    { voiceActivity: { voiceActivityType: 'ACTIVITY_START', audioOffset: '0.480s' } },
    { type: 'speech-start', offsetMs: 480 },
  ],
  [{ voiceActivity: { voiceActivityType: 'ACTIVITY_END' } }, { type: 'speech-end' }],
  [
    { serverContent: { inputTranscription: { text: 'hi', finished: true } } },
    { type: 'input-transcript', text: 'hi', finished: true },
  ],
  [{ serverContent: { interrupted: true } }, { type: 'interrupted' }],
  [
    { toolCall: { functionCalls: [{ id: 'fc-1', name: 'look', args: { at: 'sun' } }] } },
    { type: 'tool-call', call: { id: 'fc-1', name: 'look', arguments: { at: 'sun' } } },
  ],
  [{ toolCallCancellation: { ids: ['fc-1'] } }, { type: 'tool-cancelled', callIds: ['fc-1'] }],
  [{ goAway: { timeLeft: '50s' } }, { type: 'go-away', timeLeftMs: 50_000 }],
  [
    { sessionResumptionUpdate: { newHandle: 'h-1', resumable: true } },
    { type: 'resumption', handle: 'h-1' },
  ],
  [{ sessionResumptionUpdate: { newHandle: '', resumable: false } }, { type: 'resumption' }],
])('%j', (message, signal) => {
  expect(parseLiveMessage(message)).toMatchObject([signal]);
});

test.each([
  {},
  { setupComplete: {} },
  { surprise: 1 },
  { serverContent: { waitingForInput: true } },
])('%j tells nothing', (message) => {
  expect(parseLiveMessage(message)).toEqual([]);
});

test.each([
  7,
  { serverContent: 'none' },
  { serverContent: { modelTurn: { parts: 'none' } } },
  { serverContent: { outputTranscription: { text: 7 } } },
  { usageMetadata: { promptTokenCount: -1 } },
  { toolCall: { functionCalls: [{ id: 'fc-1' }] } },
])('%j cannot be read', (message) => {
  expect(() => parseLiveMessage(message)).toThrow(ProviderError);
});

/** What is told of the usage of a turn. */
function usageOf(usageMetadata: object): unknown {
  return parseLiveMessage({ usageMetadata }).map((signal) =>
    signal.type === 'usage' ? signal.usage : undefined,
  )[0];
}

test('tokens are told apart; thoughts are in the total alone', () => {
  const usage = usageOf({
    promptTokenCount: 180,
    toolUsePromptTokenCount: 20,
    cachedContentTokenCount: 50,
    responseTokenCount: 60,
    thoughtsTokenCount: 9,
    promptTokensDetails: [
      { modality: 'TEXT', tokenCount: 20 },
      { modality: 'AUDIO', tokenCount: 160 },
    ],
    toolUsePromptTokensDetails: [{ modality: 'TEXT', tokenCount: 20 }],
    cacheTokensDetails: [{ modality: 'AUDIO', tokenCount: 50 }],
    responseTokensDetails: [{ modality: 'AUDIO', tokenCount: 60 }],
  });
  expect(usage).toEqual({
    inputTokens: 200,
    outputTokens: 69,
    cachedInputTokens: 50,
    reasoningTokens: 9,
    inputByModality: { text: 40, audio: 160 },
    cachedInputByModality: { audio: 50 },
    outputByModality: { audio: 60 },
  });
});

test.each<[unknown, unknown]>([
  [[{ modality: 'AUDIO', tokenCount: 5 }, { modality: 'TEXT' }], { audio: 5 }],
  [
    [
      { modality: 'AUDIO', tokenCount: 5 },
      { modality: 'TEXT', tokenCount: '2' },
    ],
    { audio: 5 },
  ],
  [
    [
      { modality: 'AUDIO', tokenCount: 5 },
      { modality: 'TEXT', tokenCount: -2 },
    ],
    { audio: 5 },
  ],
  [
    [
      { modality: 'AUDIO', tokenCount: 5 },
      { modality: 'VIDEO', tokenCount: 2 },
    ],
    { audio: 5 },
  ],
  [[{ modality: 'AUDIO', tokenCount: 5 }, { modality: 7, tokenCount: 2 }, null], { audio: 5 }],
  [[{ modality: 'AUDIO', tokenCount: 8 }], undefined],
  [[], undefined],
  [{ modality: 'AUDIO', tokenCount: 5 }, undefined],
  ['AUDIO', undefined],
  [null, undefined],
])('of 7 tokens told apart as %j, what is understood is kept: %j', (details, split) => {
  const usage = usageOf({
    promptTokenCount: 7,
    promptTokensDetails: details,
    responseTokenCount: 7,
    thoughtsTokenCount: 2,
    responseTokensDetails: details,
  });
  expect(usage).toMatchObject({ inputTokens: 7, inputByModality: split });
  expect(usage).toMatchObject({ outputTokens: 9, outputByModality: split });
});

test('a failure of a tool goes back as an error', () => {
  const result = { callId: 'fc-1', name: 'look', output: 'dark', success: false };
  expect(encodeToolResponse(result)).toEqual({
    id: 'fc-1',
    name: 'look',
    response: { error: 'dark' },
  });
});

const REQUEST = { instructions: 'Be brief.' };
const EVERYTHING = {
  apiKey: 'k',
  voice: 'Puck',
  language: 'de-DE',
  temperature: 0.5,
  maxOutputTokens: 100,
  silenceDurationMs: 300,
};

test('a session can be resumed, compresses its context and tells words, from the start', () => {
  const setup = encodeSetup(
    REQUEST,
    resolveRealtimeOptions({ apiKey: 'k' }),
    Modality.AUDIO,
    undefined,
  );
  expect(setup).toEqual({
    responseModalities: ['AUDIO'],
    inputAudioTranscription: {},
    outputAudioTranscription: {},
    sessionResumption: {},
    contextWindowCompression: { slidingWindow: {} },
    systemInstruction: 'Be brief.',
  });
});

test('a session is set up as the options say, with the tools, and goes on with a handle', () => {
  const inputSchema = { type: 'object' };
  const tools = [{ name: 'look', description: 'Looks.', inputSchema }];
  const settings = resolveRealtimeOptions(EVERYTHING);
  expect(encodeSetup({ ...REQUEST, tools }, settings, Modality.AUDIO, 'h-1')).toMatchObject({
    sessionResumption: { handle: 'h-1' },
    speechConfig: {
      voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Puck' } },
      languageCode: 'de-DE',
    },
    temperature: 0.5,
    maxOutputTokens: 100,
    realtimeInputConfig: { automaticActivityDetection: { silenceDurationMs: 300 } },
    tools: [
      {
        functionDeclarations: [
          { name: 'look', description: 'Looks.', parametersJsonSchema: inputSchema },
        ],
      },
    ],
  });
});

test('a version of the SDK without a place for sockets of ours is refused', () => {
  const client = new GoogleGenAI({ apiKey: 'k', vertexai: false });
  expect(() => useOwnSockets(client, () => {})).not.toThrow();
  Reflect.deleteProperty(client.live, 'webSocketFactory');
  expect(() => useOwnSockets(client, () => {})).toThrow(
    expect.objectContaining({ type: 'protocol', providerCode: 'sdk' }),
  );
});
