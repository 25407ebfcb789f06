import type { ComponentContext, ToolSource, ToolSourceSession } from '@vision-agents/core';

import type { Link } from './mcp-connection.ts';
import { answeringFetch } from './mcp-http-fetch.ts';
import type { HTTPServerOptions, ServerSettings } from './mcp-options.ts';
import { checkHTTPOptions, resolveServerOptions } from './mcp-options.ts';
import { openSession } from './open-session.ts';

/** A connection that broke is made anew by the next call, not by the transport in the background. */
const NO_RECONNECTION = {
  maxRetries: 0,
  initialReconnectionDelay: 1000,
  maxReconnectionDelay: 1000,
  reconnectionDelayGrowFactor: 1,
};

/**
 * The tools of an MCP server over streamable HTTP, with one session for each call.
 * @throws ConfigurationError when an option cannot work
 */
export class HTTPServer implements ToolSource {
  readonly name: string;
  readonly optional: boolean;
  readonly #options: HTTPServerOptions;
  readonly #settings: ServerSettings;

  constructor(options: HTTPServerOptions) {
    checkHTTPOptions(options);
    this.#options = options;
    this.#settings = resolveServerOptions(options, new URL(options.url).host);
    this.name = this.#settings.name;
    this.optional = options.optional ?? false;
  }

  /**
   * Connects and lists the server's tools.
   * @throws ProviderError when it cannot be reached or refuses, or ConfigurationError when its tools
   * cannot be offered
   */
  open(context: ComponentContext = {}): Promise<ToolSourceSession> {
    return openSession(this.#settings, () => this.#link(), context);
  }

  async #link(): Promise<Link> {
    const { StreamableHTTPClientTransport } =
      await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
    const { url, headers = {}, fetch: send = fetch } = this.#options;
    const transport = new StreamableHTTPClientTransport(new URL(url), {
      requestInit: { headers: { ...headers } },
      fetch: answeringFetch(this.name, send),
      reconnectionOptions: NO_RECONNECTION,
    });
    return { transport, ready: () => undefined, leave: () => transport.terminateSession() };
  }
}
