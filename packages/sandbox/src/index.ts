export { type CallAct } from './caller/call-act.ts';
export {
  type CallEvent,
  type CallOptions,
  type CallReport,
  type CallTurn,
  type Interruption,
} from './caller/call-report.ts';
export { placeCall } from './caller/place-call.ts';
export { launchSandbox, type SandboxProcess } from './process/launch-sandbox.ts';
export { type LaunchOptions, type SandboxAddresses } from './process/messages.ts';
export { type Delay, type Delays } from './delays.ts';
export { type DeepgramFault } from './deepgram/deepgram-faults.ts';
export { type ElevenLabsFault } from './elevenlabs/elevenlabs-faults.ts';
export { type FaultSwitch } from './fault-switch.ts';
export { type Fault } from './faults.ts';
export { type GeminiFault } from './gemini/gemini-faults.ts';
export { type GeminiLiveFault } from './gemini/live-faults.ts';
export { type OpenAIFault } from './openai/openai-faults.ts';
export { type OpenAIRealtimeFault } from './openai/realtime-faults.ts';
export { type OpenAITranscriptionFault } from './openai/transcription-faults.ts';
export { type Reply, type ReplyHook } from './gemini/brain.ts';
export {
  type GeminiFunction,
  type GeminiPart,
  type GeminiRequest,
} from './gemini/gemini-request.ts';
export { startSandbox, type Sandbox, type SandboxOptions } from './start-sandbox.ts';
export { type SandboxTruth } from './truth.ts';
export { speak, spokenDurationMs, type SpeakOptions } from './voice/speak.ts';
export { Listener, type HeardCharacter, type ListenerOptions } from './voice/listener.ts';
export { WordCollector, type HeardWord } from './voice/words.ts';
