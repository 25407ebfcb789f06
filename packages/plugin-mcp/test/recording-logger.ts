import type { Logger } from '@vision-agents/core';

/** What was logged. */
export interface LogEntry {
  readonly level: keyof Logger;
  readonly fields: object;
  readonly message: string;
}

/** A logger that keeps what it is given. */
export class RecordingLogger implements Logger {
  readonly entries: LogEntry[] = [];

  /** All of it as one text, to look for what must or must not be there. */
  get text(): string {
    return this.entries.map((entry) => JSON.stringify(entry)).join('\n');
  }

  debug(fields: object, message: string): void {
    this.entries.push({ level: 'debug', fields, message });
  }

  info(fields: object, message: string): void {
    this.entries.push({ level: 'info', fields, message });
  }

  warn(fields: object, message: string): void {
    this.entries.push({ level: 'warn', fields, message });
  }

  error(fields: object, message: string): void {
    this.entries.push({ level: 'error', fields, message });
  }
}
