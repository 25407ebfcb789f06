import type { Tool as ServerTool } from '@modelcontextprotocol/sdk/types.js';
import type { Tool, ToolContext, Tools } from '@vision-agents/core';
import { ConfigurationError } from '@vision-agents/core';

import type { ServerSettings } from './mcp-options.ts';
import { argumentsOf, modelNameOf } from './mcp-wire.ts';

/** More than this, some providers refuse; each is a value of the `tool_name` label, too. */
const MAX_TOOLS = 128;

/** Has the server run a tool, by the server's own name of it. */
export type RunTool = (
  name: string,
  input: Record<string, unknown>,
  signal: AbortSignal,
) => Promise<unknown>;

/**
 * The tools of a server as the model knows them.
 * @throws ConfigurationError when `toolNames` asks for one that there is not, when they are too many,
 * or when two get the same name
 */
export function toolsOf(
  settings: ServerSettings,
  listed: readonly ServerTool[],
  run: RunTool,
): Tools {
  const found = new Map<string, Tool>();
  const serverNames = new Map<string, string>();
  for (const serverTool of chosen(settings, listed)) {
    const name = modelNameOf(settings.namePrefix, serverTool.name);
    const other = serverNames.get(name);
    if (other !== undefined) {
      const clash = `"${other}" and "${serverTool.name}", which are both "${name}" to the model`;
      throw refusal(settings, `has the tools ${clash}; choose one of them in \`toolNames\``);
    }
    serverNames.set(name, serverTool.name);
    found.set(name, toolOf(settings, serverTool, run));
  }
  return Object.fromEntries(found);
}

function chosen(settings: ServerSettings, listed: readonly ServerTool[]): readonly ServerTool[] {
  // Those that only run as tasks, which are to be asked for their result again and again.
  const callable = listed.filter(({ execution }) => execution?.taskSupport !== 'required');
  const { toolNames } = settings;
  const missing = toolNames?.find((wanted) => !callable.some(({ name }) => name === wanted));
  if (missing !== undefined) {
    throw refusal(settings, `has no tool "${missing}", which \`toolNames\` asks for`);
  }
  const tools = toolNames ? callable.filter(({ name }) => toolNames.includes(name)) : callable;
  if (tools.length > MAX_TOOLS) {
    const message = `has ${tools.length} tools; choose at most ${MAX_TOOLS} in \`toolNames\``;
    throw refusal(settings, message);
  }
  return tools;
}

function toolOf(settings: ServerSettings, serverTool: ServerTool, run: RunTool): Tool {
  const { name, title, description, inputSchema, annotations } = serverTool;
  return {
    description: description ?? title ?? name,
    inputSchema,
    timeoutMs: settings.callTimeoutMs,
    readOnly: annotations?.readOnlyHint === true,
    run: async (input: unknown, { signal }: ToolContext) => run(name, argumentsOf(input), signal),
  };
}

function refusal({ name }: ServerSettings, problem: string): ConfigurationError {
  return new ConfigurationError('toolNames', `the MCP server "${name}" ${problem}`);
}
