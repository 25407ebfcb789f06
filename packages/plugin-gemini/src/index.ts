export { LLM } from './gemini-llm.ts';
export type { LLMOptions } from './gemini-options.ts';
