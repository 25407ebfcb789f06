import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';

import type { Attributes } from '@opentelemetry/api';

import { ProviderError } from '../../errors/provider-error.ts';
import { MetricsCollector } from '../../metrics/agent-metrics.ts';
import type { MetricKey } from '../../metrics/catalogue.ts';
import { CATALOGUE, isHistogramKey } from '../../metrics/catalogue.ts';
import type { ComponentContext } from '../../stream/component-context.ts';
import { ManualClock } from '../manual-clock.ts';
import { RecordingLogger } from '../recording-logger.ts';
import { settled } from '../settled.ts';
import { eventually } from './eventually.ts';
import { HandleWatch } from './handle-watch.ts';
import type { Measurement } from './measurement-log.ts';
import { labelsOf, MeasurementLog } from './measurement-log.ts';

/** What a test of a contract is about: a component and its far side. */
interface Subject {
  /** Ends the far side. */
  close?(): Promise<void> | void;
}

/** A component, as its metrics name it. */
interface Labelled {
  readonly provider: string;
  readonly model?: string;
}

/** One series that has to have been measured exactly once. */
export interface Expected {
  readonly key: MetricKey;
  readonly attributes?: Attributes;
  /** What a counter has to stand at. @default 1 */
  readonly total?: number;
  /** How often a histogram has to have been recorded to. @default 1 */
  readonly times?: number;
}

/** The world of one test: a clock that it turns, figures and a log of its own, a call that it can end. */
export class Scene {
  readonly clock: ManualClock = new ManualClock();
  readonly collector: MetricsCollector = new MetricsCollector();
  readonly call: AbortController = new AbortController();
  readonly logger: RecordingLogger = new RecordingLogger();
  readonly #log: MeasurementLog;
  readonly #subjects: Subject[] = [];
  readonly #watch: HandleWatch;

  constructor(log: MeasurementLog, watch: HandleWatch) {
    this.#log = log;
    this.#watch = watch;
  }

  /** What a component gets of a call. */
  get context(): ComponentContext {
    const { clock, collector, call, logger } = this;
    return { clock, metrics: collector, signal: call.signal, logger };
  }

  /** Makes a subject that is ended with the test. */
  async with<T extends Subject>(made: T | Promise<T>): Promise<T> {
    const subject = await made;
    this.#subjects.push(subject);
    return subject;
  }

  /** Lets time pass until work has settled, as far as a minute. */
  async waitFor(what: string, work: Promise<unknown>): Promise<void> {
    const state = { isSettled: false };
    const note = (): void => {
      state.isSettled = true;
    };
    work.then(note, note);
    for (let waitedMs = 0; !state.isSettled && waitedMs < 60_000; waitedMs += 500) {
      await this.clock.advance(500);
      await settled();
    }
    await eventually(`${what} ends within a minute`, () => state.isSettled);
  }

  /**
   * Checks that these series of a component were measured, each once, and nothing else. The attributes
   * that name the component are added.
   */
  expectMeasured(component: Labelled, expected: readonly Expected[]): void {
    const lines = expected
      .filter(({ total }) => total !== 0)
      .map(({ key, attributes = {}, total = 1, times = 1 }) => {
        const { name, attributes: keys } = CATALOGUE[key];
        const labels: Attributes = { provider: component.provider, ...attributes };
        if (component.model !== undefined && keys.includes('model'))
          labels['model'] = component.model;
        const series = `${name} ${labelsOf(labels)}`;
        return isHistogramKey(key) ? `${series}: ${times} ×` : `${series}: 1 × = ${total}`;
      });
    assert.deepEqual(this.#log.lines(), lines.toSorted(), 'what was measured');
  }

  /** Every measurement of a metric so far. */
  measured(key: MetricKey): readonly Measurement[] {
    return this.#log.of(key);
  }

  /** Checks that a call has left nothing of itself: timers, listeners, counted sockets. */
  async expectReleased(): Promise<void> {
    const { clock, call, collector } = this;
    await eventually('no timer is left', () => clock.pendingTimers === 0);
    const listeners = getEventListeners(call.signal, 'abort').length;
    assert.equal(listeners, 0, "listeners that are left on the call's signal");
    const { providerConnections, realtimeSessions } = collector.metrics;
    await eventually('no socket is counted as open', () => providerConnections.total === 0);
    assert.equal(realtimeSessions.total, 0, 'sessions that are counted as open');
  }

  /** The timers and sockets that are open now, to be compared with later. */
  openHandles(): ReadonlySet<number> {
    return new Set(this.#watch.open().keys());
  }

  /** Checks that no timer and no socket is open that was not before. */
  async expectNoMoreHandles(before: ReadonlySet<number>): Promise<void> {
    const more = (): string[] =>
      [...this.#watch.open()].filter(([id]) => !before.has(id)).map(([, kind]) => kind);
    await eventually('all handles are closed', () => more().length === 0).catch(() => {
      assert.fail(`handles that are left open: ${more().join(', ')}`);
    });
  }

  /** Checks that nothing is left of anything. */
  async end(): Promise<void> {
    await this.expectReleased();
    await this.#closeSubjects();
    await this.expectNoMoreHandles(new Set());
  }

  /** Lets go of everything after a failure, without looking. */
  async abandon(): Promise<void> {
    this.call.abort();
    await this.#closeSubjects();
  }

  async #closeSubjects(): Promise<void> {
    for (const subject of this.#subjects.splice(0)) await subject.close?.();
  }
}

/** Runs one test in a scene, and looks afterwards whether anything was left behind. */
export async function inScene(run: (scene: Scene) => Promise<void>): Promise<void> {
  using log = new MeasurementLog();
  using watch = new HandleWatch();
  const scene = new Scene(log, watch);
  await watch.run(async () => {
    try {
      await run(scene);
      await scene.end();
    } finally {
      await scene.abandon();
    }
  });
}

/** Checks that a failure is typed, of this provider, and of one of the types that fit. */
export function expectProviderError(
  error: unknown,
  { provider }: Labelled,
  types: readonly ProviderError['type'][],
): asserts error is ProviderError {
  assert.ok(error instanceof ProviderError, `it failed with ${String(error)}, not a ProviderError`);
  assert.equal(error.provider, provider);
  assert.ok(types.includes(error.type), `its type is ${error.type}, not ${types.join(' or ')}`);
}

/** The series in which a failure is counted. */
export function countedAs(
  key: Extract<MetricKey, `${string}Errors`>,
  error: ProviderError,
): Expected {
  const { type, providerCode } = error;
  return {
    key,
    attributes: {
      error_type: type,
      ...(providerCode !== undefined && { error_code: providerCode }),
    },
  };
}
