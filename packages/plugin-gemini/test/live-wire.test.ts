import { ProviderError } from '@vision-agents/core';
import { expect, test } from 'vitest';

import { encodeToolResponse, parseLiveMessage } from '../src/gemini-live-wire.ts';

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
    { type: 'usage', usage: { inputTokens: 12, outputTokens: 7 } },
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

test('a failure of a tool goes back as an error', () => {
  const result = { callId: 'fc-1', name: 'look', output: 'dark', success: false };
  expect(encodeToolResponse(result)).toEqual({
    id: 'fc-1',
    name: 'look',
    response: { error: 'dark' },
  });
});
