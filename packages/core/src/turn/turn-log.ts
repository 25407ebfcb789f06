import { errorFields } from '../logging/error-fields.ts';
import type { Logger } from '../logging/logger.ts';
import type { TurnRecord } from './turn.ts';

/** One line a turn, from the record that its metrics and its span come from. */
export class TurnLog {
  readonly #logger: Logger;
  readonly #capturesContent: boolean;

  constructor(logger: Logger, capturesContent: boolean) {
    this.#logger = logger;
    this.#capturesContent = capturesContent;
  }

  turn(record: TurnRecord): void {
    const { id, kind, outcome, interruptedWhile, timeline, span, userText, agentText } = record;
    // What is undefined is in no line: not in those of the console, nor in pino's.
    const fields = {
      turn_id: id,
      span_id: span?.spanId,
      kind,
      outcome,
      interrupted_while: interruptedWhile,
      response_latency_ms: timeline?.responseLatencyMs,
      overhead_ms: timeline?.overheadMs,
      stages_ms: timeline?.stages,
      user_text: this.#capturesContent ? userText : undefined,
      agent_text: this.#capturesContent ? agentText : undefined,
    };
    const failure = outcome === 'error' ? errorFields(record.error) : undefined;
    this.#logger.info(failure ? { ...fields, ...failure } : fields, 'turn ended');
  }
}
