import { z } from 'zod';

/** What a test looks at in a line of pino's log. */
export interface LogEntry {
  readonly level: string;
  readonly msg: string;
  readonly call_id?: string | undefined;
  readonly turn_id?: string | undefined;
  readonly trace_id?: string | undefined;
  readonly span_id?: string | undefined;
  readonly outcome?: string | undefined;
}

/** A line of the log. @throws when it is none */
export function entryIn(line: string): LogEntry {
  const id = z.string().optional();
  const schema: z.ZodType<LogEntry> = z.looseObject({
    level: z.string(),
    msg: z.string(),
    call_id: id,
    turn_id: id,
    trace_id: id,
    span_id: id,
    outcome: id,
  });
  return schema.parse(JSON.parse(line));
}
