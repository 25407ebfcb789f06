import { isDeepStrictEqual } from 'node:util';

import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/sdk/types.js';

/** What providers allow at most in the name of a tool. */
const MAX_NAME_LENGTH = 64;

/**
 * The name under which the model knows a tool: the prefix and the server's own name, with `_` for what
 * providers do not take in a name, cut to 64 characters. It depends on nothing else, since it is a
 * label.
 */
export function modelNameOf(prefix: string, serverName: string): string {
  const name = `${prefix}${serverName}`.replaceAll(/[^A-Za-z0-9_-]/gu, '_');
  return (/^[A-Za-z_]/.test(name) ? name : `_${name}`).slice(0, MAX_NAME_LENGTH);
}

/**
 * The arguments that the model wrote, as MCP wants them. What is in them is for the server to check.
 * @throws TypeError which the model can mend
 */
export function argumentsOf(input: unknown): Record<string, unknown> {
  if (input === undefined || input === null) return {};
  if (typeof input !== 'object' || Array.isArray(input)) {
    throw new TypeError('bad input: must be an object');
  }
  return { ...input };
}

/**
 * A tool's result as text for the model, undefined where it is empty. Texts as they are; images, audio
 * and files as a word on what they are, never their bytes; structured content as JSON, unless the same
 * is there as text, as the specification advises servers to do.
 */
export function textOf({ content, structuredContent }: CallToolResult): string | undefined {
  const parts = content.map(textOfBlock);
  if (structuredContent && !parts.some((part) => isJsonOf(part, structuredContent))) {
    parts.push(JSON.stringify(structuredContent));
  }
  return parts.filter((part) => part !== '').join('\n') || undefined;
}

function textOfBlock(block: ContentBlock): string {
  switch (block.type) {
    case 'text':
      return block.text;
    case 'image':
    case 'audio':
      return `[${block.type}: ${block.mimeType}]`;
    case 'resource_link':
      return `[resource: ${block.uri}]`;
    case 'resource':
      if ('text' in block.resource) return block.resource.text;
      return `[resource: ${block.resource.mimeType ?? 'of an unknown type'}]`;
  }
}

function isJsonOf(text: string, value: unknown): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(text), value);
  } catch {
    // It is no JSON at all.
    return false;
  }
}
