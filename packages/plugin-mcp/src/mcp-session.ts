import type { Tool as ServerTool } from '@modelcontextprotocol/sdk/types.js';
import type { Clock, Logger } from '@vision-agents/core';
import { AgentError, untilAborted } from '@vision-agents/core';

import type { LinkedSignal } from './linked-signal.ts';
import { linkSignals } from './linked-signal.ts';
import type { Link } from './mcp-connection.ts';
import { loadSdk, MCPConnection } from './mcp-connection.ts';
import { isSessionGone, timeoutError, toolError, unreachable } from './mcp-error.ts';
import type { ServerSettings } from './mcp-options.ts';
import { textOf } from './mcp-wire.ts';

/** The wait after the first failed reconnection; each further one doubles it. */
const FIRST_PAUSE_MS = 1000;

/** The longest wait between two reconnections. */
const LONGEST_PAUSE_MS = 30_000;

/** What a session is made with. */
export interface SessionParts {
  readonly settings: ServerSettings;
  /** A new way to the server. */
  readonly link: () => Promise<Link>;
  /** Aborted when the call ends. */
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * A server's part in one call. It holds one connection at a time: that is closed when it is idle, and
 * a new one is opened by the next use when there is none or it was lost.
 */
export class MCPSession {
  readonly #parts: SessionParts;
  readonly #ended = new AbortController();
  /** Connections that are being closed. */
  readonly #retired = new Set<Promise<void>>();
  #connection: MCPConnection | undefined;
  #opening: Promise<MCPConnection> | undefined;
  #callCount = 0;
  #failureCount = 0;
  #retryAtMs = 0;
  #cancelIdle: () => void = () => undefined;
  #closing: Promise<void> | undefined;
  readonly #onAbort = (): void => void this.close();

  constructor(parts: SessionParts) {
    this.#parts = parts;
    parts.signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (parts.signal?.aborted) this.#onAbort();
  }

  /** Connects and lists the server's tools. @throws AgentError, or the reason of the call's end */
  async start(): Promise<readonly ServerTool[]> {
    using limit = this.#connectLimit();
    const connection = await this.#track(this.#open(limit.signal));
    const tools = await connection.listTools(limit.signal);
    this.#rest();
    return tools;
  }

  /**
   * Has a tool run and gives its result as text. How long it may take is for the signal to say.
   * @throws AgentError whose message is meant for the model, or the signal's reason
   */
  async call(
    name: string,
    input: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    using linked = linkSignals([signal, this.#ended.signal]);
    this.#cancelIdle();
    this.#callCount += 1;
    try {
      return await this.#run(name, input, linked.signal);
    } finally {
      this.#callCount -= 1;
      this.#rest();
    }
  }

  /** Idempotent, bounded in time, never throws. Calls at work fail. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { signal } = this.#parts;
    signal?.removeEventListener('abort', this.#onAbort);
    this.#cancelIdle();
    this.#ended.abort(signal?.reason ?? new AgentError('closed', 'the call is over'));
    await this.#opening?.catch(() => undefined);
    this.#retire();
    await Promise.all(this.#retired);
  }

  async #run(
    name: string,
    input: Record<string, unknown>,
    signal: AbortSignal,
    isRetry = false,
  ): Promise<string | undefined> {
    signal.throwIfAborted();
    const connection = await untilAborted(this.#connected(), signal);
    try {
      const result = await connection.callTool(name, input, signal);
      if (result.isError === true) throw toolError(textOf(result));
      return textOf(result);
    } catch (error) {
      // The server has run nothing, and a client "MUST start a new session" (MCP, transports).
      if (!isRetry && isSessionGone(error)) return this.#run(name, input, signal, true);
      throw error;
    }
  }

  #connected(): Promise<MCPConnection> {
    if (this.#opening) return this.#opening;
    if (this.#connection?.isOpen === true) return Promise.resolve(this.#connection);
    return this.#track(this.#reopen());
  }

  #track(opening: Promise<MCPConnection>): Promise<MCPConnection> {
    this.#opening = opening.finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  /** Once: who calls in the pause after a failure is told at once, rather than kept waiting. */
  async #reopen(): Promise<MCPConnection> {
    const { clock, settings } = this.#parts;
    const pauseMs = this.#retryAtMs - clock.now();
    if (pauseMs > 0) throw unreachable(settings.name, pauseMs);
    using limit = this.#connectLimit();
    try {
      const connection = await this.#open(limit.signal);
      this.#failureCount = 0;
      return connection;
    } catch (error) {
      const nextPauseMs = FIRST_PAUSE_MS * 2 ** this.#failureCount;
      this.#retryAtMs = clock.now() + Math.min(nextPauseMs, LONGEST_PAUSE_MS);
      this.#failureCount += 1;
      throw error;
    }
  }

  async #open(signal: AbortSignal): Promise<MCPConnection> {
    const { settings, link, clock, logger } = this.#parts;
    const server = settings.name;
    this.#retire();
    // One after the other: a process may hold what the next one needs.
    await untilAborted(Promise.all(this.#retired), signal);
    const sdk = await loadSdk();
    const connection = new MCPConnection({ server, link: await link(), sdk, clock, logger });
    this.#connection = connection;
    try {
      signal.throwIfAborted();
      await connection.start(signal);
    } catch (error) {
      this.#retire();
      throw error;
    }
    this.#rest();
    return connection;
  }

  #retire(): void {
    const closed = this.#connection?.close();
    this.#connection = undefined;
    if (!closed) return;
    this.#retired.add(closed);
    void closed.then(() => this.#retired.delete(closed));
  }

  /** Starts waiting for the next call. */
  #rest(): void {
    const { clock, settings } = this.#parts;
    if (this.#callCount > 0 || this.#ended.signal.aborted) return;
    this.#cancelIdle();
    this.#cancelIdle = clock.after(settings.idleTimeoutMs, () => this.#retire());
  }

  #connectLimit(): LinkedSignal {
    const { clock, settings } = this.#parts;
    const { name, connectTimeoutMs: timeoutMs } = settings;
    return linkSignals([this.#ended.signal], {
      clock,
      timeoutMs,
      timeoutError: () => timeoutError(name, timeoutMs),
    });
  }
}
