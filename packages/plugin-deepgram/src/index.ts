export { STT } from './deepgram-stt.ts';
export type { STTOptions } from './deepgram-options.ts';
