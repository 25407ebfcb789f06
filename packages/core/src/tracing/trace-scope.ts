import type { Context } from '@opentelemetry/api';
import { context } from '@opentelemetry/api';

import type { Clock } from '../clock/clock.ts';

/** Where the spans of some work belong, and what they may hold. Handed down beside the work. */
export interface TraceScope {
  /** Spans are children of the span in it. */
  readonly parent: Context;
  /** What makes a time of the clock one in milliseconds since 1970. The same for a whole call. */
  readonly epochOffsetMs: number;
  /** Whether spans may hold what was said: transcripts, prompts, arguments and results of tools. */
  readonly capturesContent: boolean;
  /** The call, where there is one. */
  readonly conversationId?: string;
}

/** The scope of work that nobody gave one: within the span that is active now. */
export function activeScope(clock: Clock): TraceScope {
  return {
    parent: context.active(),
    epochOffsetMs: epochOffsetMs(clock),
    // Asked of the environment only where somebody traces.
    get capturesContent() {
      return isContentWanted();
    },
  };
}

/** What has to be added to a time of the clock to make it one in milliseconds since 1970. */
export function epochOffsetMs(clock: Clock): number {
  return Date.now() - clock.now();
}

const WANTED = new Set(['true', 'span_only', 'span_and_event']);

/** Whether the environment asks for content, in the way of OpenTelemetry. */
export function isContentWanted(): boolean {
  const wanted = process.env['OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT'] ?? '';
  return WANTED.has(wanted.trim().toLowerCase());
}
