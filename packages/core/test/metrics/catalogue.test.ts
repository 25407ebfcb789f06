import { describe, expect, test } from 'vitest';

import { BOUNDARIES } from '../../src/metrics/boundaries.ts';
import type { MetricKey } from '../../src/metrics/catalogue.ts';
import { CATALOGUE, isHistogramKey, METRIC_KEYS } from '../../src/metrics/catalogue.ts';

const VENDOR = 'provider';
const MODEL = 'provider model';
const REQUEST = 'provider model outcome';
const FAILURE = 'provider model error_type error_code';
const TOOL = 'provider model tool_name success';

/** The contract, typed out apart from the code: key, name, kind, unit, attributes. */
const CONTRACT: readonly (readonly [
  MetricKey,
  string,
  'H' | 'C' | 'U',
  'ms' | 'By' | '1',
  string,
])[] = [
  ['llmLatencyMs', 'llm.latency.ms', 'H', 'ms', MODEL],
  ['llmTimeToFirstTokenMs', 'llm.time_to_first_token.ms', 'H', 'ms', MODEL],
  ['llmInputTokens', 'llm.tokens.input', 'C', '1', MODEL],
  ['llmOutputTokens', 'llm.tokens.output', 'C', '1', MODEL],
  ['llmCachedInputTokens', 'llm.tokens.input.cached', 'C', '1', MODEL],
  ['llmReasoningTokens', 'llm.tokens.output.reasoning', 'C', '1', MODEL],
  ['llmRequests', 'llm.requests', 'C', '1', REQUEST],
  ['llmErrors', 'llm.errors', 'C', '1', FAILURE],
  ['llmToolCalls', 'llm.tool_calls', 'C', '1', TOOL],
  ['llmToolLatencyMs', 'llm.tool_latency.ms', 'H', 'ms', TOOL],

  ['sttLatencyMs', 'stt.latency.ms', 'H', 'ms', MODEL],
  ['sttAudioDurationMs', 'stt.audio_duration.ms', 'H', 'ms', MODEL],
  ['sttTranscripts', 'stt.transcripts', 'C', '1', MODEL],
  ['sttErrors', 'stt.errors', 'C', '1', FAILURE],

  ['ttsLatencyMs', 'tts.latency.ms', 'H', 'ms', MODEL],
  ['ttsTimeToFirstAudioMs', 'tts.time_to_first_audio.ms', 'H', 'ms', MODEL],
  ['ttsAudioDurationMs', 'tts.audio_duration.ms', 'H', 'ms', MODEL],
  ['ttsCharacters', 'tts.characters', 'C', '1', MODEL],
  ['ttsRequests', 'tts.requests', 'C', '1', REQUEST],
  ['ttsErrors', 'tts.errors', 'C', '1', FAILURE],

  ['turnDurationMs', 'turn.duration.ms', 'H', 'ms', VENDOR],
  ['turnTrailingSilenceMs', 'turn.trailing_silence.ms', 'H', 'ms', VENDOR],

  ['realtimeSessions', 'realtime.sessions', 'U', '1', MODEL],
  ['realtimeSessionDurationMs', 'realtime.session_duration.ms', 'H', 'ms', MODEL],
  ['realtimeAudioInputBytes', 'realtime.audio.input.bytes', 'C', 'By', MODEL],
  ['realtimeAudioOutputBytes', 'realtime.audio.output.bytes', 'C', 'By', MODEL],
  ['realtimeAudioInputDurationMs', 'realtime.audio.input.duration.ms', 'C', 'ms', MODEL],
  ['realtimeAudioOutputDurationMs', 'realtime.audio.output.duration.ms', 'C', 'ms', MODEL],
  ['realtimeResponses', 'realtime.responses', 'C', '1', REQUEST],
  ['realtimeTimeToFirstAudioMs', 'realtime.time_to_first_audio.ms', 'H', 'ms', MODEL],
  ['realtimeInputTokens', 'realtime.tokens.input', 'C', '1', MODEL],
  ['realtimeOutputTokens', 'realtime.tokens.output', 'C', '1', MODEL],
  ['realtimeUserTranscriptions', 'realtime.transcriptions.user', 'C', '1', MODEL],
  ['realtimeAgentTranscriptions', 'realtime.transcriptions.agent', 'C', '1', MODEL],
  ['realtimeErrors', 'realtime.errors', 'C', '1', FAILURE],

  ['vlmInferenceLatencyMs', 'vlm.inference.latency.ms', 'H', 'ms', MODEL],
  ['vlmInferences', 'vlm.inferences', 'C', '1', REQUEST],
  ['vlmInputTokens', 'vlm.tokens.input', 'C', '1', MODEL],
  ['vlmOutputTokens', 'vlm.tokens.output', 'C', '1', MODEL],
  ['vlmErrors', 'vlm.errors', 'C', '1', FAILURE],

  ['videoFramesProcessed', 'video.frames.processed', 'C', '1', MODEL],
  ['videoProcessingLatencyMs', 'video.processing.latency.ms', 'H', 'ms', MODEL],
  ['videoDetections', 'video.detections', 'C', '1', MODEL],

  ['agentResponseLatencyMs', 'agent.response.latency.ms', 'H', 'ms', 'kind'],
  ['agentFrameworkOverheadMs', 'agent.framework.overhead.ms', 'H', 'ms', 'kind'],
  ['agentResponseStageMs', 'agent.response.stage.ms', 'H', 'ms', 'kind stage'],
  ['agentTurns', 'agent.turns', 'C', '1', 'outcome'],
  ['agentInterruptions', 'agent.interruptions', 'C', '1', 'phase'],
  ['agentInterruptionLatencyMs', 'agent.interruption.latency.ms', 'H', 'ms', ''],
  ['agentSpeculation', 'agent.speculation', 'C', '1', 'outcome'],
  ['agentDeadAir', 'agent.dead_air', 'C', '1', ''],
  ['agentSessionsActive', 'agent.sessions.active', 'U', '1', ''],
  ['agentSessions', 'agent.sessions', 'C', '1', 'reason'],
  ['agentSessionDurationMs', 'agent.session.duration.ms', 'H', 'ms', ''],
  ['agentJoinDurationMs', 'agent.join.duration.ms', 'H', 'ms', ''],

  ['providerReconnects', 'provider.reconnects', 'C', '1', 'provider outcome'],
  ['providerConnections', 'provider.connections', 'U', '1', VENDOR],

  ['edgeAudioDroppedMs', 'edge.audio.dropped.ms', 'C', 'ms', VENDOR],
  ['edgeAudioUnderruns', 'edge.audio.underruns', 'C', '1', VENDOR],
  ['edgeRttMs', 'edge.rtt.ms', 'H', 'ms', VENDOR],
  ['edgeJitterMs', 'edge.jitter.ms', 'H', 'ms', VENDOR],
  ['edgePacketsLost', 'edge.packets.lost', 'C', '1', VENDOR],

  ['runtimeEventLoopDelayMs', 'runtime.event_loop.delay.ms', 'H', 'ms', ''],
];

