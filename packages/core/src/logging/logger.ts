/**
 * Where core and plugins log: the shape of pino, which can be passed as it is.
 * Nothing that is logged contains keys, nor transcripts or tool arguments unless an agent is asked for
 * them by its option `captureContent`.
 */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** A logger whose every entry also has these fields. Core makes one itself where there is no such method. */
  child?(fields: object): Logger;
}

/** The levels, from the most to the least talkative. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];
