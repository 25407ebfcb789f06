import type { ComponentContext, Logger, ToolSourceSession } from '@vision-agents/core';
import { createConsoleLogger, systemClock } from '@vision-agents/core';

import type { Link } from './mcp-connection.ts';
import type { ServerSettings } from './mcp-options.ts';
import { MCPSession } from './mcp-session.ts';
import { toolsOf } from './mcp-tools.ts';

/**
 * Opens a server's part in a call.
 * @throws ProviderError when it cannot be reached or refuses, ConfigurationError when its tools cannot
 * be offered; nothing stays open then
 */
export async function openSession(
  settings: ServerSettings,
  link: (logger: Logger) => Promise<Link>,
  context: ComponentContext,
): Promise<ToolSourceSession> {
  const { signal, clock = systemClock, logger = createConsoleLogger() } = context;
  signal?.throwIfAborted();
  const session = new MCPSession({ settings, link: () => link(logger), signal, clock, logger });
  const close = (): Promise<void> => session.close();
  try {
    const listed = await session.start();
    const tools = toolsOf(settings, listed, (name, input, abort) =>
      session.call(name, input, abort),
    );
    return { tools, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
