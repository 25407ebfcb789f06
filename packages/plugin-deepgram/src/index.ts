export { STT } from './deepgram-stt.ts';
export { TTS } from './deepgram-tts.ts';
export type { STTOptions, TTSOptions } from './deepgram-options.ts';
