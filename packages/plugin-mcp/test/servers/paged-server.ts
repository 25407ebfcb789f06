import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

// A server that lists the tools that are its arguments, one a page, each with the same odd schemas.
const names = process.argv.slice(2);
const server = new Server({ name: 'paged', version: '1.0.0' }, { capabilities: { tools: {} } });
server.setRequestHandler(ListToolsRequestSchema, ({ params }) => {
  const page = Number(params?.cursor ?? 0);
  const [name = ''] = names.slice(page, page + 1);
  const tool = {
    name,
    inputSchema: { type: 'object' as const, 'x-odd': [1], properties: { a: { type: 'nonsense' } } },
    outputSchema: { type: 'object' as const, properties: { b: { type: 'nonsense' } } },
    ...(name === 'task' && { execution: { taskSupport: 'required' as const } }),
  };
  return { tools: [tool], ...(page + 1 < names.length && { nextCursor: String(page + 1) }) };
});
server.setRequestHandler(CallToolRequestSchema, ({ params }) => ({
  content: [{ type: 'text', text: `${params.name} was called` }],
}));
await server.connect(new StdioServerTransport());
