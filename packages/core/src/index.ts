export { AgentError } from './errors/agent-error.ts';
export { ConfigurationError } from './errors/configuration-error.ts';
export { ERROR_TYPES, errorTypeOfStatus, transportFailure } from './errors/error-type.ts';
export type { ErrorType } from './errors/error-type.ts';
export { InterruptedError } from './errors/interrupted-error.ts';
export { ProviderError } from './errors/provider-error.ts';
export type { ProviderErrorDetails } from './errors/provider-error.ts';

export { frameDurationMs, pcmBytes, pcmSamples, silence } from './audio/audio-frame.ts';
export type { AudioFrame } from './audio/audio-frame.ts';
export { Resampler } from './audio/resampler.ts';

export { systemClock } from './clock/clock.ts';
export type { Clock } from './clock/clock.ts';
export { createConsoleLogger, logLevel, setLogLevel } from './logging/console-logger.ts';
export { describeError } from './logging/describe-error.ts';
export { LOG_LEVELS } from './logging/logger.ts';
export type { Logger, LogLevel } from './logging/logger.ts';

export { AudioUplink } from './connection/audio-uplink.ts';
export type { AudioUplinkParts } from './connection/audio-uplink.ts';
export { ConnectionErrors } from './connection/connection-errors.ts';
export type { ConnectionErrorsOptions, FailureReading } from './connection/connection-errors.ts';
export { KeepAlive } from './connection/keep-alive.ts';
export type { KeepAliveParts } from './connection/keep-alive.ts';
export { ProviderSocket } from './connection/provider-socket.ts';
export type { ProviderSocketParts } from './connection/provider-socket.ts';
export type { ReconnectAttempt } from './connection/reconnects.ts';
export { SoundWatch } from './connection/sound-watch.ts';
export type { SoundWatchParts } from './connection/sound-watch.ts';
export { StallWatch } from './connection/stall-watch.ts';
export type { StallWatchParts } from './connection/stall-watch.ts';
export { WarmSocket } from './connection/warm-socket.ts';
export type { ReusableSocket, WarmSocketParts } from './connection/warm-socket.ts';
export { WEB_SOCKET_OPTIONS } from './connection/web-socket.ts';
export type { UpgradeResponse, WebSocketClient } from './connection/web-socket.ts';

export { keepAliveFetch } from './http/keep-alive-fetch.ts';
export { AsyncQueue } from './stream/async-queue.ts';
export { untilAborted } from './stream/until-aborted.ts';
export type { ComponentContext, ConnectContext } from './stream/component-context.ts';

export type { Message, ToolResult } from './conversation/message.ts';
export { LLM } from './llm/llm.ts';
export type { LanguageModel, LLMTimeouts } from './llm/llm.ts';
export type { LLMEndReason, LLMEvent, LLMUsage, ToolCall } from './llm/llm-events.ts';
export type { LLMRequest, ToolDeclaration } from './llm/llm-request.ts';

export { STT } from './stt/stt.ts';
export type { STTConnection } from './stt/stt.ts';
export type { STTEvent, STTFact } from './stt/stt-events.ts';
export { moveOffsets } from './stt/move-offsets.ts';
export { STTStream } from './stt/stt-stream.ts';

export { TTS } from './tts/tts.ts';
export type { TTSConnection, TTSTimeouts } from './tts/tts.ts';
export { TTSStream } from './tts/tts-stream.ts';
export type { Voice } from './tts/tts-stream.ts';

export { FallbackLLM } from './fallback/fallback-llm.ts';
export { FallbackSTT } from './fallback/fallback-stt.ts';
export { FallbackTTS } from './fallback/fallback-tts.ts';
export type { CircuitOptions } from './fallback/circuit.ts';
export type { FallbackTTSStream } from './fallback/fallback-tts-stream.ts';

