import { randomBytes } from 'node:crypto';

import type { Backstage } from '../backstage.ts';
import type { Fault } from '../faults.ts';
import type { RequestOutcome } from '../truth.ts';

/** What is spoken between two flushes. */
export class SpeakTurn {
  readonly id: string = `dg_sp_${randomBytes(6).toString('hex')}`;
  readonly abort: AbortController = new AbortController();
  readonly struck: Set<Fault> = new Set<Fault>();
  readonly firstMs: number;
  readonly lastMs: number;
  text = '';
  flushedAt = 0;
  audioMs = 0;
  readonly #backstage: Backstage;
  #outcome: RequestOutcome | undefined;

  constructor(backstage: Backstage) {
    this.#backstage = backstage;
    [this.firstMs, this.lastMs] = backstage.delays.drawPair('firstAudioMs', 'lastAudioMs');
  }

  /** Takes text, and counts it. */
  add(text: string): void {
    const { truth } = this.#backstage;
    if (this.text === '' && text !== '') truth.count('tts.requests');
    truth.count('tts.characters', Array.from(text).length);
    this.text += text;
  }

  /** The first thing that happens to it decides, but a client may have gone before it knew of the end. */
  settle(outcome: RequestOutcome): void {
    const { truth } = this.#backstage;
    const wasTooLate = this.#outcome === 'completed' && outcome === 'aborted';
    if (this.text === '' || (this.#outcome !== undefined && !wasTooLate)) return;
    if (wasTooLate) truth.outcome('tts.requests', 'completed', -1);
    this.#outcome = outcome;
    truth.outcome('tts.requests', outcome);
  }

  /** Nothing more of it is sent. Idempotent. */
  cut(): void {
    this.settle('aborted');
    this.abort.abort();
  }

  /** What Flux tells of a turn that is over. */
  get metadata(): Record<string, unknown> {
    const characters = Array.from(this.text).length;
    return {
      speech_id: this.id,
      audio_duration_ms: Math.round(this.audioMs),
      input_character_count: characters,
      billable_character_count: characters,
      controls_applied: {
        pronunciations_applied: 0,
        breaks_applied: 0,
        pronunciation_warnings: 0,
      },
    };
  }
}
