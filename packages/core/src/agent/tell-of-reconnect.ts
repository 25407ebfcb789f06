import type { ReconnectAttempt } from '../connection/reconnects.ts';
import type { Participant } from '../edge/edge.ts';
import type { Logger } from '../logging/logger.ts';
import type { AgentEvents } from './agent-events.ts';
import type { EventEmitter } from './event-emitter.ts';

/** Tells the program and the log that a connection that was lost was tried to be opened anew. */
export function tellOfReconnect(
  attempt: ReconnectAttempt,
  participant: Participant | undefined,
  { events, logger }: { readonly events: EventEmitter<AgentEvents>; readonly logger: Logger },
): void {
  const fields = {
    ...(participant && { participant: participant.id }),
    provider: attempt.provider,
    component: attempt.component,
    attempt: attempt.attempt,
    outage_ms: Math.round(attempt.outageMs),
  };
  if (attempt.outcome === 'completed') logger.info(fields, 'a lost connection is back');
  else logger.warn(fields, 'a lost connection could not be opened anew');
  events.emit('reconnect', { ...attempt, participant });
}
