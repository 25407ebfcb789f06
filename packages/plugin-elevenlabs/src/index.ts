export { TTS } from './elevenlabs-tts.ts';
export type { TTSOptions, VoiceSettings } from './elevenlabs-options.ts';
