export { LLM } from './gemini-llm.ts';
export { Realtime } from './gemini-realtime.ts';
export type { LLMOptions, RealtimeOptions } from './gemini-options.ts';
