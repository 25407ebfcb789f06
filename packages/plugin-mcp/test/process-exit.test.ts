import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

import { startHTTPServer } from './servers/http-server.ts';

test('a process that has closed its sessions ends by itself, with nothing open', async () => {
  const server = await startHTTPServer();
  onTestFinished(() => server.kill());
  const user = fileURLToPath(new URL('servers/session-user.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@vision-agents/source', user, server.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  expect({ exitCode: child.exitCode, output }).toEqual({ exitCode: 0, output: 'hello hello\n' });
});
