import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type {
  CallToolResult,
  CallToolResultSchema,
  ListToolsResult,
  ListToolsResultSchema,
  Tool as ServerTool,
} from '@modelcontextprotocol/sdk/types.js';
import type { Clock, Logger } from '@vision-agents/core';
import { untilAborted } from '@vision-agents/core';

import { connectionLost, isLoss, isToolError, mcpError, notReady } from './mcp-error.ts';

/** The time-outs are ours, by signals: the SDK's own is put as far away as a timer goes. */
const NEVER_MS = 2 ** 31 - 1;

/** How long to wait for the server's answer to our leaving. */
const LEAVE_TIMEOUT_MS = 1000;

/** The SDK gives a process 2 s to end by itself and 2 s after SIGTERM before it sends SIGKILL. */
const CLOSE_TIMEOUT_MS = 6000;

/** A way to a server that was not gone yet. */
export interface Link {
  readonly transport: Transport;
  /** Called once the server is ready. */
  readonly ready: () => void;
  /** Tells the server that we leave, where the transport has a word for that. */
  readonly leave: () => Promise<void>;
}

/** What a connection is made with. */
export interface ConnectionParts {
  /** What people call the server. */
  readonly server: string;
  readonly link: Link;
  readonly sdk: Sdk;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What is used of the SDK at run time. */
export interface Sdk {
  readonly Client: typeof Client;
  readonly CallToolResultSchema: typeof CallToolResultSchema;
  readonly ListToolsResultSchema: typeof ListToolsResultSchema;
}

/** Loads the SDK, which takes longer than importing this package should. */
export async function loadSdk(): Promise<Sdk> {
  const [client, types] = await Promise.all([
    import('@modelcontextprotocol/sdk/client/index.js'),
    import('@modelcontextprotocol/sdk/types.js'),
  ]);
  return {
    Client: client.Client,
    CallToolResultSchema: types.CallToolResultSchema,
    ListToolsResultSchema: types.ListToolsResultSchema,
  };
}

/** One connection of the SDK's client, from its start to its end. It is never started again. */
export class MCPConnection {
  readonly #parts: ConnectionParts;
  readonly #client: Client;
  readonly #closed = Promise.withResolvers<void>();
  #state: 'new' | 'starting' | 'open' | 'lost' = 'new';
  #closing: Promise<void> | undefined;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#client = new parts.sdk.Client({ name: 'vision-agents', version: '0' });
    Object.assign(this.#client, {
      onclose: () => {
        this.#state = 'lost';
        this.#closed.resolve();
      },
      // By name alone: what cannot be understood is in some of the messages.
      onerror: ({ name }: Error) =>
        parts.logger.debug({ server: parts.server, error: name }, 'trouble with an MCP server'),
    } satisfies Pick<Client, 'onclose' | 'onerror'>);
  }

  /** Whether it can be asked. */
  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Connects and introduces us. @throws AgentError, or the signal's reason */
  async start(signal: AbortSignal): Promise<void> {
    const { server, link } = this.#parts;
    this.#state = 'starting';
    const connecting = this.#client.connect(link.transport, { signal, timeout: NEVER_MS });
    try {
      await untilAborted(connecting, signal);
    } catch (error) {
      signal.throwIfAborted();
      const failure = mcpError(server, error);
      throw isToolError(failure) ? notReady(server, error) : failure;
    }
    this.#state = 'open';
    link.ready();
  }

  /** All tools of the server, of all pages. @throws ProviderError, or the signal's reason */
  async listTools(signal: AbortSignal): Promise<readonly ServerTool[]> {
    if (!this.#client.getServerCapabilities()?.tools) return [];
    const tools: ServerTool[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#listPage(cursor, signal);
      tools.push(...page.tools);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return tools;
  }

  /** Has a tool run; an abort is told to the server. @throws AgentError, or the signal's reason */
  callTool(
    name: string,
    input: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<CallToolResult> {
    const request = { method: 'tools/call', params: { name, arguments: input } } as const;
    const options = { signal, timeout: NEVER_MS };
    const result = this.#client.request(request, this.#parts.sdk.CallToolResultSchema, options);
    return this.#answer(result, signal);
  }

  /** Leaves and waits until a process has ended. Idempotent, bounded in time, never throws. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { link } = this.#parts;
    if (this.#state === 'new') return;
    if (this.#state === 'open') await this.#within(LEAVE_TIMEOUT_MS, link.leave());
    this.#state = 'lost';
    await this.#within(
      CLOSE_TIMEOUT_MS,
      Promise.all([link.transport.close(), this.#closed.promise]),
    );
  }

  async #listPage(cursor: string | undefined, signal: AbortSignal): Promise<ListToolsResult> {
    const { server, sdk } = this.#parts;
    const request = { method: 'tools/list', params: { cursor } } as const;
    const options = { signal, timeout: NEVER_MS };
    try {
      // Not by the client's `listTools`: it compiles the schemas of the outputs, which nobody needs.
      const page = this.#client.request(request, sdk.ListToolsResultSchema, options);
      return await this.#answer(page, signal);
    } catch (error) {
      throw isToolError(error) ? notReady(server, error) : error;
    }
  }

  async #answer<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
    const { server } = this.#parts;
    try {
      return await untilAborted(answer, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (this.#isLost()) throw connectionLost(server);
      const failure = mcpError(server, error);
      if (isLoss(failure)) this.#state = 'lost';
      throw failure;
    }
  }

  /** In a function of its own, since an event may have changed it. */
  #isLost(): boolean {
    return this.#state === 'lost';
  }

  async #within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
    const { promise: tooLate, resolve } = Promise.withResolvers<void>();
    const cancelTimer = this.#parts.clock.after(timeoutMs, resolve);
    // It fails when the server is gone already, and then there is nothing to close.
    await Promise.race([work.catch(() => undefined), tooLate]);
    cancelTimer();
  }
}
