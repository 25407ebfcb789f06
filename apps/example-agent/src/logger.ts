import { describeError, logLevel } from '@vision-agents/core';
import type { DestinationStream, Logger } from 'pino';
import { destination, pino } from 'pino';

/**
 * The program's log: pino's JSON lines on standard error, as talkative as `--log-level` says. Every line
 * of a call has its `call_id`, that of a turn its `turn_id`, and with tracing the `trace_id` and `span_id`.
 */
export function createLogger(stream: DestinationStream = destination(2)): Logger {
  const formatters = { level: (label: string): object => ({ level: label }) };
  return pino({ level: logLevel(), formatters, serializers: { error: describeError } }, stream);
}
