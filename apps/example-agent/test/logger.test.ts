import type { Logger } from '@vision-agents/core';
import { ProviderError, setLogLevel } from '@vision-agents/core';
import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';

import { createLogger } from '../src/logger.ts';
import { entryIn } from './log-entry.ts';

afterEach(() => setLogLevel('info'));

function lines(): { readonly written: string[]; readonly write: (line: string) => void } {
  const written: string[] = [];
  return { written, write: (line) => written.push(line) };
}

it("is pino as it is: core's logger wants no more", () => {
  const stream = lines();
  const logger: Logger = pino({}, stream);
  logger.child?.({ call_id: '42' }).info({ outcome: 'completed' }, 'turn ended');
  expect(JSON.parse(stream.written[0] ?? '')).toMatchObject({
    call_id: '42',
    outcome: 'completed',
    msg: 'turn ended',
  });
});

it('writes no header or key that hangs on an error, nor what others wrote into messages', () => {
  const stream = lines();
  const cause = Object.assign(new Error('the key sk-123 is wrong'), { headers: 'sk-123' });
  const error = new ProviderError({
    provider: 'gemini',
    type: 'authentication',
    code: '401',
    message: 'the request was refused with HTTP status 401',
    cause,
  });
  createLogger(stream).error({ error: Object.assign(error, { headers: 'sk-123' }) }, 'refused');
  expect(entryIn(stream.written[0] ?? '')).toMatchObject({
    level: 'error',
    msg: 'refused',
    error: {
      name: 'ProviderError',
      code: 'provider_authentication',
      message: 'gemini: the request was refused with HTTP status 401',
      cause: { name: 'Error' },
    },
  });
  expect(stream.written.join('')).not.toContain('sk-123');
});

it('is as talkative as the command line says', () => {
  setLogLevel('warn');
  const stream = lines();
  const logger = createLogger(stream);
  logger.info({}, 'quiet');
  logger.warn({}, 'loud');
  expect(stream.written.map((line) => entryIn(line).msg)).toEqual(['loud']);
});
