import type { Conversation, ToolRoundEntry } from '../conversation/conversation.ts';
import type { ToolResult } from '../conversation/message.ts';
import type { ToolCall } from '../llm/llm-events.ts';
import { childLogger } from '../logging/child-logger.ts';
import type { Logger } from '../logging/logger.ts';
import { callKey } from '../tools/call-key.ts';
import type { ToolWork } from '../tools/tool-work.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import type { Turn } from '../turn/turn.ts';
import type { AnswerSpeech } from './speech.ts';

/** What rounds of tools are made with. */
export interface ToolRoundsParts {
  readonly toolbox: Toolbox;
  readonly conversation: Conversation;
  readonly speech: AnswerSpeech;
  readonly turn: Turn;
  readonly logger: Logger;
  /** Aborted when the answer is cut off. */
  readonly signal: AbortSignal;
}

/** One call of the model and the work that serves it, which may serve others too. */
interface Job {
  readonly call: ToolCall;
  readonly work: ToolWork;
}

/** A round that is over and in the conversation, and which sentences are of it. */
interface EndedRound {
  readonly entry: ToolRoundEntry;
  readonly from: number;
  readonly to: number;
}

/** The rounds of one answer in which the model asked for tools, and their place in the conversation. */
export class ToolRounds {
  readonly #parts: ToolRoundsParts;
  /** What the model asked for, by what is the same for equal calls. */
  readonly #works: Map<string, ToolWork>;
  readonly #ended: EndedRound[] = [];
  #jobs: readonly Job[] = [];
  #sentenceCount = 0;

  constructor(parts: ToolRoundsParts) {
    this.#parts = parts;
    // The model may ask again for what an earlier answer began and had to leave.
    this.#works = new Map([...parts.toolbox.atWork].map((work) => [work.key, work]));
  }

  /** How many sentences of the answer are in the conversation with a round that is over. */
  get sentenceCount(): number {
    return this.#sentenceCount;
  }

  /** Has calls done, side by side. Resolves when all are. */
  async run(calls: readonly ToolCall[]): Promise<void> {
    this.#jobs = calls.map((call) => ({ call, work: this.#workFor(call) }));
    await Promise.all(this.#jobs.map(({ work }) => work.done));
  }

  /** The round is over: it goes into the conversation, with what was said in it. */
  end(): void {
    const from = this.#sentenceCount;
    const to = this.#parts.speech.sentenceCount;
    const entry = this.#enter(this.#parts.speech.text(from, to), false);
    this.#ended.push({ entry, from, to });
    this.#jobs = [];
    this.#sentenceCount = to;
  }

  /**
   * The answer is over. The conversation keeps what was heard, and each call has a result: where a tool
   * is still at work one that says so, until the true one takes its place.
   */
  remember(interrupted: boolean): void {
    const { speech } = this.#parts;
    for (const { entry, from, to } of this.#ended) {
      const heard = speech.heard(from, to);
      if (heard !== speech.text(from, to)) entry.cutTo(heard, interrupted);
    }
    if (this.#jobs.length === 0) return;
    const entry = this.#enter(speech.heard(this.#sentenceCount), interrupted);
    for (const { call, work } of this.#jobs) {
      void work.done.then((result) => entry.settle({ ...result, callId: call.id }));
    }
    this.#sentenceCount = speech.sentenceCount;
  }

  #workFor(call: ToolCall): ToolWork {
    const { toolbox, turn, logger, signal } = this.#parts;
    const earlier = this.#works.get(callKey(call));
    if (earlier?.isShared === true) return earlier;
    const work = toolbox.start(call, {
      signal,
      logger: childLogger(logger, turn.logFields),
      trace: turn.trace?.scope,
    });
    this.#works.set(work.key, work);
    return work;
  }

  #enter(text: string, interrupted: boolean): ToolRoundEntry {
    const results = this.#jobs.map(({ call, work }): ToolResult => ({
      ...work.present,
      callId: call.id,
      name: call.name,
    }));
    const toolCalls = this.#jobs.map(({ call }) => call);
    return this.#parts.conversation.addToolRound({ text, toolCalls, results, interrupted });
  }
}
