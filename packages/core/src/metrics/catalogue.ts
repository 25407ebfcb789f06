import type { AttributeKey } from './attributes.ts';
import type { BoundaryName } from './boundaries.ts';

/** One metric of the catalogue. */
export interface MetricDefinition {
  /** The OpenTelemetry name. */
  readonly name: string;
  readonly kind: 'histogram' | 'counter' | 'up-down-counter';
  readonly unit: 'ms' | 'By' | '1';
  readonly description: string;
  /** The only attributes that a measurement may have. */
  readonly attributes: readonly AttributeKey[];
  /** Histograms only. */
  readonly boundaries?: BoundaryName;
  /** Counters that move with every chunk of audio: handed over when read, not when they move. */
  readonly batched?: true;
}

/** The histograms of the catalogue, by their names in code. */
export type HistogramKey =
  | 'llmLatencyMs'
  | 'llmTimeToFirstTokenMs'
  | 'llmToolLatencyMs'
  | 'sttLatencyMs'
  | 'sttAudioDurationMs'
  | 'ttsLatencyMs'
  | 'ttsTimeToFirstAudioMs'
  | 'ttsAudioDurationMs'
  | 'turnDurationMs'
  | 'turnTrailingSilenceMs'
  | 'realtimeSessionDurationMs'
  | 'realtimeTimeToFirstAudioMs'
  | 'vlmInferenceLatencyMs'
  | 'videoProcessingLatencyMs'
  | 'agentResponseLatencyMs'
  | 'agentFrameworkOverheadMs'
  | 'agentResponseStageMs'
  | 'agentInterruptionLatencyMs'
  | 'agentSessionDurationMs'
  | 'agentJoinDurationMs'
  | 'edgeRttMs'
  | 'edgeJitterMs'
  | 'runtimeEventLoopDelayMs';

/** The counters of the catalogue, by their names in code. */
export type CounterKey =
  | 'llmInputTokens'
  | 'llmOutputTokens'
  | 'llmCachedInputTokens'
  | 'llmReasoningTokens'
  | 'llmRequests'
  | 'llmErrors'
  | 'llmToolCalls'
  | 'sttTranscripts'
  | 'sttErrors'
  | 'ttsCharacters'
  | 'ttsRequests'
  | 'ttsErrors'
  | 'realtimeAudioInputBytes'
  | 'realtimeAudioOutputBytes'
  | 'realtimeAudioInputDurationMs'
  | 'realtimeAudioOutputDurationMs'
  | 'realtimeResponses'
  | 'realtimeInputTokens'
  | 'realtimeOutputTokens'
  | 'realtimeUserTranscriptions'
  | 'realtimeAgentTranscriptions'
  | 'realtimeErrors'
  | 'vlmInferences'
  | 'vlmInputTokens'
  | 'vlmOutputTokens'
  | 'vlmErrors'
  | 'videoFramesProcessed'
  | 'videoDetections'
  | 'agentTurns'
  | 'agentInterruptions'
  | 'agentSpeculation'
  | 'agentDeadAir'
  | 'agentSessions'
  | 'providerReconnects'
  | 'edgeAudioDroppedMs'
  | 'edgeAudioUnderruns'
  | 'edgePacketsLost';

/** The gauges of the catalogue, by their names in code. */
export type UpDownCounterKey = 'realtimeSessions' | 'agentSessionsActive' | 'providerConnections';

/** The name of a metric in code: a field of `agent.metrics`. */
export type MetricKey = HistogramKey | CounterKey | UpDownCounterKey;

const VENDOR = ['provider'] as const;
const MODEL = ['provider', 'model'] as const;
const REQUEST = [...MODEL, 'outcome'] as const;
const FAILURE = [...MODEL, 'error_type', 'error_code'] as const;
const TOOL = [...MODEL, 'tool_name', 'success'] as const;
const NONE = [] as const;

