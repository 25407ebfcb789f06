import { describeError } from './describe-error.ts';
import { LOG_LEVELS, type Logger, type LogLevel } from './logger.ts';

let defaultLevel: LogLevel = 'info';

/** Sets what loggers from {@link createConsoleLogger} without a level of their own let through. */
export function setLogLevel(level: LogLevel): void {
  defaultLevel = level;
}

/** What loggers without a level of their own let through, for a logger of another make to do the same. */
export function logLevel(): LogLevel {
  return defaultLevel;
}

/**
 * One JSON line an entry on standard error, so that standard output stays the program's own.
 * An error in a field is written as its name, code and message; of its causes the names and codes,
 * since what others write into messages is not ours to show. Never throws.
 */
export function createConsoleLogger(level?: LogLevel): Logger {
  const write = (entryLevel: LogLevel, fields: object, message: string): void => {
    if (LOG_LEVELS.indexOf(entryLevel) < LOG_LEVELS.indexOf(level ?? defaultLevel)) return;
    const entry = { time: new Date().toISOString(), level: entryLevel, message };
    process.stderr.write(`${lineOf(entry, fields)}\n`);
  };
  return {
    debug: (fields, message) => write('debug', fields, message),
    info: (fields, message) => write('info', fields, message),
    warn: (fields, message) => write('warn', fields, message),
    error: (fields, message) => write('error', fields, message),
  };
}

function lineOf(entry: object, fields: object): string {
  try {
    return JSON.stringify({ ...entry, ...fields }, serialise);
  } catch {
    // Circular fields or a big integer: the entry matters more than they do.
    return JSON.stringify({ ...entry, unwritable: Object.keys(fields) });
  }
}

/** Looks at the field itself: `value` is what a `toJSON` made of it, with headers and keys in some. */
function serialise(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  const field = this[key];
  return field instanceof Error ? describeError(field) : value;
}
