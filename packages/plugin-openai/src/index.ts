export { ChatCompletionsLLM } from './openai-chat-completions-llm.ts';
export { LLM } from './openai-llm.ts';
export { Realtime } from './openai-realtime.ts';
export { TTS } from './openai-tts.ts';
export type {
  ChatCompletionsLLMOptions,
  LLMOptions,
  RealtimeOptions,
  TTSOptions,
} from './openai-options.ts';
