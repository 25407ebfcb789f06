import type { Caption, SessionEndReason } from '@vision-agents/core';

/** The path of the socket. */
export const SOCKET_PATH = '/call';
/** The longest message that a participant may send, in bytes; a longer one closes the socket with 1009. */
export const MAX_MESSAGE_BYTES: number = 1024 * 1024;

/** RFC 6455, section 7.4.1. */
export const CLOSE_NORMAL = 1000;
/** RFC 6455, section 7.4.1: "data that was not consistent with the type of the message". */
export const CLOSE_INVALID_DATA = 1007;

const MIN_RATE_HZ = 8000;
const MAX_RATE_HZ = 48_000;
const MAX_NAME_LENGTH = 100;

/** What a participant says of itself in the socket's address. */
export interface SocketQuery {
  /** The rate of the audio in both directions, in Hz. */
  readonly sampleRateHz: number;
  readonly name: string | undefined;
}

/** What a participant sends besides audio. */
export type ClientMessage = { readonly type: 'hangup' };

/** What a participant gets besides audio. */
export type ServerMessage =
  | ({ readonly type: 'caption' } & Caption)
  | { readonly type: 'flush' }
  | { readonly type: 'ended'; readonly reason: SessionEndReason };

/** The query of a socket's address; undefined when the rate is missing or out of range. */
export function parseSocketQuery(query: URLSearchParams): SocketQuery | undefined {
  const rate = query.get('rate') ?? '';
  const sampleRateHz = /^\d{4,5}$/.test(rate) ? Number(rate) : 0;
  if (sampleRateHz < MIN_RATE_HZ || sampleRateHz > MAX_RATE_HZ) return undefined;
  const name = query.get('name')?.trim().slice(0, MAX_NAME_LENGTH);
  return { sampleRateHz, name: name === '' ? undefined : name };
}

/** A text message of a participant; undefined for anything that is not known. */
export function parseClientMessage(text: string): ClientMessage | undefined {
  try {
    const message: unknown = JSON.parse(text);
    const isHangup =
      typeof message === 'object' &&
      message !== null &&
      'type' in message &&
      message.type === 'hangup';
    return isHangup ? { type: 'hangup' } : undefined;
  } catch {
    // Not JSON is as unknown as JSON of another kind.
    return undefined;
  }
}

/** The text message for a participant. */
export function encodeServerMessage(message: ServerMessage): string {
  return JSON.stringify(message);
}
