export { STT } from './elevenlabs-stt.ts';
export { TTS } from './elevenlabs-tts.ts';
export type {
  PronunciationDictionary,
  STTOptions,
  TTSOptions,
  VoiceSettings,
} from './elevenlabs-options.ts';
