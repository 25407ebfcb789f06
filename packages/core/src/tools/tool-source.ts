import { ConfigurationError } from '../errors/configuration-error.ts';
import { createConsoleLogger } from '../logging/console-logger.ts';
import type { ComponentContext } from '../stream/component-context.ts';
import type { Tool, Tools } from './tool.ts';
import { checkToolNames } from './tool.ts';

/**
 * Something that brings tools into a call, such as a server that offers them. The object is
 * configuration and can serve any number of calls; what lives is the {@link ToolSourceSession} that it
 * opens, one for each call.
 */
export interface ToolSource {
  /** What people know it by: it stands in errors and in the log, never in a label. */
  readonly name: string;
  /** Whether a call does without its tools, with a warning, when it cannot be opened. */
  readonly optional: boolean;
  /**
   * Opens it within a bounded time. The session lives until it is closed or `context.signal` is
   * aborted.
   * @throws ProviderError when it cannot be reached or refuses; nothing stays open then
   */
  open(context: ComponentContext): Promise<ToolSourceSession>;
}

/** What a source of tools has opened for one call. */
export interface ToolSourceSession extends AsyncDisposable {
  /**
   * The same from the opening to the end: the model is told of them once, and their names are values
   * of the `tool_name` label, so there must be few and they must not depend on the call.
   */
  readonly tools: Tools;
  /** Idempotent, bounded in time, never throws. Calls at work fail. */
  close(): Promise<void>;
}

/** Tools, and what they are called in an error when their names clash. */
interface NamedTools {
  readonly name: string;
  readonly tools: Tools;
}

/**
 * The agent's own tools and those of its sources as one.
 * @throws ConfigurationError which names both where two have the same name, or the source with a name
 * that a provider would refuse
 */
export function mergeTools(own: Tools, sources: readonly NamedTools[]): Tools {
  const owners = new Map<string, string>();
  const merged = new Map<string, Tool>();
  for (const { name: owner, tools } of [{ name: 'the option `tools`', tools: own }, ...sources]) {
    for (const [name, tool] of Object.entries(tools)) {
      checkName(owner, name, tool);
      const other = owners.get(name);
      if (other !== undefined) {
        throw new ConfigurationError(
          'toolSources',
          `two tools have the name "${name}": one of ${other} and one of ${owner}`,
        );
      }
      owners.set(name, owner);
      merged.set(name, tool);
    }
  }
  return Object.fromEntries(merged);
}

/**
 * Opens sources side by side and puts their tools to the agent's own. Closing the result closes them
 * all. A source that is optional and fails is left out with a warning.
 * @throws what the first other source failed with, or ConfigurationError as {@link mergeTools};
 * nothing stays open then
 */
export async function openToolSources(
  own: Tools,
  sources: readonly ToolSource[],
  context: ComponentContext,
): Promise<ToolSourceSession> {
  const { signal, logger = createConsoleLogger() } = context;
  signal?.throwIfAborted();
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });

  const open = async (source: ToolSource): Promise<ToolSourceSession | undefined> => {
    try {
      return await source.open({ ...context, signal: controller.signal });
    } catch (error) {
      if (source.optional && !controller.signal.aborted) {
        const message = 'a source of tools cannot be opened; the call goes on without it';
        logger.warn({ source: source.name, error }, message);
        return undefined;
      }
      // The others need not go on: there will be no call.
      controller.abort(error);
      throw error;
    }
  };
  const results = await Promise.allSettled(sources.map(open));
  const opened = results.map((result) =>
    result.status === 'fulfilled' ? result.value : undefined,
  );

  let closing: Promise<unknown> | undefined;
  const close = async (): Promise<void> => {
    signal?.removeEventListener('abort', abort);
    closing ??= Promise.allSettled(opened.map(async (session) => session?.close()));
    await closing;
  };
  try {
    controller.signal.throwIfAborted();
    const named = sources.map(({ name }, index) => ({ name, tools: opened[index]?.tools ?? {} }));
    return { tools: mergeTools(own, named), close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** As {@link checkToolNames}, with the name of who brought the tool. */
function checkName(owner: string, name: string, tool: Tool): void {
  try {
    checkToolNames({ [name]: tool });
  } catch (error) {
    const message = `${owner} has a tool with the name "${name}"; a name has 1 to 64 letters, digits, _ or -`;
    throw new ConfigurationError('toolSources', message, { cause: error });
  }
}
