import type { Clock } from '../clock/clock.ts';
import type { MetricsCollector } from '../metrics/agent-metrics.ts';
import { Recorder } from '../metrics/recorder.ts';

/** An attempt to open anew a connection that was lost in a call. */
export interface ReconnectAttempt {
  /** The vendor that was connected to, or was to be, as in the `provider` label. */
  readonly provider: string;
  /** What the connection is of. */
  readonly component: 'stt' | 'tts' | 'realtime';
  readonly outcome: 'completed' | 'error';
  /** Which one it was since the connection was lost: 1 for the first. */
  readonly attempt: number;
  /** How long there has been no connection, in milliseconds. */
  readonly outageMs: number;
}

/** What the attempts are told with. */
export interface ReconnectsParts extends Pick<ReconnectAttempt, 'component'> {
  readonly metrics: MetricsCollector;
  readonly clock: Clock;
  readonly onAttempt: (attempt: ReconnectAttempt) => void;
}

/** Counts the attempts to open a connection anew, and tells of each. */
export class Reconnects {
  readonly #parts: ReconnectsParts;
  #lostAtMs: number | undefined;
  #attempts = 0;

  constructor(parts: ReconnectsParts) {
    this.#parts = parts;
  }

  /** The connection is gone. */
  lost(): void {
    this.#lostAtMs = this.#parts.clock.now();
    this.#attempts = 0;
  }

  /** Another was tried to be opened. Does nothing where none was lost. */
  tried(outcome: ReconnectAttempt['outcome'], provider: string): void {
    if (this.#lostAtMs === undefined) return;
    const { component, clock, metrics, onAttempt } = this.#parts;
    this.#attempts += 1;
    const outageMs = clock.now() - this.#lostAtMs;
    if (outcome === 'completed') this.#lostAtMs = undefined;
    new Recorder({ provider }, metrics).counter('providerReconnects', { outcome }).add(1);
    onAttempt({ provider, component, outcome, attempt: this.#attempts, outageMs });
  }
}
