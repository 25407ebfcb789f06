import type { AgentMetrics, HistogramSummary } from '@vision-agents/core';

/** What a call came to, for people. A line whose figure is unknown is left out. */
export function callSummary(metrics: AgentMetrics): string {
  const lines = [
    latencyLine('Response latency', metrics.agentResponseLatencyMs),
    latencyLine('STT latency', metrics.sttLatencyMs),
    latencyLine('LLM latency', metrics.llmLatencyMs),
    latencyLine('LLM first token', metrics.llmTimeToFirstTokenMs),
    latencyLine('TTS first audio', metrics.ttsTimeToFirstAudioMs),
    `Turns: ${metrics.agentTurns.total}, interruptions: ${metrics.agentInterruptions.total}`,
    `Tokens: ${metrics.llmInputTokens.total} in / ${metrics.llmOutputTokens.total} out`,
    `TTS characters: ${metrics.ttsCharacters.total}`,
  ];
  return ['=== Call summary ===', ...lines.filter((line) => line !== undefined)].join('\n');
}

function latencyLine(name: string, { count, average, p95 }: HistogramSummary): string | undefined {
  if (average === undefined || p95 === undefined) return undefined;
  return `${name}: ${average.toFixed(0)} ms avg, ${p95.toFixed(0)} ms p95 of ${count}`;
}
