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
    this.#logger.info(
      {
        turn_id: id,
        ...(span && { span_id: span.spanId }),
        kind,
        outcome,
        ...(interruptedWhile && { interrupted_while: interruptedWhile }),
        ...(timeline && {
          response_latency_ms: timeline.responseLatencyMs,
          overhead_ms: timeline.overheadMs,
          stages_ms: timeline.stages,
        }),
        ...(outcome === 'error' && errorFields(record.error)),
        ...(this.#capturesContent && { user_text: userText, agent_text: agentText }),
      },
      'turn ended',
    );
  }
}
