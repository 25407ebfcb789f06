import type { RealtimeRequest } from '@vision-agents/core';
import { afterEach, beforeEach, expect, test } from 'vitest';

import type { RealtimeOptions } from '../src/index.ts';
import { Realtime } from '../src/index.ts';
import type { ScriptedSession } from './scripted-session.ts';
import { startScriptedSession } from './scripted-session.ts';

const format = { type: 'audio/pcm', rate: 24_000 };

let server: ScriptedSession;

beforeEach(async () => {
  server = await startScriptedSession();
});

afterEach(() => server[Symbol.asyncDispose]());

/** Opens a session, and closes it. */
async function open(
  options: RealtimeOptions,
  request: RealtimeRequest = { instructions: 'Be brief.' },
): Promise<void> {
  const model = new Realtime({ apiKey: 'k', baseUrl: server.url, ...options });
  const session = await model.open(request);
  await session.close();
}

test('a session is set up with what the options say', async () => {
  await open({
    voice: 'voice_1',
    speed: 1.2,
    turnDetection: { type: 'server_vad', threshold: 0.4 },
    transcription: { language: 'de' },
    noiseReduction: 'near_field',
    reasoningEffort: 'low',
    maxOutputTokens: 99,
  });
  expect(server.sessions).toEqual([
    {
      type: 'session.update',
      session: {
        type: 'realtime',
        output_modalities: ['audio'],
        instructions: 'Be brief.',
        audio: {
          input: {
            format,
            turn_detection: {
              type: 'server_vad',
              threshold: 0.4,
              prefix_padding_ms: 300,
              silence_duration_ms: 500,
              create_response: true,
              interrupt_response: true,
            },
            transcription: { model: 'gpt-4o-mini-transcribe', language: 'de' },
            noise_reduction: { type: 'near_field' },
          },
          output: { format, voice: { id: 'voice_1' }, speed: 1.2 },
        },
        max_output_tokens: 99,
        reasoning: { effort: 'low' },
      },
    },
  ]);
});

test('a session without options leaves the rest to the service', async () => {
  await open({ transcription: false, turnDetection: { type: 'semantic_vad' } });
  const always = { create_response: true, interrupt_response: true };
  expect(server.sessions).toMatchObject([
    {
      session: {
        audio: {
          input: { turn_detection: { type: 'semantic_vad', eagerness: 'auto', ...always } },
          output: { format, voice: 'marin' },
        },
        max_output_tokens: 'inf',
      },
    },
  ]);
  expect(JSON.stringify(server.sessions)).not.toMatch(/transcription|noise|speed|reasoning|tools/);
});

test('a session is told of the tools', async () => {
  const inputSchema = { type: 'object', properties: {} };
  const tools = [{ name: 'look', description: 'Looks.', inputSchema }];
  await open({}, { instructions: '', tools });
  expect(server.sessions).toMatchObject([
    {
      session: {
        tool_choice: 'auto',
        tools: [{ type: 'function', name: 'look', description: 'Looks.', parameters: inputSchema }],
      },
    },
  ]);
  // Else the service's own would not apply.
  expect(JSON.stringify(server.sessions)).not.toContain('instructions');
});
