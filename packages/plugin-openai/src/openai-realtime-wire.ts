import type { Message, RealtimeRequest, ToolCall, ToolResult } from '@vision-agents/core';
import type {
  ConversationItem,
  RealtimeAudioInputTurnDetection,
  RealtimeSessionCreateRequest,
} from 'openai/resources/realtime/realtime';

import type { RealtimeSettings } from './openai-options.ts';
import { encodeArguments, encodeToolOutput } from './openai-wire.ts';
import { SESSION_SAMPLE_RATE_HZ } from './realtime-socket.ts';

const PCM = { type: 'audio/pcm', rate: SESSION_SAMPLE_RATE_HZ } as const;

/** How a session is set up. */
export function encodeSession(
  { instructions, tools = [] }: RealtimeRequest,
  settings: RealtimeSettings,
): RealtimeSessionCreateRequest {
  const { voice, speed, noiseReduction, reasoningEffort } = settings;
  return {
    type: 'realtime',
    output_modalities: ['audio'],
    ...(instructions !== '' && { instructions }),
    audio: {
      input: {
        format: PCM,
        turn_detection: {
          ...encodeTurnDetection(settings.turnDetection),
          create_response: true,
          interrupt_response: true,
        },
        ...(settings.transcription && { transcription: settings.transcription }),
        ...(noiseReduction !== undefined && { noise_reduction: { type: noiseReduction } }),
      },
      output: {
        format: PCM,
        // A voice of one's own goes by an id, in an object.
        voice: voice.startsWith('voice_') ? { id: voice } : voice,
        ...(speed !== undefined && { speed }),
      },
    },
    max_output_tokens: settings.maxOutputTokens ?? 'inf',
    ...(reasoningEffort !== undefined && { reasoning: { effort: reasoningEffort } }),
    ...(tools.length > 0 && {
      tool_choice: 'auto',
      tools: tools.map(({ name, description, inputSchema }) => ({
        type: 'function',
        name,
        description,
        parameters: inputSchema,
      })),
    }),
  };
}

/** How a session finds the ends of turns. */
export function encodeTurnDetection(
  turnDetection: RealtimeSettings['turnDetection'],
): RealtimeAudioInputTurnDetection {
  if (turnDetection.type === 'semantic_vad') return turnDetection;
  const { type, threshold, prefixPaddingMs, silenceDurationMs } = turnDetection;
  return {
    type,
    prefix_padding_ms: prefixPaddingMs,
    silence_duration_ms: silenceDurationMs,
    ...(threshold !== undefined && { threshold }),
  };
}

/** What was said in a call, for a session that was not there. */
export function encodeHistory(history: readonly Message[]): ConversationItem[] {
  return history.flatMap((message): ConversationItem[] => {
    switch (message.role) {
      case 'user':
        return [encodeText(message.text)];
      case 'assistant':
        return [
          ...(message.text === '' ? [] : [encodeAnswer(message.text)]),
          ...message.toolCalls.map(encodeCall),
        ];
      case 'tool':
        return message.results.map(encodeToolResult);
    }
  });
}

/** A text for the model to respond to. */
export function encodeText(text: string): ConversationItem {
  return { type: 'message', role: 'user', content: [{ type: 'input_text', text }] };
}

function encodeAnswer(text: string): ConversationItem {
  return { type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] };
}

function encodeCall({ id, name, arguments: args }: ToolCall): ConversationItem {
  return { type: 'function_call', call_id: id, name, arguments: encodeArguments(args) };
}

/** A tool's result as the service takes it. */
export function encodeToolResult(result: ToolResult): ConversationItem {
  const output = encodeToolOutput(result);
  return { type: 'function_call_output', call_id: result.callId, output };
}
