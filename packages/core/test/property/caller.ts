import type { Participant, STTFact } from '../../src/index.ts';
import type { ScriptedSTTConnection } from '../../src/testing/index.ts';
import type { WordsStep } from './conversation-plan.ts';
import type { GenerativeDetection } from './generative-turn-detector.ts';
import type { UniqueWords } from './unique-words.ts';

/** What the speech to text has understood. */
export interface Understood {
  readonly text: string;
  readonly kind: 'words' | 'backchannel';
}

/** How long words stay uncertain at most. */
const GIVEN_UP_MS = 1900;

/** Somebody in the call, and what the provider has made of their speech so far. */
export class Caller {
  readonly participant: Participant;
  isPresent = false;
  /** Whether a turn goes on, and whether its end was told eagerly. */
  turn: 'none' | 'open' | 'eager' = 'none';
  readonly #words: UniqueWords;
  #pending: string[] = [];
  #pendingSinceMs = 0;
  #speechStartMs: number | undefined;

  constructor(id: string, words: UniqueWords) {
    this.participant = { id };
    this.#words = words;
  }

  /** They left, or the provider lost them: it knows nothing any more. */
  forget(): void {
    this.turn = 'none';
    this.#pending = [];
    this.#speechStartMs = undefined;
  }

  /** A sound begins. */
  starts(connection: ScriptedSTTConnection): void {
    if (this.turn === 'none') this.#speechStartMs = heardMs(connection);
    this.turn = 'open';
  }

  endsTurn(eager: boolean): void {
    this.turn = eager ? 'eager' : 'none';
    if (!eager) this.#speechStartMs = undefined;
  }

  /** Whether words were understood that are not certain yet. */
  get hasPendingWords(): boolean {
    return this.#pending.length > 0;
  }

  understand({ kind, count, final, endsSentence }: WordsStep, nowMs: number): Understood {
    // What does not become certain for so long was nothing: the agent goes on with it as it was.
    if (nowMs - this.#pendingSinceMs > GIVEN_UP_MS) this.#pending = [];
    this.#pendingSinceMs = nowMs;
    if (kind === 'backchannel' && this.#pending.length === 0) {
      return { text: 'uh-huh', kind: 'backchannel' };
    }
    if (kind === 'changed') this.#pending = this.#pending.slice(0, -1);
    this.#pending.push(
      ...this.#words.take(Math.max(kind === 'new' ? count : 0, this.#pending.length === 0 ? 1 : 0)),
    );
    const text = `${this.#pending.join(' ')}${endsSentence ? '.' : ''}`;
    if (final) this.#pending = [];
    return { text, kind: 'words' };
  }

  transcript({ text }: Understood, final: boolean, connection: ScriptedSTTConnection): STTFact {
    const speechEndMs = heardMs(connection);
    return { type: 'transcript', text, final, speechStartMs: this.#speechStartMs, speechEndMs };
  }
}

/** How much audio a connection or a detection was given. */
export function heardMs(listener: ScriptedSTTConnection | GenerativeDetection): number {
  return 'heardMs' in listener ? listener.heardMs : listener.sampleCount / 16;
}
