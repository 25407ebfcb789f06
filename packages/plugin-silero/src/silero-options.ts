import type { OptionCheck } from '@vision-agents/core';
import { checkOptions, ConfigurationError, isBoolean, isNumber, isText } from '@vision-agents/core';

import { WINDOW_MS } from './silero-wire.ts';

/** What counts as speech, and when a turn is over. */
export interface TurnDetectorOptions {
  /** The probability of speech from which a window of audio is voiced, 0.01 to 0.99. @default 0.5 */
  readonly activationThreshold?: number;
  /**
   * The probability below which a voiced passage ends, 0.01 to 0.99, at most `activationThreshold`.
   * @default 0.15 below `activationThreshold`, as Silero's own code has it
   */
  readonly deactivationThreshold?: number;
  /** How long a voiced passage lasts before it counts as speech, 0 to 2000 ms. @default 100 */
  readonly minSpeechMs?: number;
  /** The silence that ends a turn, 32 to 10000 ms. @default 500 */
  readonly endpointingMs?: number;
  /** Also tells when the turn may be over, so that an answer can be begun early. @default false */
  readonly eagerTurnDetection?: boolean;
  /**
   * The silence that ends a turn eagerly, from 32 ms to less than `endpointingMs`; needs
   * `eagerTurnDetection`. @default half of `endpointingMs`
   */
  readonly eagerEndpointingMs?: number;
  /** The file of a Silero model of version 5 or 6, for 16 kHz. @default the one that is installed with this package */
  readonly modelPath?: string;
}

/** {@link TurnDetectorOptions} with everything decided. */
export interface TurnDetectorSettings {
  readonly activationThreshold: number;
  readonly deactivationThreshold: number;
  readonly minSpeechMs: number;
  readonly endpointingMs: number;
  /** Undefined: no eager ends of turn. */
  readonly eagerEndpointingMs: number | undefined;
  /** Undefined: the model that is installed with this package. */
  readonly modelPath: string | undefined;
}

const OWNER = 'silero.TurnDetector';

/**
 * Checks the options.
 * @throws ConfigurationError which names the option that is unknown, wrong or at odds with another
 */
export function resolveTurnDetectorOptions(options: TurnDetectorOptions): TurnDetectorSettings {
  checkOptions(OWNER, options, CHECKS);
  const { activationThreshold = 0.5, endpointingMs = 500 } = options;
  const deactivationThreshold =
    options.deactivationThreshold ?? Math.max(MIN_THRESHOLD, activationThreshold - 0.15);
  if (deactivationThreshold > activationThreshold) {
    refuse('deactivationThreshold', `must be at most \`activationThreshold\``);
  }
  return {
    activationThreshold,
    deactivationThreshold,
    minSpeechMs: options.minSpeechMs ?? 100,
    endpointingMs,
    eagerEndpointingMs: eagerEndpointingMs(options, endpointingMs),
    modelPath: options.modelPath,
  };
}

/** At 0 everything would be voiced and at 1 nothing. */
const MIN_THRESHOLD = 0.01;
const isThreshold = isNumber({ min: MIN_THRESHOLD, max: 0.99 });
const isSilenceMs = isNumber({ min: WINDOW_MS, max: 10_000 });

const CHECKS: Readonly<Record<string, OptionCheck>> = {
  activationThreshold: isThreshold,
  deactivationThreshold: isThreshold,
  minSpeechMs: isNumber({ min: 0, max: 2000 }),
  endpointingMs: isSilenceMs,
  eagerTurnDetection: isBoolean(),
  eagerEndpointingMs: isSilenceMs,
  modelPath: isText(),
};

function eagerEndpointingMs(
  options: TurnDetectorOptions,
  endpointingMs: number,
): number | undefined {
  const eagerMs = options.eagerEndpointingMs;
  if (options.eagerTurnDetection !== true) {
    if (eagerMs === undefined) return undefined;
    refuse('eagerEndpointingMs', 'needs `eagerTurnDetection: true`');
  }
  if (eagerMs !== undefined && eagerMs >= endpointingMs) {
    refuse('eagerEndpointingMs', `must be less than \`endpointingMs\` (${endpointingMs})`);
  }
  return eagerMs ?? endpointingMs / 2;
}

function refuse(option: string, problem: string): never {
  throw new ConfigurationError(option, `the option \`${option}\` of ${OWNER} ${problem}`);
}
