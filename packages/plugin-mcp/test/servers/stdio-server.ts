import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';

import { createToolServer } from './tool-server.ts';

// More than a pipe holds: whoever does not read it stops the server.
process.stderr.write(`pid ${process.pid} key ${process.env['TEST_KEY']} ${'.'.repeat(200_000)}`);
const server = createToolServer({ slowBegun: 0, slowCancelled: 0 }, () => process.exit(1));
await server.connect(new StdioServerTransport());
