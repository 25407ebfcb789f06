import type { Socket } from 'node:net';

import { refuseUpgrade, type Routed } from '../loopback-server.ts';

/** Answers an upgrade, with a socket or a refusal. */
export type Upgrade = (routed: Routed, socket: Socket, head: Buffer) => void;

/** An HTTP status, and how ElevenLabs names and words it. */
export type Refusal = readonly [status: number, code: string, message: string];

/** What an upgrade is refused with by `handshake-` faults. */
export const refusals = {
  401: [401, 'invalid_api_key', 'Invalid API key'],
  403: [403, 'missing_permissions', 'The API key may not do this.'],
  429: [429, 'too_many_concurrent_requests', 'Too many concurrent requests.'],
  500: [500, 'internal_error', 'An internal error occurred.'],
} as const;

/** Refuses an upgrade as ElevenLabs does. */
export function refuse(socket: Socket, [status, code, message]: Refusal): void {
  refuseUpgrade(socket, status, {}, { detail: { status: code, message } });
}
