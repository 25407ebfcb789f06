export { HTTPServer } from './mcp-http-server.ts';
export type { HTTPServerOptions, StdioServerOptions } from './mcp-options.ts';
export { StdioServer } from './mcp-stdio-server.ts';
