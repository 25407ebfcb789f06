export { ChatCompletionsLLM } from './openai-chat-completions-llm.ts';
export { LLM } from './openai-llm.ts';
export { TTS } from './openai-tts.ts';
export type { ChatCompletionsLLMOptions, LLMOptions, TTSOptions } from './openai-options.ts';
