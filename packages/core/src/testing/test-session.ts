import { Answer } from '../agent/answer.ts';
import { systemClock } from '../clock/clock.ts';
import { Conversation } from '../conversation/conversation.ts';
import { readInstructions } from '../conversation/instructions.ts';
import type { Message } from '../conversation/message.ts';
import { AgentError } from '../errors/agent-error.ts';
import { ConfigurationError } from '../errors/configuration-error.ts';
import type { LanguageModel } from '../llm/llm.ts';
import { createConsoleLogger } from '../logging/console-logger.ts';
import type { AgentMetrics } from '../metrics/agent-metrics.ts';
import { MetricsCollector } from '../metrics/agent-metrics.ts';
import type { ComponentContext } from '../stream/component-context.ts';
import type { Tools } from '../tools/tool.ts';
import { checkToolNames } from '../tools/tool.ts';
import { Toolbox } from '../tools/toolbox.ts';
import { Turn } from '../turn/turn.ts';
import { SilentSpeech } from './silent-speech.ts';
import type { TestedToolCall } from './test-reply.ts';
import { TestReply } from './test-reply.ts';

/** What a test does in the place of a tool's work, with an input that the tool's own check has passed. */
export type ToolMock = (input: unknown) => unknown;

/** What is tried in a session; the options of the same names are those of an agent. */
export interface TestSessionOptions extends Pick<ComponentContext, 'clock' | 'logger'> {
  readonly llm: LanguageModel;
  readonly instructions?: string;
  /** Where files mentioned in `instructions` lie. @default the working directory */
  readonly instructionsDirectory?: string;
  readonly tools?: Tools;
  /** What is done in the place of some tools, by their names. */
  readonly mocks?: Readonly<Record<string, ToolMock>>;
  /** How often in a row the model may ask for tools before it has to answer. @default 5 */
  readonly maxToolRounds?: number;
}

/**
 * A conversation with an agent's instructions, model and tools, in text alone: no edge, no speech, no
 * waiting for either. Answers and tools go the way that they go in a call.
 */
export class TestSession implements AsyncDisposable {
  readonly #options: TestSessionOptions;
  readonly #collector = new MetricsCollector();
  readonly #conversation = new Conversation();
  readonly #closing = new AbortController();
  readonly #toolbox: Toolbox;
  #turnCount = 0;

  /** @throws ConfigurationError when a mock or a tool has a name that cannot be */
  constructor(options: TestSessionOptions) {
    const { llm, clock = systemClock, tools = {}, mocks = {} } = options;
    checkToolNames(tools);
    this.#options = options;
    const recorder = llm.recorder(this.#collector);
    this.#toolbox = new Toolbox({ tools: withMocks(tools, mocks), recorder, clock });
  }

  /** All that was said so far, and the results of tools. */
  get messages(): readonly Message[] {
    return this.#conversation.messages;
  }

  /** The figures of the model and the tools. */
  get metrics(): AgentMetrics {
    return this.#collector.metrics;
  }

  /**
   * Says something, and resolves with the whole answer to it.
   * @throws ProviderError when the model fails
   * @throws AgentError `tool_rounds` when it only ever asks for tools, `empty_answer` when it says
   * nothing
   */
  async userSays(text: string): Promise<TestReply> {
    const {
      llm,
      clock = systemClock,
      logger = createConsoleLogger(),
      maxToolRounds,
    } = this.#options;
    const { instructions = '', instructionsDirectory } = this.#options;
    const folder =
      instructionsDirectory === undefined ? {} : { baseDirectory: instructionsDirectory };
    const speech = new SilentSpeech();
    const turn = new Turn(`turn-${(this.#turnCount += 1)}`, 'reply');
    const answer = new Answer({
      llm,
      instructions: await readInstructions(instructions, folder),
      toolbox: this.#toolbox,
      toolFiller: undefined,
      maxToolRounds: maxToolRounds ?? 5,
      conversation: this.#conversation,
      speech,
      speculation: undefined,
      turn,
      metrics: this.#collector,
      clock,
      logger,
      signal: this.#closing.signal,
      onText: () => undefined,
    });
    this.#conversation.addUser(text);
    const earlier = this.messages.length;
    try {
      await answer.write();
    } finally {
      answer.remember(false);
      turn.close('completed');
    }
    if (speech.text() === '') throw new AgentError('empty_answer', 'the model gave no words');
    return new TestReply(speech.text(), toolCallsIn(this.messages.slice(earlier)));
  }

  /** Stops tools that are at work. Idempotent; never throws. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#toolbox.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function withMocks(tools: Tools, mocks: Readonly<Record<string, ToolMock>>): Tools {
  const mocked = { ...tools };
  for (const [name, mock] of Object.entries(mocks)) {
    const tool = tools[name];
    if (tool === undefined) {
      const message = `the option \`mocks\` of TestSession has "${name}", which is no tool`;
      throw new ConfigurationError('mocks', message);
    }
    mocked[name] = { ...tool, run: async (input) => mock((await tool.check?.(input)) ?? input) };
  }
  return mocked;
}

function toolCallsIn(messages: readonly Message[]): TestedToolCall[] {
  const results = new Map(
    messages.flatMap((message) =>
      message.role === 'tool' ? message.results.map((one) => [one.callId, one] as const) : [],
    ),
  );
  return messages.flatMap((message) =>
    message.role !== 'assistant'
      ? []
      : message.toolCalls.map(({ id, name, arguments: input }) => {
          const { output = '', success = false } = results.get(id) ?? {};
          return { name, input, output, success };
        }),
  );
}