const KINDS = { H: 'histogram', C: 'counter', U: 'up-down-counter' } as const;

describe('the catalogue', () => {
  test('has the metrics of the contract and no other', () => {
    expect(METRIC_KEYS.toSorted()).toEqual(CONTRACT.map(([key]) => key).toSorted());
  });

  test.for(CONTRACT)('defines %s as the contract does', ([key, name, kind, unit, attributes]) => {
    const definition = CATALOGUE[key];
    expect({ ...definition, attributes: definition.attributes.join(' ') }).toMatchObject({
      name,
      kind: KINDS[kind],
      unit,
      attributes,
    });
    expect(definition.description).not.toBe('');
  });

  test('gives each metric a name of its own, also once a backend has mangled it', () => {
    const mangled = METRIC_KEYS.map((key) =>
      CATALOGUE[key].name.replaceAll(/[^A-Za-z0-9_]/g, '_').toLowerCase(),
    );
    expect(new Set(mangled).size).toBe(METRIC_KEYS.length);
    const samples = METRIC_KEYS.flatMap((key, index) => {
      const name = mangled[index] ?? '';
      if (isHistogramKey(key)) return [`${name}_sum`, `${name}_count`, `${name}_bucket`];
      return CATALOGUE[key].kind === 'counter' ? [`${name}_total`] : [name];
    });
    expect(new Set(samples).size).toBe(samples.length);
  });

  test('names no attribute that a backend keeps for itself', () => {
    const keys = new Set(METRIC_KEYS.flatMap((key) => CATALOGUE[key].attributes));
    for (const key of keys) {
      expect(key).toMatch(/^[a-z][a-z_]*$/);
      expect(['le', 'quantile', 'job', 'instance']).not.toContain(key);
    }
  });

  test('batches only counters, and gives boundaries to histograms alone', () => {
    for (const { kind, batched, boundaries } of Object.values(CATALOGUE)) {
      expect(batched === true ? kind : 'counter').toBe('counter');
      expect(boundaries !== undefined).toBe(kind === 'histogram');
    }
  });

  test('batches the counters that move with every chunk of audio', () => {
    const batched = METRIC_KEYS.filter((key) => CATALOGUE[key].batched);
    expect(batched.toSorted()).toEqual([
      'edgeAudioDroppedMs',
      'realtimeAudioInputBytes',
      'realtimeAudioInputDurationMs',
      'realtimeAudioOutputBytes',
      'realtimeAudioOutputDurationMs',
    ]);
  });
});

