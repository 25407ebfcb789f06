import type { LLMEvent, ToolCall } from '../llm/llm-events.ts';
import type { LLMRecorder } from '../llm/llm-recorder.ts';
import type { LLMRequest } from '../llm/llm-request.ts';
import type { LLM } from '../llm/llm.ts';
import type { MetricsCollector } from '../metrics/agent-metrics.ts';
import type { ComponentContext } from '../stream/component-context.ts';
import { Candidates } from './candidates.ts';
import type { CircuitOptions } from './circuit.ts';

/**
 * Several language models as one: a request that fails or times out before its first word goes to the
 * next. One that fails again and again is left alone for a while. Each records its own metrics.
 */
export class FallbackLLM implements Pick<LLM, keyof LLM> {
  readonly #candidates: Candidates<LLM>;

  /**
   * @param models the preferred one first
   * @throws ConfigurationError when there are fewer than two, or an option cannot work
   */
  constructor(models: readonly LLM[], options: CircuitOptions = {}) {
    this.#candidates = new Candidates('FallbackLLM', models, options);
  }

  /** The vendor of the preferred model. */
  get provider(): string {
    return this.#candidates.first.provider;
  }

  /** The preferred model. */
  get model(): string {
    return this.#candidates.first.model;
  }

  /**
   * As {@link LLM.respond}, with the first model that answers.
   * @throws ProviderError of the last one when all fail, or when one fails after its first word
   */
  async *respond(
    request: LLMRequest,
    context: ComponentContext = {},
  ): AsyncGenerator<LLMEvent, void, undefined> {
    let failure: unknown;
    for (const candidate of this.#candidates.inOrder(context)) {
      const { component, circuit } = candidate;
      let hasBegun = false;
      try {
        for await (const event of component.respond(asked(request, component), context)) {
          hasBegun ||= event.type === 'tool-call' || (event.type === 'text' && event.text !== '');
          yield event.type === 'tool-call'
            ? { ...event, call: signed(event.call, component) }
            : event;
        }
        circuit.succeeded();
        return;
      } catch (error) {
        failure = this.#candidates.failed(candidate, error, context);
        // What was said cannot be taken back, and another model would begin anew.
        if (hasBegun) throw failure;
      }
    }
    throw failure;
  }

  /** The preferred model's: tools are counted with it, whichever model wanted them. */
  recorder(metrics: MetricsCollector | undefined): LLMRecorder {
    return this.#candidates.first.recorder(metrics);
  }
}

/** What a model must get back with a call, and which one: no other model would understand it. */
interface Signed {
  readonly model: LLM;
  readonly data: unknown;
}

function signed(call: ToolCall, model: LLM): ToolCall {
  if (call.providerData === undefined) return call;
  const providerData: Signed = { model, data: call.providerData };
  return { ...call, providerData };
}

/** The request as one model may see it. */
function asked(request: LLMRequest, model: LLM): LLMRequest {
  const messages = request.messages.map((message) =>
    message.role === 'assistant' && message.toolCalls.length > 0
      ? { ...message, toolCalls: message.toolCalls.map((call) => unsigned(call, model)) }
      : message,
  );
  return { ...request, messages };
}

function unsigned({ providerData, ...call }: ToolCall, model: LLM): ToolCall {
  return isSigned(providerData) && providerData.model === model
    ? { ...call, providerData: providerData.data }
    : call;
}

function isSigned(value: unknown): value is Signed {
  return typeof value === 'object' && value !== null && 'model' in value && 'data' in value;
}
