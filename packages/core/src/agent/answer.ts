import type { Clock } from '../clock/clock.ts';
import type { Conversation } from '../conversation/conversation.ts';
import { SentenceSplitter } from '../conversation/sentence-splitter.ts';
import { AgentError } from '../errors/agent-error.ts';
import type { ToolCall } from '../llm/llm-events.ts';
import type { LLMRequest } from '../llm/llm-request.ts';
import type { LanguageModel } from '../llm/llm.ts';
import type { Logger } from '../logging/logger.ts';
import type { MetricsCollector } from '../metrics/agent-metrics.ts';
import { untilAborted } from '../stream/until-aborted.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import type { Turn } from '../turn/turn.ts';
import type { ToolFiller } from './agent-options.ts';
import type { Speculation } from './speculation.ts';
import type { AnswerSpeech, SentenceKind } from './speech.ts';
import { ToolRounds } from './tool-rounds.ts';

/** What an answer is made with. */
export interface AnswerParts {
  readonly llm: LanguageModel;
  readonly instructions: string;
  readonly toolbox: Toolbox;
  /** What is said when tools keep the caller waiting. */
  readonly toolFiller: ToolFiller | undefined;
  /** How often the model may ask for tools before it has to have answered. */
  readonly maxToolRounds: number;
  readonly conversation: Conversation;
  readonly speech: AnswerSpeech;
  /** Set while it is not certain that the user's turn is over. */
  readonly speculation: Speculation | undefined;
  readonly turn: Turn;
  readonly metrics: MetricsCollector;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Called with all that was written so far, whenever a sentence is complete. */
  readonly onText: (text: string, final: boolean) => void;
}

/** One answer of the model to the conversation as it stands, sentence by sentence to the voice. */
export class Answer {
  readonly #parts: AnswerParts;
  readonly #toolRounds: ToolRounds;
  #filler: 'unsaid' | 'said' = 'unsaid';

  constructor(parts: AnswerParts) {
    this.#parts = parts;
    this.#toolRounds = new ToolRounds(parts);
  }

  /**
   * Has it written, with as many rounds of tools as the model wants and is allowed. Resolves when all
   * text is there; the voice may still be busy with it.
   * @throws ProviderError when the model failed
   * @throws AgentError `tool_rounds` when it only ever asked for tools
   */
  async write(): Promise<void> {
    const { maxToolRounds, speech, onText } = this.#parts;
    let toolCalls = await this.#requestRound();
    for (let round = 1; toolCalls.length > 0; round++) {
      if (round > maxToolRounds) {
        const message = `the model asked for tools ${round} times in a row without an answer`;
        throw new AgentError('tool_rounds', message);
      }
      await this.#runTools(toolCalls);
      toolCalls = await this.#requestRound();
    }
    onText(speech.text(), true);
  }

  /** Puts what the caller heard of it into the conversation: that and no more was said. */
  remember(interrupted: boolean): void {
    this.#toolRounds.remember(interrupted);
    const { conversation, speech } = this.#parts;
    conversation.addAssistant(speech.heard(this.#toolRounds.sentenceCount), interrupted);
  }

  /** One request. Its text goes to the voice as it comes; returns which tools the model wants. */
  async #requestRound(): Promise<readonly ToolCall[]> {
    const { turn, clock, llm, metrics, logger, signal } = this.#parts;
    const splitter = new SentenceSplitter();
    const toolCalls: ToolCall[] = [];
    let hasWords = false;
    const sentAtMs = clock.now();
    turn.mark('llmRequest', sentAtMs);
    const context = { metrics, signal, clock, logger, trace: turn.trace?.scope };
    for await (const event of llm.respond(this.#request(), context)) {
      if (event.type === 'tool-call') toolCalls.push(event.call);
      if (event.type !== 'text' || event.text === '') continue;
      // Some models put white space before a call: nobody waits for that.
      if (!hasWords && event.text.trim() !== '') {
        hasWords = true;
        turn.mark('llmFirstToken', clock.now());
        turn.waited({ llmMs: clock.now() - sentAtMs });
      }
      for (const sentence of splitter.push(event.text)) this.#say(sentence);
    }
    const rest = splitter.flush();
    if (rest !== '') this.#say(rest);
    if (!hasWords) turn.waited({ llmMs: clock.now() - sentAtMs });
    return toolCalls;
  }

  async #runTools(calls: readonly ToolCall[]): Promise<void> {
    const { turn, clock, signal } = this.#parts;
    await this.#parts.speculation?.confirmed;
    // Whoever heard that the answer is wanted may have cut it off.
    signal.throwIfAborted();
    const startedAtMs = clock.now();
    turn.mark('toolStart', startedAtMs);
    turn.usedTool();
    const cancelFiller = this.#fillPause();
    try {
      await untilAborted(this.#toolRounds.run(calls), signal);
    } finally {
      cancelFiller();
    }
    signal.throwIfAborted();
    turn.remark('toolEnd', clock.now());
    turn.waited({ toolMs: clock.now() - startedAtMs });
    this.#toolRounds.end();
  }

  /** Has the filler said if nothing else is heard for too long from now on. Returns what calls it off. */
  #fillPause(): () => void {
    const { toolFiller, clock, speech } = this.#parts;
    if (!toolFiller || this.#filler === 'said') return () => undefined;
    const { text, afterMs = 2000 } = toolFiller;
    const { playedMs } = speech;
    return clock.after(afterMs, () => {
      if (speech.playedMs > playedMs || !speech.isIdle) return;
      this.#filler = 'said';
      this.#say(text, 'filler');
    });
  }

  #say(sentence: string, kind: SentenceKind = 'answer'): void {
    const { speech, onText } = this.#parts;
    speech.say(sentence, kind);
    onText(speech.text(), false);
  }

  #request(): LLMRequest {
    const { instructions, conversation, toolbox, speculation } = this.#parts;
    const messages = [...conversation.messages, ...(speculation?.pendingMessages ?? [])];
    const { declarations } = toolbox;
    const tools = declarations.length > 0 ? { tools: declarations } : {};
    return { instructions, messages, ...tools };
  }
}