describe('the boundaries', () => {
  test('of answers, models and tools are those of the contract, 2,000 ms among them', () => {
    expect(BOUNDARIES.response).toEqual([
      50, 100, 150, 200, 300, 400, 500, 750, 1000, 1250, 1500, 1750, 2000, 2500, 3000, 4000, 5000,
      7500, 10000, 30000,
    ]);
  });

  test('of speech services are finer below 300 ms and the same above', () => {
    expect(BOUNDARIES.speech).toEqual([
      10, 25, 50, 75, 100, 125, 150, 200, 250, 300, 400, 500, 750, 1000, 1250, 1500, 1750, 2000,
      2500, 3000, 4000, 5000, 7500, 10000, 30000,
    ]);
  });

  test('of durations go beyond a minute, those of sessions beyond an hour', () => {
    expect(BOUNDARIES.duration).toContain(60_000);
    expect(BOUNDARIES.duration.at(-1)).toBeGreaterThan(60_000);
    expect(BOUNDARIES.session).toContain(3_600_000);
  });

  test.for(Object.entries(BOUNDARIES))('of %s rise', ([, bounds]) => {
    expect(bounds.every(Number.isFinite)).toBe(true);
    expect(bounds.toSorted((a, b) => a - b)).toEqual(bounds);
    expect(new Set(bounds).size).toBe(bounds.length);
  });

  test.for([
    ['llmLatencyMs', 'response'],
    ['llmTimeToFirstTokenMs', 'response'],
    ['llmToolLatencyMs', 'response'],
    ['agentResponseLatencyMs', 'response'],
    ['sttLatencyMs', 'speech'],
    ['ttsLatencyMs', 'speech'],
    ['ttsTimeToFirstAudioMs', 'speech'],
    ['sttAudioDurationMs', 'duration'],
    ['ttsAudioDurationMs', 'duration'],
    ['turnDurationMs', 'duration'],
    ['agentSessionDurationMs', 'session'],
    ['realtimeSessionDurationMs', 'session'],
  ] as const)('of %s are those of a %s', ([key, boundaries]) => {
    expect(CATALOGUE[key].boundaries).toBe(boundaries);
  });
});
