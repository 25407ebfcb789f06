import type { MetricsCollector } from '../metrics/agent-metrics.ts';
import { Recorder } from '../metrics/recorder.ts';
import type { TurnLog } from './turn-log.ts';
import type { TurnRecord } from './turn.ts';

/** Derives the `agent.*` metrics of a call, and a line in its log, from the records of its turns. */
export class TurnRecorder {
  readonly #recorder: Recorder;
  readonly #log: TurnLog | undefined;

  constructor(collector: MetricsCollector, log?: TurnLog) {
    this.#recorder = new Recorder({}, collector);
    this.#log = log;
  }

  /** Records a turn that is over. Turns that the program opened are not the user's and not counted. */
  turn(record: TurnRecord): void {
    const recorder = this.#recorder;
    const { kind, timeline } = record;
    this.#log?.turn(record);
    if (record.participant) recorder.counter('agentTurns', { outcome: record.outcome }).add(1);
    if (!timeline || kind === 'prompted') return;
    recorder.histogram('agentResponseLatencyMs', { kind }).record(timeline.responseLatencyMs);
    recorder.histogram('agentFrameworkOverheadMs', { kind }).record(timeline.overheadMs);
    for (const [stage, durationMs] of Object.entries(timeline.stages)) {
      recorder.histogram('agentResponseStageMs', { kind, stage }).record(durationMs);
    }
  }

  /** Records what became of an answer that was begun before the user's turn was over. */
  speculation(outcome: 'used' | 'discarded'): void {
    this.#recorder.counter('agentSpeculation', { outcome }).add(1);
  }

  /** Records a turn that was committed and that no audio followed in time. */
  deadAir(): void {
    this.#recorder.counter('agentDeadAir').add(1);
  }

  /** Records that a user cut the agent off, and how long the agent went on after that was known. */
  interruption(phase: 'thinking' | 'speaking', latencyMs: number): void {
    this.#recorder.counter('agentInterruptions', { phase }).add(1);
    // A timer may ring a moment before the moment that it was set for.
    this.#recorder.histogram('agentInterruptionLatencyMs').record(Math.max(0, latencyMs));
  }
}
