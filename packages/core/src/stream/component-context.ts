import { type Clock, systemClock } from '../clock/clock.ts';
import type { ReconnectAttempt } from '../connection/reconnects.ts';
import type { ProviderError } from '../errors/provider-error.ts';
import { createConsoleLogger } from '../logging/console-logger.ts';
import type { Logger } from '../logging/logger.ts';
import { safeLogger } from '../logging/safe-logger.ts';
import type { MetricsCollector } from '../metrics/agent-metrics.ts';
import type { Recorder } from '../metrics/recorder.ts';
import type { TraceScope } from '../tracing/trace-scope.ts';

/**
 * What a call gives to everything that it opens. All of it may be left out: a component also works,
 * and records, without an agent.
 */
export interface ComponentContext {
  /** The call's own figures. */
  readonly metrics?: MetricsCollector | undefined;
  /** Aborting it ends what was opened or asked for. */
  readonly signal?: AbortSignal | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  /** Told when the connection of a speech to text breaks; the error is thrown to its reader as well. */
  readonly onLost?: ((error: ProviderError) => void) | undefined;
  /**
   * Told of each attempt of a voice to replace, by itself, a connection that was lost in the call. That of a
   * speech to text or a realtime model is opened anew by whoever has opened it.
   */
  readonly onReconnect?: ((attempt: ReconnectAttempt) => void) | undefined;
  /** Where spans belong. @default within the span that is active */
  readonly trace?: TraceScope | undefined;
}

/** What a plugin gets to open its connection with. */
export interface ConnectContext {
  /** Aborted when the connection is no longer wanted. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Counts a socket that is open now; call the returned function once it is closed. */
  socketOpened(): () => void;
  /** Counts an attempt to replace a connection that was lost in the call at this time, and tells of it. */
  reconnected(outcome: ReconnectAttempt['outcome'], lostAtMs: number): void;
}

/** The context of a plugin's connection. */
export function connectContext(
  context: ComponentContext,
  recorder: Recorder,
  signal: AbortSignal,
  onReconnect?: (attempt: Omit<ReconnectAttempt, 'provider' | 'component'>) => void,
): ConnectContext {
  const clock = context.clock ?? systemClock;
  let attempts = 0;
  return {
    signal,
    logger: safeLogger(context.logger ?? createConsoleLogger()),
    clock,
    reconnected: (outcome, lostAtMs) => {
      const attempt = attempts + 1;
      attempts = outcome === 'completed' ? 0 : attempt;
      recorder.counter('providerReconnects', { outcome }).add(1);
      onReconnect?.({ outcome, attempt, outageMs: clock.now() - lostAtMs });
    },
    socketOpened: () => {
      const connections = recorder.counter('providerConnections');
      let open = true;
      connections.add(1);
      return () => {
        if (open) connections.add(-1);
        open = false;
      };
    },
  };
}
