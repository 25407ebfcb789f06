import type { Clock } from '../clock/clock.ts';
import type { Conversation } from '../conversation/conversation.ts';
import type { Playout, Utterance } from '../edge/playout.ts';
import { AgentError } from '../errors/agent-error.ts';
import { InterruptedError } from '../errors/interrupted-error.ts';
import type { LanguageModel } from '../llm/llm.ts';
import { errorFields } from '../logging/error-fields.ts';
import type { Logger } from '../logging/logger.ts';
import type { MetricsCollector } from '../metrics/agent-metrics.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import type { Voice } from '../tts/tts-stream.ts';
import type { Turn } from '../turn/turn.ts';
import type { ToolFiller } from './agent-options.ts';
import { Answer } from './answer.ts';
import type { Speculation } from './speculation.ts';
import { Speech } from './speech.ts';

/** What a response is made with. */
export interface ResponseParts {
  readonly turn: Turn;
  /** Whether the model is asked for the words; otherwise they are the program's. */
  readonly author: 'model' | 'program';
  readonly isInterruptible: boolean;
  readonly speculation: Speculation | undefined;
  readonly llm: LanguageModel;
  readonly tts: Voice;
  readonly playout: Playout;
  readonly conversation: Conversation;
  readonly instructions: string;
  readonly toolbox: Toolbox;
  readonly toolFiller: ToolFiller | undefined;
  readonly maxToolRounds: number;
  readonly metrics: MetricsCollector;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onPlayoutStart: () => void;
  /** All of the answer so far, whenever a sentence is complete. */
  readonly onText: (text: string, final: boolean) => void;
}

/** What the agent says in one turn, from the words to the last frame. */
export class Response {
  readonly turn: Turn;
  /** Whether users may cut it off. */
  readonly isInterruptible: boolean;
  readonly speculation: Speculation | undefined;
  readonly #parts: ResponseParts;
  readonly #writing = new AbortController();
  readonly #speaking = new AbortController();
  readonly #utterance: Utterance;
  readonly #speech: Speech;
  readonly #answer: Answer | undefined;
  #apology: Speech | undefined;
  #heldSinceMs: number | undefined;
  #heldText: { readonly text: string; readonly final: boolean } | undefined;

  constructor(parts: ResponseParts) {
    this.#parts = parts;
    this.turn = parts.turn;
    this.isInterruptible = parts.isInterruptible;
    this.speculation = parts.speculation;
    if (parts.speculation) parts.turn.trace?.speculationStarted();
    this.#utterance = parts.playout.begin();
    this.#utterance.onStart(() => parts.onPlayoutStart());
    const { signal } = this.#writing;
    this.#speech = this.#newSpeech({ isHeld: parts.speculation !== undefined });
    if (parts.author === 'model') {
      const onText = (text: string, final: boolean): void => this.#show(text, final);
      this.#answer = new Answer({ ...parts, speech: this.#speech, signal, onText });
    }
  }

  /** Whether any of it has left for the caller. */
  get wasHeard(): boolean {
    return this.#utterance.startedAtMs !== undefined;
  }

  /** Says words of the program. */
  say(text: string): void {
    this.#speech.say(text);
    this.#parts.onText(text, true);
  }

  /**
   * Has it written and spoken. Resolves when its last frame has left, when it was
   * flushed, or at once where the program's words were none.
   * @throws ProviderError when the model or the voice failed
   * @throws AgentError `empty_answer` when the model said nothing
   */
  async run(): Promise<'played' | 'flushed' | 'silent'> {
    // Once the voice has failed, nobody would hear what the model goes on to write.
    await Promise.race([this.#answer?.write(), this.#speech.done]);
    await this.speculation?.confirmed;
    await this.#speech.end();
    if (this.#answer && !this.#speech.hasAnswer) {
      throw new AgentError('empty_answer', 'the model gave an answer without words');
    }
    this.#utterance.end();
    const end = await this.#utterance.done;
    return end === 'flushed' || this.wasHeard ? end : 'silent';
  }

  /** The guess with which it was begun proved right: what was held back is let go. */
  confirm(): void {
    this.speculation?.confirm();
    this.turn.trace?.speculationEnded('used');
    if (this.#heldText) this.#parts.onText(this.#heldText.text, this.#heldText.final);
    this.#heldText = undefined;
    this.#speech.release();
  }

  /** Nothing of it leaves from now on, because somebody speaks. */
  held(atMs: number): void {
    this.#heldSinceMs = atMs;
  }

  /** It goes on. */
  released(atMs: number): void {
    const { ttsFirstAudio } = this.turn.marks;
    // What was not there yet was not held back.
    if (this.#heldSinceMs !== undefined && ttsFirstAudio !== undefined) {
      this.turn.wasHeld(atMs - Math.max(this.#heldSinceMs, ttsFirstAudio));
    }
    this.#heldSinceMs = undefined;
  }

  /** Stops everything at once, at the providers too. */
  cut(reason: unknown): void {
    this.speculation?.discard();
    if (this.speculation?.isConfirmed === false) this.turn.trace?.speculationEnded('discarded');
    if (!(reason instanceof InterruptedError)) this.turn.error = reason;
    this.#writing.abort(reason);
    this.#speaking.abort(reason);
  }

  /** Says that something went wrong after what was made before; never fails, not even if this does. */
  async apologise(text: string): Promise<void> {
    // Where the voice failed the model may still write, and want tools: for an answer that does not come.
    this.#writing.abort(new InterruptedError());
    await this.#speech.end().catch(() => undefined);
    if (text !== '' && !this.#speaking.signal.aborted) {
      this.#apology = this.#newSpeech({ afterMs: this.#speech.audioMs });
      this.#apology.say(text, 'apology');
      this.#parts.onText(text, true);
      await this.#apology.end().catch((error: unknown) => {
        const message = 'the voice failed, so the caller hears nothing';
        const fields = { ...this.turn.logFields, ...errorFields(error) };
        this.#parts.logger.error(fields, message);
      });
    }
    this.#utterance.end();
    await this.#utterance.done;
  }

  /** Puts what the caller heard into the turn and the conversation: that and no more was said. */
  remember(interrupted: boolean): void {
    const { conversation } = this.#parts;
    const apology = this.#apology?.heard() ?? '';
    this.turn.agentText = [this.#speech.heard(), apology].join(' ').trim();
    if (this.#answer) this.#answer.remember(interrupted);
    else conversation.addAssistant(this.#speech.heard(), interrupted);
    conversation.addAssistant(apology, interrupted);
  }

  #newSpeech(options: { readonly isHeld?: boolean; readonly afterMs?: number }): Speech {
    const { tts, turn, clock } = this.#parts;
    const { signal } = this.#speaking;
    return new Speech({ tts, utterance: this.#utterance, turn, clock, signal, ...options });
  }

  #show(text: string, final: boolean): void {
    if (this.speculation?.isConfirmed === false) this.#heldText = { text, final };
    else this.#parts.onText(text, final);
  }
}
