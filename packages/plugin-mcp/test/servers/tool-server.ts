import { once } from 'node:events';

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';

/** What happened in the servers of one process. */
export interface Doings {
  slowBegun: number;
  slowCancelled: number;
}

const text = (value: string): { content: { type: 'text'; text: string }[] } => ({
  content: [{ type: 'text', text: value }],
});

/**
 * A server with a tool for everything that a tool can do.
 * @param die ends the server in the middle of a call
 */
export function createToolServer(doings: Doings, die: () => void): McpServer {
  const server = new McpServer({ name: 'tools', version: '1.0.0' });
  const words = { description: 'Says it again.', inputSchema: { words: z.string() } };
  server.registerTool('echo', words, ({ words: said }) => text(said));
  server.registerTool(
    'add',
    {
      title: 'Adds two numbers',
      annotations: { readOnlyHint: true },
      inputSchema: { a: z.number(), b: z.number() },
      outputSchema: { sum: z.number() },
    },
    ({ a, b }) => ({ content: [], structuredContent: { sum: a + b } }),
  );
  server.registerTool('fail', {}, () => ({ ...text('there is no such city'), isError: true }));
  server.registerTool('throw', {}, () => {
    throw new Error('the database is on fire');
  });
  server.registerTool('slow', {}, async ({ signal }) => {
    doings.slowBegun += 1;
    await once(signal, 'abort');
    doings.slowCancelled += 1;
    return text('too late');
  });
  server.registerTool('doings', {}, () => text(JSON.stringify(doings)));
  server.registerTool('die', {}, () => {
    die();
    return new Promise<never>(() => undefined);
  });
  server.registerTool('big', { inputSchema: { length: z.number() } }, ({ length }) =>
    text('x'.repeat(length)),
  );
  server.registerTool('draw', {}, () => ({
    content: [
      { type: 'text', text: 'Here it is:' },
      { type: 'image', data: Buffer.from('no image').toString('base64'), mimeType: 'image/png' },
    ],
  }));
  server.registerTool('process', {}, () =>
    text(
      JSON.stringify({ pid: process.pid, env: Object.keys(process.env), folder: process.cwd() }),
    ),
  );
  return server;
}
