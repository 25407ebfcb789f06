import type { Agent } from '../agent/agent.ts';
import type { SessionEndReason } from '../edge/edge.ts';
import { AgentError } from '../errors/agent-error.ts';
import { checkOptions, isFunction } from '../options/option-checks.ts';

/** Which call an agent is wanted in. */
export interface CallRequest {
  readonly callType: string;
  readonly callId: string;
}

/** How agents are made and what they do. */
export interface AgentLauncherOptions {
  /** Makes the agent for one call. */
  readonly createAgent: (request: CallRequest) => Agent | Promise<Agent>;
  /** The agent's life in the call; the session is over when it resolves. */
  readonly joinCall: (agent: Agent, request: CallRequest) => Promise<void>;
}

/** One agent at work. */
export interface AgentSession {
  readonly request: CallRequest;
  readonly agent: Agent;
  /** Resolves when the session is over; rejects with what `joinCall` threw. */
  readonly done: Promise<void>;
}

/** Starts agents for calls and sees to it that all of them end. */
export class AgentLauncher implements AsyncDisposable {
  readonly #options: AgentLauncherOptions;
  readonly #sessions = new Set<AgentSession>();
  readonly #edges = new Set<Agent['edge']>();
  #isClosed = false;

  /** @throws ConfigurationError which names the option that cannot work */
  constructor(options: AgentLauncherOptions) {
    const checks = { createAgent: isFunction(), joinCall: isFunction() };
    checkOptions('AgentLauncher', options, checks, ['createAgent', 'joinCall']);
    this.#options = options;
  }

  /** The sessions that are not over. */
  get sessions(): readonly AgentSession[] {
    return [...this.#sessions];
  }

  /**
   * Makes an agent and sets it to work.
   * @throws what `createAgent` throws
   * @throws AgentError `call_ended` once the launcher is closed
   */
  async start(request: CallRequest): Promise<AgentSession> {
    const agent = await this.#options.createAgent(request);
    if (this.#isClosed) {
      await agent.edge.close();
      throw new AgentError('call_ended', 'the launcher was closed before the call began');
    }
    this.#edges.add(agent.edge);
    const session = { request, agent, done: this.#work(agent, request) };
    this.#sessions.add(session);
    const forget = (): boolean => this.#sessions.delete(session);
    session.done.then(forget, forget);
    return session;
  }

  /** Ends all sessions and lets go of their edges. Idempotent; never throws. */
  async close(reason: SessionEndReason = 'closed'): Promise<void> {
    this.#isClosed = true;
    const sessions = this.sessions;
    await Promise.all(sessions.map(({ agent }) => agent.close(reason)));
    await Promise.allSettled(sessions.map(({ done }) => done));
    await Promise.all([...this.#edges].map((edge) => edge.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #work(agent: Agent, request: CallRequest): Promise<void> {
    try {
      await this.#options.joinCall(agent, request);
    } finally {
      await agent.close();
    }
  }
}
