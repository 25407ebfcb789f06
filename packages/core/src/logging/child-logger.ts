import type { Logger } from './logger.ts';

/** A logger whose every entry also has these fields. Makes it in the logger's own way where it has one. */
export function childLogger(parent: Logger, fields: object): Logger {
  if (parent.child) return parent.child(fields);
  return {
    debug: (more, message) => parent.debug({ ...fields, ...more }, message),
    info: (more, message) => parent.info({ ...fields, ...more }, message),
    warn: (more, message) => parent.warn({ ...fields, ...more }, message),
    error: (more, message) => parent.error({ ...fields, ...more }, message),
  };
}
