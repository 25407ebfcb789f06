import type { FunctionResponse, LiveConnectConfig, Modality } from '@google/genai';
import type {
  ModalityTokens,
  RealtimeRequest,
  RealtimeUsage,
  ToolCall,
  ToolResult,
} from '@vision-agents/core';
import { tokensByModality } from '@vision-agents/core';

import type { RealtimeSettings } from './gemini-options.ts';
import { parseToolCall } from './gemini-wire.ts';
import type { Json } from './json-fields.ts';
import { isCount, isObject, isString, known } from './json-fields.ts';

/** One thing that the service tells; a message can hold several. Offsets are of the socket's audio. */
export type LiveSignal =
  | { readonly type: 'speech-start' | 'speech-end'; readonly offsetMs: number | undefined }
  | { readonly type: 'input-transcript'; readonly text: string; readonly finished: boolean }
  | { readonly type: 'output-transcript'; readonly text: string }
  | { readonly type: 'audio'; readonly bytes: Uint8Array }
  | { readonly type: 'usage'; readonly usage: RealtimeUsage }
  | { readonly type: 'interrupted' | 'generation-complete' | 'turn-complete' }
  | { readonly type: 'tool-call'; readonly call: ToolCall }
  | { readonly type: 'tool-cancelled'; readonly callIds: readonly string[] }
  /** The socket will be cut. */
  | { readonly type: 'go-away'; readonly timeLeftMs: number }
  /** What another socket can go on with; undefined while it cannot. */
  | { readonly type: 'resumption'; readonly handle: string | undefined };

