import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';

// A server that has something else to offer than tools.
await new McpServer({ name: 'none', version: '1.0.0' }).connect(new StdioServerTransport());