export { Edge } from './edge/edge.ts';
export type {
  Call,
  Caption,
  EdgeConnection,
  EdgeHandlers,
  EdgeJoinContext,
  Participant,
  SessionEndReason,
  User,
} from './edge/edge.ts';
export { Playout, Utterance } from './edge/playout.ts';
export type { PlayoutOptions, UtteranceEnd } from './edge/playout.ts';

export { agentMetricsFrom, MetricsCollector } from './metrics/agent-metrics.ts';
export type { AgentMetrics, AgentMetricsData, HistogramSummary } from './metrics/agent-metrics.ts';
export type { CounterData, HistogramData } from './metrics/aggregate.ts';
export type { AttributeKey, Outcome } from './metrics/attributes.ts';
export { BOUNDARIES } from './metrics/boundaries.ts';
export { CATALOGUE } from './metrics/catalogue.ts';
export type {
  CounterKey,
  HistogramKey,
  MetricDefinition,
  MetricKey,
  UpDownCounterKey,
} from './metrics/catalogue.ts';
export { GEN_AI_METER_NAME } from './metrics/gen-ai-metrics.ts';
export { METER_NAME } from './metrics/live-instruments.ts';

export { SPAN_NAMES } from './tracing/span-names.ts';
export type { TraceScope } from './tracing/trace-scope.ts';
export { TRACER_NAME } from './tracing/tracer.ts';

export {
  checkOptions,
  fromEnvironment,
  isArrayOf,
  isBoolean,
  isFunction,
  isHeaderValue,
  isHttpUrl,
  isNumber,
  isObject,
  isOneOf,
  isString,
  isText,
  requireSetting,
} from './options/option-checks.ts';
export type { OptionCheck } from './options/option-checks.ts';

export { Agent } from './agent/agent.ts';
export type { JoinOptions } from './agent/agent.ts';
export type { AgentEvents } from './agent/agent-events.ts';
export type {
  AgentOptions,
  EndpointingOptions,
  PipelineAgentOptions,
  RealtimeAgentOptions,
  SharedAgentOptions,
  ToolFiller,
} from './agent/agent-options.ts';
export type { SpeakOptions } from './agent/dialogue.ts';
export type { CrossTalk } from './agent/floor.ts';
export type { InterruptionOptions } from './agent/interruption-options.ts';
export { BACKCHANNELS } from './conversation/backchannels.ts';
export { AgentLauncher } from './runner/agent-launcher.ts';
export type { AgentLauncherOptions, AgentSession, CallRequest } from './runner/agent-launcher.ts';
export { Runner } from './runner/runner.ts';
export { tool } from './tools/tool.ts';
export type { Tool, ToolContext, ToolOptions, Tools } from './tools/tool.ts';
export type { InputSchema } from './tools/standard-schema.ts';
export type { ToolSource, ToolSourceSession } from './tools/tool-source.ts';
export type { TurnMark, TurnMarks } from './turn/turn-marks.ts';
export type { AgentState } from './turn/turn-state.ts';
export type { Stage, TurnTimeline } from './turn/turn-timeline.ts';
export type { TurnKind, TurnOutcome, TurnRecord } from './turn/turn.ts';

export { Realtime } from './realtime/realtime.ts';
export type { RealtimeConnection, RealtimeRequest } from './realtime/realtime.ts';
export type { RealtimeEvent, RealtimeFact, RealtimeOutcome } from './realtime/realtime-events.ts';
export { RealtimeSession } from './realtime/realtime-session.ts';
export { tokensByModality } from './realtime/realtime-usage.ts';
export type { Modality, ModalityTokens, RealtimeUsage } from './realtime/realtime-usage.ts';
export { TurnDetector } from './turn-detection/turn-detector.ts';
export type {
  TurnDetection,
  TurnDetectorContext,
  TurnFact,
} from './turn-detection/turn-detector.ts';
export { TurnDetectorStream } from './turn-detection/turn-detector-stream.ts';
export type { TurnEvent } from './turn-detection/turn-detector-stream.ts';