/** How a session is set up. `audio` is the SDK's `Modality.AUDIO`, which is not loaded with this module. */
export function encodeSetup(
  request: RealtimeRequest,
  settings: RealtimeSettings,
  audio: Modality,
  handle: string | undefined,
): LiveConnectConfig {
  const { instructions, tools = [] } = request;
  const { voice, language, temperature, maxOutputTokens, silenceDurationMs } = settings;
  const functionDeclarations = tools.map(({ name, description, inputSchema }) => ({
    name,
    description,
    parametersJsonSchema: inputSchema,
  }));
  const speechConfig = {
    ...(voice !== undefined && { voiceConfig: { prebuiltVoiceConfig: { voiceName: voice } } }),
    ...(language !== undefined && { languageCode: language }),
  };
  return {
    responseModalities: [audio],
    inputAudioTranscription: {},
    outputAudioTranscription: {},
    // Without it no handle comes, and a session that is cut cannot go on.
    sessionResumption: handle === undefined ? {} : { handle },
    // Without it a session with audio ends after a quarter of an hour.
    contextWindowCompression: { slidingWindow: {} },
    ...(instructions !== '' && { systemInstruction: instructions }),
    ...(tools.length > 0 && { tools: [{ functionDeclarations }] }),
    ...(Object.keys(speechConfig).length > 0 && { speechConfig }),
    ...(temperature !== undefined && { temperature }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(silenceDurationMs !== undefined && {
      realtimeInputConfig: { automaticActivityDetection: { silenceDurationMs } },
    }),
  };
}

/** A tool's result as the service takes it. */
export function encodeToolResponse({
  callId,
  name,
  output,
  success,
}: ToolResult): FunctionResponse {
  return { id: callId, name, response: success ? { output } : { error: output } };
}

/**
 * What a message tells, in the order in which it happened. What is not known is left alone: the API grows.
 * @throws ProviderError when something that is known has another type than it must have
 */
export function parseLiveMessage(message: unknown): LiveSignal[] {
  const json = known(message, isObject) ?? {};
  const content = known(json['serverContent'], isObject) ?? {};
  const usage = known(json['usageMetadata'], isObject);
  return [
    ...voiceActivity(known(json['voiceActivity'], isObject)),
    ...inputTranscript(known(content['inputTranscription'], isObject)),
    ...audioParts(known(content['modelTurn'], isObject)),
    ...outputTranscript(known(content['outputTranscription'], isObject)),
    ...toolCalls(known(json['toolCall'], isObject)),
    ...toolCancellation(known(json['toolCallCancellation'], isObject)),
    ...(usage ? [{ type: 'usage', usage: parseUsage(usage) } as const] : []),
    ...(content['interrupted'] === true ? [{ type: 'interrupted' } as const] : []),
    ...(content['generationComplete'] === true ? [{ type: 'generation-complete' } as const] : []),
    ...(content['turnComplete'] === true ? [{ type: 'turn-complete' } as const] : []),
    ...resumption(known(json['sessionResumptionUpdate'], isObject)),
    ...goAway(known(json['goAway'], isObject)),
  ];
}

/** What tells one end of a turn from the next: all that it says, if that is what was used; undefined for the rest. */
export function endOfTurn(message: unknown): string | undefined {
  if (!isObject(message) || !isObject(message['serverContent'])) return undefined;
  const isEnd = message['serverContent']['turnComplete'] === true;
  return isEnd && isObject(message['usageMetadata']) ? JSON.stringify(message) : undefined;
}

function voiceActivity(activity: Json | undefined): LiveSignal[] {
  const type = known(activity?.['voiceActivityType'], isString);
  const offsetMs = milliseconds(known(activity?.['audioOffset'], isString));
  if (type === 'ACTIVITY_START') return [{ type: 'speech-start', offsetMs }];
  return type === 'ACTIVITY_END' ? [{ type: 'speech-end', offsetMs }] : [];
}

function inputTranscript(transcript: Json | undefined): LiveSignal[] {
  if (!transcript) return [];
  const text = known(transcript['text'], isString) ?? '';
  return [{ type: 'input-transcript', text, finished: transcript['finished'] === true }];
}

function outputTranscript(transcript: Json | undefined): LiveSignal[] {
  const text = known(transcript?.['text'], isString);
  return text ? [{ type: 'output-transcript', text }] : [];
}

function audioParts(modelTurn: Json | undefined): LiveSignal[] {
  const parts = known(modelTurn?.['parts'], Array.isArray) ?? [];
  return parts.flatMap((part: unknown): LiveSignal[] => {
    const inline = known(known(part, isObject)?.['inlineData'], isObject);
    const data = known(inline?.['data'], isString);
    return data ? [{ type: 'audio', bytes: Buffer.from(data, 'base64') }] : [];
  });
}

function toolCalls(toolCall: Json | undefined): LiveSignal[] {
  const calls = known(toolCall?.['functionCalls'], Array.isArray) ?? [];
  return calls.map((call: unknown) => {
    const { id, name, arguments: args } = parseToolCall(known(call, isObject) ?? {}, {});
    return { type: 'tool-call', call: { id, name, arguments: args } };
  });
}

function toolCancellation(cancellation: Json | undefined): LiveSignal[] {
  const ids = known(cancellation?.['ids'], Array.isArray) ?? [];
  const callIds = ids.filter(isString);
  return callIds.length > 0 ? [{ type: 'tool-cancelled', callIds }] : [];
}

function resumption(update: Json | undefined): LiveSignal[] {
  if (!update) return [];
  const handle = known(update['newHandle'], isString);
  return [
    { type: 'resumption', handle: update['resumable'] === true && handle ? handle : undefined },
  ];
}

function goAway(message: Json | undefined): LiveSignal[] {
  if (!message) return [];
  const timeLeftMs = milliseconds(known(message['timeLeft'], isString)) ?? 0;
  return [{ type: 'go-away', timeLeftMs }];
}

/** Live has other names than HTTP. Thoughts are billed as output but are not among the response's tokens. */
function parseUsage(usage: Json): RealtimeUsage {
  const tokens = (name: string): number | undefined => known(usage[name], isCount);
  const split = (total: number, ...names: readonly string[]): ModalityTokens | undefined =>
    tokensByModality(
      names.flatMap((name) => modalities(usage[name])),
      total,
    );
  const inputTokens = (tokens('promptTokenCount') ?? 0) + (tokens('toolUsePromptTokenCount') ?? 0);
  const cachedInputTokens = tokens('cachedContentTokenCount');
  const reasoningTokens = tokens('thoughtsTokenCount');
  const responseTokens = tokens('responseTokenCount') ?? 0;
  return {
    inputTokens,
    outputTokens: responseTokens + (reasoningTokens ?? 0),
    ...(cachedInputTokens !== undefined && { cachedInputTokens }),
    ...(reasoningTokens !== undefined && { reasoningTokens }),
    inputByModality: split(inputTokens, 'promptTokensDetails', 'toolUsePromptTokensDetails'),
    cachedInputByModality: split(cachedInputTokens ?? 0, 'cacheTokensDetails'),
    outputByModality: split(responseTokens, 'responseTokensDetails'),
  };
}

/** Such as `{ modality: 'AUDIO', tokenCount: 60 }`. Details that cannot be read cost nobody the totals. */
function modalities(details: unknown): [modality: unknown, tokens: unknown][] {
  const list: unknown[] = Array.isArray(details) ? details : [];
  return list.filter(isObject).map(({ modality, tokenCount }) => {
    return [isString(modality) ? modality.toLowerCase() : undefined, tokenCount];
  });
}

/** A duration of protobuf, such as `0.480s`. */
function milliseconds(duration: string | undefined): number | undefined {
  const seconds = Number.parseFloat(duration ?? '');
  return Number.isNaN(seconds) ? undefined : seconds * 1000;
}
