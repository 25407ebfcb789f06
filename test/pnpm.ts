import { basename } from 'node:path';

import { runSuccessfully } from './child-process.ts';

/**
 * Runs pnpm: the one that runs these tests where there is one, else the one of the README.
 * Resolves with its output; rejects with all of it where it fails.
 */
export function pnpm(args: readonly string[], cwd: string, timeoutMs: number): Promise<string> {
  const options = { cwd, timeoutMs, env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' } };
  const running = process.env['npm_execpath'] ?? '';
  if (!basename(running).startsWith('pnpm')) {
    return runSuccessfully('npx', ['-y', 'pnpm@12', ...args], options);
  }
  // Before version 12 pnpm was a script.
  return /\.[cm]?js$/.test(running)
    ? runSuccessfully(process.execPath, [running, ...args], options)
    : runSuccessfully(running, args, options);
}
