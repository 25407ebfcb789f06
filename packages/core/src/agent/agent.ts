import { systemClock } from '../clock/clock.ts';
import type { Call, SessionEndReason } from '../edge/edge.ts';
import { AgentError } from '../errors/agent-error.ts';
import { createConsoleLogger } from '../logging/console-logger.ts';
import type { Logger } from '../logging/logger.ts';
import { safeLogger } from '../logging/safe-logger.ts';
import type { AgentMetrics } from '../metrics/agent-metrics.ts';
import { MetricsCollector } from '../metrics/agent-metrics.ts';
import { checkOptions, isBoolean, isNumber } from '../options/option-checks.ts';
import type { TurnRecord } from '../turn/turn.ts';
import type { AgentEvents } from './agent-events.ts';
import type { AgentOptions } from './agent-options.ts';
import { checkAgentOptions } from './agent-options.ts';
import { CallSession } from './call-session.ts';
import type { SpeakOptions } from './dialogue.ts';
import { EventEmitter } from './event-emitter.ts';

/** How an agent joins a call. */
export interface JoinOptions {
  /**
   * How long to wait for somebody to talk to, in milliseconds, 0 to 86400000; 0 does not wait.
   * @default 300000
   */
  readonly participantTimeoutMs?: number;
}

/**
 * A voice agent in one call: hears with its STT, thinks with its LLM, speaks with its TTS, or does all
 * of that with one realtime model, and keeps the figures of it in {@link Agent.metrics}. One agent joins
 * one call; make another for the next.
 */
export class Agent implements AsyncDisposable {
  readonly #options: AgentOptions;
  readonly #collector = new MetricsCollector();
  readonly #logger: Logger;
  readonly #events: EventEmitter<AgentEvents>;
  #session: CallSession | undefined;
  #isClosed = false;

  /** @throws ConfigurationError which names the option that cannot work */
  constructor(options: AgentOptions) {
    checkAgentOptions(options);
    this.#options = options;
    this.#logger = safeLogger(options.logger ?? createConsoleLogger());
    this.#events = new EventEmitter(this.#logger);
  }

  /** The figures of the call, live, and still there when it has ended. */
  get metrics(): AgentMetrics {
    return this.#collector.metrics;
  }

  /** The way to the callers that the agent was given. */
  get edge(): AgentOptions['edge'] {
    return this.#options.edge;
  }

  /**
   * Calls the listener at each event of this name; the returned function takes it back. What a
   * listener throws, or an async one rejects with, is logged and hurts nobody else.
   */
  on<Name extends keyof AgentEvents>(
    name: Name,
    listener: (event: AgentEvents[Name]) => void,
  ): () => void {
    return this.#events.on(name, listener);
  }

  /** Makes sure that the call exists at the edge. */
  createCall(callType: string, callId: string): Promise<Call> {
    return this.#options.edge.createCall(callType, callId);
  }

  /**
   * Joins the call and waits for somebody to be there. `await using` the result, or `close`, leaves.
   * @throws AgentError `already_joined`, `participant_timeout` or `call_ended`
   * @throws ProviderError when the edge or the voice cannot be opened
   */
  async join(call: Call, options: JoinOptions = {}): Promise<AsyncDisposable> {
    checkOptions('Agent.join', options, {
      participantTimeoutMs: isNumber({ min: 0, max: 86_400_000 }),
    });
    if (this.#session) {
      throw new AgentError('already_joined', 'an agent joins one call; make another for the next');
    }
    if (this.#isClosed) throw new AgentError('call_ended', 'the agent was closed before it joined');
    const session = new CallSession({
      options: this.#options,
      call,
      metrics: this.#collector,
      events: this.#events,
      clock: this.#options.clock ?? systemClock,
      logger: this.#logger,
    });
    this.#session = session;
    await session.open();
    try {
      await session.participant(options.participantTimeoutMs ?? 300_000);
    } catch (error) {
      await session.end('idle');
      throw error;
    }
    return { [Symbol.asyncDispose]: () => session.end('closed') };
  }

  /**
   * Has the model respond to a text as if a user had said it. Resolves when the response is over,
   * however it ended: the record says. What the agent was saying is cut off.
   * @throws AgentError `not_in_call`
   */
  simpleResponse(text: string, options: SpeakOptions = {}): Promise<TurnRecord> {
    return this.#speak('simpleResponse', text, options);
  }

  /**
   * Says a text as it is. Resolves when it is over, however it ended: the record says. What the
   * agent was saying is cut off.
   * @throws AgentError `not_in_call`
   */
  say(text: string, options: SpeakOptions = {}): Promise<TurnRecord> {
    return this.#speak('say', text, options);
  }

  /** Waits until the call has ended. @throws AgentError `not_in_call` when none was joined */
  async finish(): Promise<SessionEndReason> {
    return this.#inCall().ended;
  }

  /** Leaves the call and closes all that was opened for it. Idempotent; never throws. */
  async close(reason: SessionEndReason = 'closed'): Promise<void> {
    this.#isClosed = true;
    await this.#session?.end(reason);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #speak(how: 'say' | 'simpleResponse', text: string, options: SpeakOptions): Promise<TurnRecord> {
    const spoken = (async () => {
      checkOptions(`Agent.${how}`, options, { interruptible: isBoolean() });
      return this.#inCall().engine[how](text, options);
    })();
    // A listener that speaks and does not wait must not crash the process when the call is just over.
    spoken.catch(() => undefined);
    return spoken;
  }

  #inCall(): CallSession {
    if (this.#session) return this.#session;
    throw new AgentError('not_in_call', 'the agent is not in a call; join one first');
  }
}
