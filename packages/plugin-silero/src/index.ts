export { TurnDetector } from './silero-turn-detector.ts';
export type { TurnDetectorOptions } from './silero-options.ts';
