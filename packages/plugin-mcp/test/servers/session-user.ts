import { fileURLToPath } from 'node:url';

import { HTTPServer, StdioServer } from '../../src/index.ts';

// Uses both kinds of servers once, closes them, and has nothing else to do. The argument is a URL.
const [, , url = ''] = process.argv;
const script = fileURLToPath(new URL('stdio-server.ts', import.meta.url));
const sources = [
  new HTTPServer({ url }),
  new StdioServer({ command: process.execPath, args: [script] }),
];
const sessions = await Promise.all(sources.map((source) => source.open()));
const { signal } = new AbortController();
const answers = await Promise.all(
  sessions.map(async ({ tools }) => tools['echo']?.run({ words: 'hello' }, { signal })),
);
await Promise.all(sessions.map((session) => session.close()));
console.log(answers.join(' '));
