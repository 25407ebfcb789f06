import { type Clock, systemClock } from '../clock/clock.ts';
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
  /** Counts an attempt to replace a connection that was lost in the call. */
  reconnected(outcome: 'completed' | 'error'): void;
}

/** The context of a plugin's connection. */
export function connectContext(
  context: ComponentContext,
  recorder: Recorder,
  signal: AbortSignal,
): ConnectContext {
  return {
    signal,
    logger: safeLogger(context.logger ?? createConsoleLogger()),
    clock: context.clock ?? systemClock,
    reconnected: (outcome) => recorder.counter('providerReconnects', { outcome }).add(1),
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
