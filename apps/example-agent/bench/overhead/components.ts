import type { MeasuredComponent } from './component.ts';
import { deepgramAuraTTS } from './deepgram-aura-tts.ts';
import { deepgramFluxSTT } from './deepgram-flux-stt.ts';
import { deepgramFluxTTS } from './deepgram-flux-tts.ts';
import { deepgramNovaSTT } from './deepgram-nova-stt.ts';
import { elevenLabsHttpTTS } from './elevenlabs-http-tts.ts';
import { elevenLabsSTT } from './elevenlabs-stt.ts';
import { elevenLabsTTS } from './elevenlabs-tts.ts';
import { geminiLLM } from './gemini-llm.ts';
import { geminiRealtime } from './gemini-realtime.ts';
import { openaiChatCompletionsLLM } from './openai-chat-completions-llm.ts';
import { openaiLLM } from './openai-llm.ts';
import { openaiRealtime } from './openai-realtime.ts';
import { openaiSTT } from './openai-stt.ts';
import { openaiTTS } from './openai-tts.ts';

/** Every component of every plugin, in the order of the table. */
export const COMPONENTS: ReadonlyMap<string, MeasuredComponent> = new Map([
  ['gemini.LLM', geminiLLM],
  ['openai.LLM', openaiLLM],
  ['openai.ChatCompletionsLLM', openaiChatCompletionsLLM],
  ['gemini.Realtime', geminiRealtime],
  ['openai.Realtime', openaiRealtime],
  ['elevenlabs.TTS', elevenLabsTTS],
  ['elevenlabs.TTS over HTTP', elevenLabsHttpTTS],
  ['deepgram.TTS with Flux', deepgramFluxTTS],
  ['deepgram.TTS with Aura', deepgramAuraTTS],
  ['openai.TTS', openaiTTS],
  ['deepgram.STT with Flux', deepgramFluxSTT],
  ['deepgram.STT with Nova', deepgramNovaSTT],
  ['elevenlabs.STT', elevenLabsSTT],
  ['openai.STT', openaiSTT],
]);
