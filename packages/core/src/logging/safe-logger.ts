import { attempt } from '../errors/attempt.ts';
import { childLogger } from './child-logger.ts';
import type { Logger } from './logger.ts';

const SAFE = new WeakSet<Logger>();

/** A logger that never throws, whatever the program's does: a line that is lost is better than a call. */
export function safeLogger(logger: Logger): Logger {
  if (SAFE.has(logger)) return logger;
  const methods = {
    debug: (fields: object, message: string) => quietly(() => logger.debug(fields, message)),
    info: (fields: object, message: string) => quietly(() => logger.info(fields, message)),
    warn: (fields: object, message: string) => quietly(() => logger.warn(fields, message)),
    error: (fields: object, message: string) => quietly(() => logger.error(fields, message)),
  };
  const safe: Logger = {
    ...methods,
    child: (fields) => safeLogger(childOf(logger, fields) ?? childLogger(methods, fields)),
  };
  SAFE.add(safe);
  return safe;
}

function quietly(write: () => unknown): void {
  attempt(write, () => undefined);
}

function childOf(logger: Logger, fields: object): Logger | undefined {
  try {
    return childLogger(logger, fields);
  } catch {
    return undefined;
  }
}
