import type { Clock, MetricsCollector } from '@vision-agents/core';
import type { RecordingLogger } from '@vision-agents/core/testing';

import type { Moment } from './cell.ts';

/** What a component is opened with in a cell. */
export interface Setting {
  readonly apiKey: string;
  readonly baseUrl: string;
  /** Of this cell alone, so that its counters can be told from those of others. */
  readonly model: string;
  /** Where its waits are short: in cells in which something does not come there. */
  readonly impatientIn: Moment | undefined;
  /** Of cells in which hours pass. */
  readonly clock?: Clock | undefined;
  readonly metrics: MetricsCollector;
  readonly logger: RecordingLogger;
  readonly signal?: AbortSignal | undefined;
}

/** What came of one operation: of an utterance to hear, a request to answer, a text to speak. */
export interface Came {
  /** The words that came. */
  heard: string;
  /** Everything that went wrong, told in passing or thrown. */
  readonly errors: unknown[];
}

/** A component at work. */
export interface Trial {
  /** Whether another operation can be asked of it. */
  readonly isAlive: boolean;
  /** What has to come of an operation with these words if nothing goes wrong. */
  wholeOf(words: string): string;
  /** Does one operation. Tells when the first of it has come. Never rejects. */
  operate(words: string, onFirst?: () => void, signal?: AbortSignal): Promise<Came>;
  close(): Promise<void>;
}

/** Opens a component, or rejects as it does. */
export type OpenTrial = (setting: Setting) => Promise<Trial>;
