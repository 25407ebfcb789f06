export { ChatCompletionsLLM } from './openai-chat-completions-llm.ts';
export { LLM } from './openai-llm.ts';
export { Realtime } from './openai-realtime.ts';
export { STT } from './openai-stt.ts';
export { TTS } from './openai-tts.ts';
export type {
  ChatCompletionsLLMOptions,
  LLMOptions,
  RealtimeOptions,
  STTOptions,
  TTSOptions,
} from './openai-options.ts';