/** Every metric there is. All instruments, aggregates, documents and dashboards follow this table. */
export const CATALOGUE: Readonly<Record<MetricKey, MetricDefinition>> = {
  llmLatencyMs: time('llm.latency.ms', 'response', MODEL, 'LLM request sent to its last event'),
  llmTimeToFirstTokenMs: time(
    'llm.time_to_first_token.ms',
    'response',
    MODEL,
    'LLM request sent to its first text or tool call',
  ),
  llmToolLatencyMs: time('llm.tool_latency.ms', 'response', TOOL, 'Tool invoked to settled'),
  llmInputTokens: count('llm.tokens.input', MODEL, 'Prompt tokens, cached ones included'),
  llmOutputTokens: count('llm.tokens.output', MODEL, 'Generated tokens, reasoning included'),
  llmCachedInputTokens: count('llm.tokens.input.cached', MODEL, 'Prompt tokens read from a cache'),
  llmReasoningTokens: count('llm.tokens.output.reasoning', MODEL, 'Tokens spent on reasoning'),
  llmRequests: count('llm.requests', REQUEST, 'LLM requests by how they ended'),
  llmErrors: count('llm.errors', FAILURE, 'LLM requests refused, failed, cut off or timed out'),
  llmToolCalls: count('llm.tool_calls', TOOL, 'Tool calls executed'),

  sttLatencyMs: time('stt.latency.ms', 'speech', MODEL, 'End of speech to its final transcript'),
  sttAudioDurationMs: time('stt.audio_duration.ms', 'duration', MODEL, 'Audio sent per transcript'),
  sttTranscripts: count('stt.transcripts', MODEL, 'Final transcripts that are not empty'),
  sttErrors: count('stt.errors', FAILURE, 'Failures of speech to text'),

  ttsLatencyMs: time('tts.latency.ms', 'speech', MODEL, 'Text handed over to its last audio'),
  ttsTimeToFirstAudioMs: time(
    'tts.time_to_first_audio.ms',
    'speech',
    MODEL,
    'Text handed over to its first audio',
  ),
  ttsAudioDurationMs: time('tts.audio_duration.ms', 'duration', MODEL, 'Audio received a request'),
  ttsCharacters: count('tts.characters', MODEL, 'Characters sent to be spoken'),
  ttsRequests: count('tts.requests', REQUEST, 'Speech requests by how they ended'),
  ttsErrors: count('tts.errors', FAILURE, 'Failures of text to speech'),

  turnDurationMs: time('turn.duration.ms', 'duration', VENDOR, 'User speech, start to end'),
  turnTrailingSilenceMs: time(
    'turn.trailing_silence.ms',
    'response',
    VENDOR,
    'End of speech to the turn being declared over',
  ),

  realtimeSessions: gauge('realtime.sessions', MODEL, 'Speech-to-speech sessions now open'),
  realtimeSessionDurationMs: time(
    'realtime.session_duration.ms',
    'session',
    MODEL,
    'Speech-to-speech session, open to closed',
  ),
  realtimeAudioInputBytes: volume('realtime.audio.input.bytes', 'By', 'Audio bytes sent'),
  realtimeAudioOutputBytes: volume('realtime.audio.output.bytes', 'By', 'Audio bytes received'),
  realtimeAudioInputDurationMs: volume('realtime.audio.input.duration.ms', 'ms', 'Audio sent'),
  realtimeAudioOutputDurationMs: volume(
    'realtime.audio.output.duration.ms',
    'ms',
    'Audio received',
  ),
  realtimeResponses: count('realtime.responses', REQUEST, 'Answers by how they ended'),
  realtimeTimeToFirstAudioMs: time(
    'realtime.time_to_first_audio.ms',
    'response',
    MODEL,
    'End of user speech to the first audio of the answer',
  ),
  realtimeInputTokens: count('realtime.tokens.input', MODEL, 'Tokens taken in'),
  realtimeOutputTokens: count('realtime.tokens.output', MODEL, 'Tokens generated'),
  realtimeUserTranscriptions: count('realtime.transcriptions.user', MODEL, 'User utterances'),
  realtimeAgentTranscriptions: count('realtime.transcriptions.agent', MODEL, 'Agent utterances'),
  realtimeErrors: count('realtime.errors', FAILURE, 'Failures of speech-to-speech sessions'),

  vlmInferenceLatencyMs: time('vlm.inference.latency.ms', 'response', MODEL, 'Vision request'),
  vlmInferences: count('vlm.inferences', REQUEST, 'Vision requests by how they ended'),
  vlmInputTokens: count('vlm.tokens.input', MODEL, 'Vision prompt tokens'),
  vlmOutputTokens: count('vlm.tokens.output', MODEL, 'Vision output tokens'),
  vlmErrors: count('vlm.errors', FAILURE, 'Failures of vision requests'),
  videoFramesProcessed: count('video.frames.processed', MODEL, 'Video frames processed'),
  videoProcessingLatencyMs: time('video.processing.latency.ms', 'speech', MODEL, 'One frame'),
  videoDetections: count('video.detections', MODEL, 'Things found in video frames'),

  agentResponseLatencyMs: time(
    'agent.response.latency.ms',
    'response',
    ['kind'],
    'Voice to voice: end of user speech to the first frame of the answer',
  ),
  agentFrameworkOverheadMs: time(
    'agent.framework.overhead.ms',
    'overhead',
    ['kind'],
    'The part of the response latency that is ours',
  ),
  agentResponseStageMs: time(
    'agent.response.stage.ms',
    'response',
    ['kind', 'stage'],
    'The response latency split by stage; the stages of a turn add up to it',
  ),
  agentTurns: count('agent.turns', ['outcome'], 'Turns of users by how they ended'),
  agentInterruptions: count('agent.interruptions', ['phase'], 'Times a user cut the agent off'),
  agentInterruptionLatencyMs: time(
    'agent.interruption.latency.ms',
    'overhead',
    NONE,
    'Barge-in detected to the last frame sent',
  ),
  agentSpeculation: count('agent.speculation', ['outcome'], 'Speculative answers, used or not'),
  agentDeadAir: count('agent.dead_air', NONE, 'Turns that no audio followed in time'),
  agentSessionsActive: gauge('agent.sessions.active', NONE, 'Calls that agents are in'),
  agentSessions: count('agent.sessions', ['reason'], 'Calls ended, by reason'),
  agentSessionDurationMs: time('agent.session.duration.ms', 'session', NONE, 'Joined to left'),
  agentJoinDurationMs: time('agent.join.duration.ms', 'response', NONE, 'Join asked to joined'),

  providerReconnects: count('provider.reconnects', ['provider', 'outcome'], 'Reconnections'),
  providerConnections: gauge('provider.connections', VENDOR, 'Sockets now open'),

  edgeAudioDroppedMs: volume('edge.audio.dropped.ms', 'ms', 'Audio dropped by full queues', VENDOR),
  edgeAudioUnderruns: count('edge.audio.underruns', VENDOR, 'Times the agent ran out of audio'),
  edgeRttMs: time('edge.rtt.ms', 'speech', VENDOR, 'Round trip to the edge'),
  edgeJitterMs: time('edge.jitter.ms', 'speech', VENDOR, 'Jitter of arriving packets'),
  edgePacketsLost: count('edge.packets.lost', VENDOR, 'Packets that never arrived'),

  runtimeEventLoopDelayMs: time(
    'runtime.event_loop.delay.ms',
    'overhead',
    NONE,
    'How late the event loop runs: every latency is taken when JavaScript gets to run',
  ),
};

/** All keys of the catalogue, in its order. */
export const METRIC_KEYS: readonly MetricKey[] = Object.keys(CATALOGUE).filter(isMetricKey);

function isMetricKey(key: string): key is MetricKey {
  return key in CATALOGUE;
}

/** Tells histograms from counters and gauges. */
export function isHistogramKey(key: MetricKey): key is HistogramKey {
  return CATALOGUE[key].kind === 'histogram';
}

function time(
  name: string,
  boundaries: BoundaryName,
  attributes: readonly AttributeKey[],
  description: string,
): MetricDefinition {
  return { name, kind: 'histogram', unit: 'ms', boundaries, attributes, description };
}

function count(
  name: string,
  attributes: readonly AttributeKey[],
  description: string,
): MetricDefinition {
  return { name, kind: 'counter', unit: '1', attributes, description };
}

function gauge(
  name: string,
  attributes: readonly AttributeKey[],
  description: string,
): MetricDefinition {
  return { name, kind: 'up-down-counter', unit: '1', attributes, description };
}

function volume(
  name: string,
  unit: 'ms' | 'By',
  description: string,
  attributes: readonly AttributeKey[] = MODEL,
): MetricDefinition {
  return { name, kind: 'counter', unit, attributes, description, batched: true };
}
