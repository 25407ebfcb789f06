import { LOG_LEVELS, type Logger, type LogLevel } from './logger.ts';

let defaultLevel: LogLevel = 'info';

/** Sets what loggers from {@link createConsoleLogger} without a level of their own let through. */
export function setLogLevel(level: LogLevel): void {
  defaultLevel = level;
}

/**
 * One JSON line an entry on standard error, so that standard output stays the program's own.
 * An `error` field is written as its name, code and message, with its chain of causes.
 */
export function createConsoleLogger(level?: LogLevel): Logger {
  const write = (entryLevel: LogLevel, fields: object, message: string): void => {
    if (LOG_LEVELS.indexOf(entryLevel) < LOG_LEVELS.indexOf(level ?? defaultLevel)) return;
    const entry = { time: new Date().toISOString(), level: entryLevel, message, ...fields };
    process.stderr.write(`${JSON.stringify(entry, serialise)}\n`);
  };
  return {
    debug: (fields, message) => write('debug', fields, message),
    info: (fields, message) => write('info', fields, message),
    warn: (fields, message) => write('warn', fields, message),
    error: (fields, message) => write('error', fields, message),
  };
}

function serialise(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return {
    name: value.name,
    ...('code' in value && { code: value.code }),
    message: value.message,
    ...(value.cause instanceof Error && { cause: value.cause.name }),
  };
}
