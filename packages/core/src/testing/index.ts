export { ManualClock } from './manual-clock.ts';
export { pause } from './pause.ts';
export { RecordingLogger } from './recording-logger.ts';
export type { LogEntry } from './recording-logger.ts';
export { Script } from './script.ts';
export { ScriptedEdge, ScriptedEdgeConnection } from './scripted-edge.ts';
export type { EdgeJoin, SentFrame } from './scripted-edge.ts';
export { asksFor, says, ScriptedLLM } from './scripted-llm.ts';
export type { LLMStep, ScriptedLLMOptions } from './scripted-llm.ts';
export { ScriptedRealtime, ScriptedRealtimeConnection } from './scripted-realtime.ts';
export type { RealtimeOpening } from './scripted-realtime.ts';
export { ScriptedSTT, ScriptedSTTConnection } from './scripted-stt.ts';
export type { STTOpening } from './scripted-stt.ts';
export { ScriptedTTS, speaks } from './scripted-tts.ts';
export type { ScriptedSpeech, ScriptedTTSOptions, TTSOpening, TTSStep } from './scripted-tts.ts';
export { ScriptedTurnDetector } from './scripted-turn-detector.ts';
export { settled } from './settled.ts';
export { tone } from './tone.ts';
export type { ToneOptions } from './tone.ts';
export { describeLLM, LLM_TOOL } from './contract/llm-contract.ts';
export type { LLMBehaviour, LLMHarness, LLMSubject } from './contract/llm-contract.ts';
export type { ContractHarness } from './contract/contract.ts';
export type { Skip, TestOptions, TestRunner } from './contract/test-runner.ts';
export { describeTTS } from './contract/tts-contract.ts';
export type { TTSBehaviour, TTSHarness, TTSSubject } from './contract/tts-contract.ts';
export { describeSTT } from './contract/stt-contract.ts';
export type { STTBehaviour, STTHarness, STTSubject } from './contract/stt-contract.ts';
export type { SpokenAudio } from './contract/spoken-audio.ts';
export { describeTurnDetector } from './contract/turn-detector-contract.ts';
export type {
  TurnDetectorHarness,
  TurnDetectorSubject,
} from './contract/turn-detector-contract.ts';
export { describeEdge } from './contract/edge-contract.ts';
export type { EdgeCaller, EdgeHarness, EdgeSubject } from './contract/edge-contract.ts';
export { describeRealtime } from './contract/realtime-contract.ts';
export type {
  RealtimeBehaviour,
  RealtimeHarness,
  RealtimeSubject,
} from './contract/realtime-contract.ts';
export { TestReply } from './test-reply.ts';
export type { TestedToolCall } from './test-reply.ts';
export { TestSession } from './test-session.ts';
export type { TestSessionOptions, ToolMock } from './test-session.ts';
