import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';

import { sendJson } from '../loopback-server.ts';
import { quoting } from '../quotation.ts';

/** An answer of 400 or more. */
export interface Refusal {
  status: number;
  type: string;
  code: string | null;
  message: string;
}

const invalid = 'invalid_request_error';

/** The faults that refuse a request. */
export type RefusalFault = `status-${400 | 401 | 403 | 404 | 429 | 500 | 503}` | 'quota';

/** What refuses a request, by fault, for speech with `speech-` before it. */
export const refusals: Readonly<Record<RefusalFault, Refusal>> = {
  'status-400': { status: 400, type: invalid, code: null, message: 'Invalid request.' },
  'status-401': {
    status: 401,
    type: invalid,
    code: 'invalid_api_key',
    message: 'Incorrect API key.',
  },
  'status-403': { status: 403, type: invalid, code: null, message: 'Missing scopes.' },
  'status-404': { status: 404, type: invalid, code: 'model_not_found', message: 'No such model.' },
  'status-429': {
    status: 429,
    type: 'tokens',
    code: 'rate_limit_exceeded',
    message: 'Rate limit reached.',
  },
  quota: {
    status: 429,
    type: 'insufficient_quota',
    code: 'insufficient_quota',
    message: 'You exceeded your current quota.',
  },
  'status-500': {
    status: 500,
    type: 'server_error',
    code: null,
    message: 'The server had an error.',
  },
  'status-503': { status: 503, type: 'server_error', code: null, message: 'Overloaded.' },
};

/** A request that is not what the API documents. */
export function invalidRequest(message: string): Refusal {
  return { status: 400, type: invalid, code: null, message };
}

/** The headers of every answer. */
export function standardHeaders(): Record<string, string> {
  return { 'x-request-id': `req_${randomUUID()}`, 'openai-processing-ms': '1' };
}

/** Answers with a refusal. */
export function sendRefusal(
  response: ServerResponse,
  { status, type, code, message }: Refusal,
): void {
  const quoted = quoting(message, response.req);
  sendJson(
    response,
    status,
    { error: { message: quoted, type, param: null, code } },
    standardHeaders(),
  );
}
