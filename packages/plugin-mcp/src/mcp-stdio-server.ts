import { basename } from 'node:path';
import { Readable } from 'node:stream';

import type { ComponentContext, Logger, ToolSource, ToolSourceSession } from '@vision-agents/core';

import type { Link } from './mcp-connection.ts';
import type { ServerSettings, StdioServerOptions } from './mcp-options.ts';
import { checkStdioOptions, resolveServerOptions } from './mcp-options.ts';
import { openSession } from './open-session.ts';
import { logStartUp } from './start-up-log.ts';

/**
 * The tools of an MCP server that is started as a process of this machine, one for each call.
 * @throws ConfigurationError when an option cannot work
 */
export class StdioServer implements ToolSource {
  readonly name: string;
  readonly optional: boolean;
  readonly #options: StdioServerOptions;
  readonly #settings: ServerSettings;

  constructor(options: StdioServerOptions) {
    checkStdioOptions(options);
    this.#options = options;
    this.#settings = resolveServerOptions(options, basename(options.command));
    this.name = this.#settings.name;
    this.optional = options.optional ?? false;
  }

  /**
   * Starts the server and lists its tools.
   * @throws ProviderError when it does not start, or ConfigurationError when its tools cannot be
   * offered; the process has ended then
   */
  open(context: ComponentContext = {}): Promise<ToolSourceSession> {
    return openSession(this.#settings, (logger) => this.#link(logger), context);
  }

  async #link(logger: Logger): Promise<Link> {
    const { StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js');
    const { command, args = [], env = {}, cwd } = this.#options;
    const where = cwd === undefined ? {} : { cwd };
    const transport = new StdioClientTransport({
      command,
      args: [...args],
      env: { ...env },
      ...where,
      stderr: 'pipe',
    });
    const { stderr } = transport;
    const secrets = [...args, ...Object.values(env)];
    const log = (text: string): void =>
      logger.debug({ server: this.name, stderr: text }, 'an MCP server wrote while it started');
    const ready = stderr instanceof Readable ? logStartUp(stderr, secrets, log) : () => undefined;
    // A process leaves when its input ends: that is the transport's to do.
    return { transport, ready, leave: () => Promise.resolve() };
  }
}
