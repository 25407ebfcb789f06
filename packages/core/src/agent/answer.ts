import type { Clock } from '../clock/clock.ts';
import type { Conversation } from '../conversation/conversation.ts';
import type { ToolResult } from '../conversation/message.ts';
import { SentenceSplitter } from '../conversation/sentence-splitter.ts';
import { AgentError } from '../errors/agent-error.ts';
import type { ToolCall } from '../llm/llm-events.ts';
import type { LLMRequest, ToolDeclaration } from '../llm/llm-request.ts';
import type { LLM } from '../llm/llm.ts';
import { childLogger } from '../logging/child-logger.ts';
import type { Logger } from '../logging/logger.ts';
import type { MetricsCollector } from '../metrics/agent-metrics.ts';
import { runTool } from '../tools/run-tool.ts';
import type { Tools } from '../tools/tool.ts';
import type { Turn } from '../turn/turn.ts';
import type { Speculation } from './speculation.ts';
import type { Speech } from './speech.ts';

/** What an answer is made with. */
export interface AnswerParts {
  readonly llm: LLM;
  readonly instructions: string;
  readonly tools: Tools;
  /** The same tools as the model is told of them. */
  readonly toolDeclarations: readonly ToolDeclaration[];
  /** How often the model may ask for tools before it has to have answered. */
  readonly maxToolRounds: number;
  readonly conversation: Conversation;
  readonly speech: Speech;
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
  readonly #sentences: string[] = [];
  /** Tools that are at work. */
  #runningCalls: readonly ToolCall[] = [];
  /** The first sentence that the conversation does not have yet. */
  #unremembered = 0;

  constructor(parts: AnswerParts) {
    this.#parts = parts;
  }

  /**
   * Has it written, with as many rounds of tools as the model wants and is allowed. Resolves when all
   * text is there; the voice may still be busy with it.
   * @throws ProviderError when the model failed
   * @throws AgentError `tool_rounds` when it only ever asked for tools
   */
  async write(): Promise<void> {
    const { maxToolRounds, onText } = this.#parts;
    for (let round = 0; round <= maxToolRounds; round++) {
      const { text, toolCalls } = await this.#requestRound();
      if (toolCalls.length === 0) {
        onText(this.#sentences.join(' '), true);
        return;
      }
      await this.#runTools(text, toolCalls);
    }
    throw new AgentError(
      'tool_rounds',
      `the model asked for tools ${maxToolRounds + 1} times in a row without an answer`,
    );
  }

  /** Puts what the caller heard of it into the conversation: that and no more was said. */
  remember(interrupted: boolean): void {
    const { conversation, speech } = this.#parts;
    const calls = this.#runningCalls;
    conversation.addAssistant(speech.heard(this.#unremembered), calls, interrupted);
    // Providers refuse a request in which a call is not followed by its result.
    if (calls.length > 0) conversation.addToolResults(calls.map(interruptedResult));
  }

  async #requestRound(): Promise<{ text: string; toolCalls: readonly ToolCall[] }> {
    const { turn, clock, llm, metrics, signal } = this.#parts;
    const splitter = new SentenceSplitter();
    const toolCalls: ToolCall[] = [];
    let text = '';
    let hasWords = false;
    const sentAtMs = clock.now();
    turn.mark('llmRequest', sentAtMs);
    const context = { metrics, signal, clock, trace: turn.trace?.scope };
    for await (const event of llm.respond(this.#request(), context)) {
      if (event.type === 'tool-call') toolCalls.push(event.call);
      if (event.type !== 'text' || event.text === '') continue;
      // Some models put white space before a call: nobody waits for that.
      if (!hasWords && event.text.trim() !== '') {
        hasWords = true;
        turn.mark('llmFirstToken', clock.now());
        turn.waited({ llmMs: clock.now() - sentAtMs });
      }
      text += event.text;
      for (const sentence of splitter.push(event.text)) this.#say(sentence);
    }
    const rest = splitter.flush();
    if (rest !== '') this.#say(rest);
    if (!hasWords) turn.waited({ llmMs: clock.now() - sentAtMs });
    return { text, toolCalls };
  }

  async #runTools(text: string, calls: readonly ToolCall[]): Promise<void> {
    const { turn, clock, llm, metrics, conversation, speech, signal, tools, logger } = this.#parts;
    await this.#parts.speculation?.confirmed;
    const startedAtMs = clock.now();
    turn.mark('toolStart', startedAtMs);
    turn.usedTool();
    this.#runningCalls = calls;
    const run = {
      tools,
      signal,
      clock,
      logger: childLogger(logger, turn.logFields),
      recorder: llm.recorder(metrics),
      trace: turn.trace?.scope,
    };
    const results = await Promise.all(calls.map((call) => runTool(call, run)));
    signal.throwIfAborted();
    this.#runningCalls = [];
    turn.remark('toolEnd', clock.now());
    turn.waited({ toolMs: clock.now() - startedAtMs });
    conversation.addAssistant(text, calls, false);
    conversation.addToolResults(results);
    this.#unremembered = speech.sentenceCount;
  }

  #say(sentence: string): void {
    this.#parts.speech.say(sentence);
    this.#sentences.push(sentence);
    this.#parts.onText(this.#sentences.join(' '), false);
  }

  #request(): LLMRequest {
    const { instructions, conversation, toolDeclarations, speculation } = this.#parts;
    const messages = [...conversation.messages, ...(speculation?.pendingMessages ?? [])];
    const tools = toolDeclarations.length > 0 ? { tools: toolDeclarations } : {};
    return { instructions, messages, ...tools };
  }
}

function interruptedResult({ id, name }: ToolCall): ToolResult {
  const output = JSON.stringify({ error: 'it was interrupted before it was done' });
  return { callId: id, name, output, success: false };
}
