import type { AgentMetrics } from '@vision-agents/core';
import type { SandboxTruth } from '@vision-agents/sandbox';

import type { Cell } from './cell.ts';
import { isWished } from './cell.ts';

/** What comes of an operation: of one that fails, a part may be lost on its way. */
const RESULTS: Readonly<Record<string, (metrics: AgentMetrics) => number>> = {
  'stt.transcripts': ({ sttTranscripts }) => sttTranscripts.total,
  'llm.tokens.input': ({ llmInputTokens }) => llmInputTokens.total,
  'llm.tokens.output': ({ llmOutputTokens }) => llmOutputTokens.total,
  'llm.tokens.input.cached': ({ llmCachedInputTokens }) => llmCachedInputTokens.total,
  'llm.tokens.output.reasoning': ({ llmReasoningTokens }) => llmReasoningTokens.total,
  'realtime.responses': ({ realtimeResponses }) => realtimeResponses.total,
  'realtime.tokens.input': ({ realtimeInputTokens }) => realtimeInputTokens.total,
  'realtime.tokens.output': ({ realtimeOutputTokens }) => realtimeOutputTokens.total,
  'realtime.transcriptions.agent': ({ realtimeAgentTranscriptions }) =>
    realtimeAgentTranscriptions.total,
  'realtime.audio.output.bytes': ({ realtimeAudioOutputBytes }) => realtimeAudioOutputBytes.total,
};

/** What was seen of a cell, as far as it counts. */
export interface Counted {
  readonly metrics: AgentMetrics;
  readonly truth: SandboxTruth;
  /** The words of each operation that was asked for. */
  readonly asked: readonly string[];
}

/** The counts that are not what happened, each as `<name>: <measured>, <truth>`. */
export function wrongCounts(cell: Cell, { metrics, truth, asked }: Counted): string[] {
  const isWhole = cell.errors.length === 0 && !isWished(cell);
  const results = Object.entries(RESULTS).flatMap(([name, measuredIn]) => {
    const measured = measuredIn(metrics);
    const real = truth.counts[name] ?? 0;
    const isWrong = isWhole ? measured !== real : measured > real;
    return isWrong ? [`${name}: ${measured}, ${real}`] : [];
  });
  return [...results, ...wrongRequests(cell, metrics, asked)];
}

/** Each request is counted once, whether or not anybody got it. */
function wrongRequests(
  { component: { role } }: Cell,
  { llmRequests, ttsRequests, ttsCharacters }: AgentMetrics,
  asked: readonly string[],
): string[] {
  const requests = { llm: llmRequests.total, tts: ttsRequests.total, stt: 0, realtime: 0 }[role];
  const isAsked = role === 'llm' || role === 'tts';
  const characters = role === 'tts' ? asked.join('').length : 0;
  return [
    ...(requests === (isAsked ? asked.length : 0)
      ? []
      : [`requests: ${requests}, ${asked.length}`]),
    ...(ttsCharacters.total === characters
      ? []
      : [`tts.characters: ${ttsCharacters.total}, ${characters}`]),
  ];
}
