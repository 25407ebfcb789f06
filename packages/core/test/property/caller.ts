import type { AudioFrame, Participant, STTFact } from '../../src/index.ts';
import type { ScriptedSTTConnection } from '../../src/testing/index.ts';
import type { WordsStep } from './conversation-plan.ts';
import type { GenerativeDetection } from './generative-turn-detector.ts';
import type { UniqueWords } from './unique-words.ts';

/** What the speech to text has understood. */
export interface Understood {
  readonly text: string;
  readonly kind: 'words' | 'backchannel';
}

/** Words that were said, and the loudness of the frame that they are in. */
interface SaidWords {
  words: readonly string[];
  readonly level: number;
  /** Whether nobody has listened yet. */
  isUnheard: boolean;
  /** What is certain of them, or has given them up: another connection that hears them understands them anew. */
  doneBy: ScriptedSTTConnection | undefined;
}

/** How long words stay uncertain at most. */
const GIVEN_UP_MS = 1900;
/** Every frame with words in it has a loudness of its own. */
const FIRST_LEVEL = 1000;
const VOICE_MS = 20;

/** Somebody in the call, and what the provider has made of their speech so far. */
export class Caller {
  readonly participant: Participant;
  isPresent = false;
  /** When the newest of their audio was heard. */
  heardAtMs = 0;
  /** Whether a turn goes on, and whether its end was told eagerly. */
  turn: 'none' | 'open' | 'eager' = 'none';
  readonly #words: UniqueWords;
  #said: SaidWords[] = [];
  #level = FIRST_LEVEL;
  #toldAtMs = 0;
  #speechStartMs: number | undefined;

  constructor(id: string, words: UniqueWords) {
    this.participant = { id };
    this.#words = words;
  }

  /** They left: nobody knows anything of them any more. */
  forget(): void {
    this.#said = [];
    this.lost();
  }

  /** The provider lost them. It hears again what it is sent again. */
  lost(): void {
    this.turn = 'none';
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

  /** Says words: the frame that they are in. */
  say(count: number, isUnheard = false): AudioFrame {
    this.#level += 1;
    const words = this.#words.take(count);
    this.#said.push({ words, level: this.#level, isUnheard, doneBy: undefined });
    const sampleRateHz = 16_000;
    const samples = new Int16Array((VOICE_MS * sampleRateHz) / 1000).fill(this.#level);
    return { samples, sampleRateHz };
  }

  /** Whether a connection has heard words that are not certain yet. */
  hasPendingWords(connection: ScriptedSTTConnection): boolean {
    return this.#pending(connection).length > 0;
  }

  /** What a connection, which was opened at this time, makes of all words that it heard. */
  understand(
    { final, endsSentence }: WordsStep,
    connection: ScriptedSTTConnection,
    nowMs: number,
  ): Understood {
    const words = this.#pending(connection);
    this.#toldAtMs = nowMs;
    for (const said of words) said.isUnheard = false;
    if (final) for (const said of words) said.doneBy = connection;
    const text = `${words.flatMap((said) => said.words).join(' ')}${endsSentence ? '.' : ''}`;
    return words.length === 0 ? { text: 'uh-huh', kind: 'backchannel' } : { text, kind: 'words' };
  }

  /** What was said while nobody listened, and this connection, which was opened since, was not sent. */
  missedBy(connection: ScriptedSTTConnection): string[] {
    const levels = levelsIn(connection);
    const missed = this.#said.filter(({ isUnheard, level }) => isUnheard && !levels.has(level));
    for (const said of this.#said) said.isUnheard = false;
    return missed.flatMap(({ words }) => words);
  }

  /** The newest words are others than was thought. */
  change(): void {
    const last = this.#said.at(-1);
    if (last) last.words = [...last.words.slice(0, -1), ...this.#words.take(1)];
  }

  /** What does not become certain for so long was nothing: the agent goes on with it as it was. */
  giveUp(connection: ScriptedSTTConnection, openedAtMs: number, nowMs: number): void {
    if (nowMs - Math.max(this.#toldAtMs, openedAtMs) <= GIVEN_UP_MS) return;
    for (const said of this.#pending(connection)) said.doneBy = connection;
  }

  transcript({ text }: Understood, final: boolean, connection: ScriptedSTTConnection): STTFact {
    const speechEndMs = heardMs(connection);
    return { type: 'transcript', text, final, speechStartMs: this.#speechStartMs, speechEndMs };
  }

  #pending(connection: ScriptedSTTConnection): SaidWords[] {
    const levels = levelsIn(connection);
    return this.#said.filter(({ level, doneBy }) => levels.has(level) && doneBy !== connection);
  }
}

function levelsIn({ sent }: ScriptedSTTConnection): ReadonlySet<number | undefined> {
  return new Set(sent.map((samples) => samples[0]));
}

/** How much audio a connection or a detection was given. */
export function heardMs(listener: ScriptedSTTConnection | GenerativeDetection): number {
  return 'heardMs' in listener ? listener.heardMs : listener.sampleCount / 16;
}
