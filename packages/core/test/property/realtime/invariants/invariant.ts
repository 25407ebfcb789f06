import type { PlayedRealtime } from '../played-realtime.ts';

/** What must be true of every conversation with a realtime model: tells in words what is not. */
export type RealtimeInvariant = (conversation: PlayedRealtime) => string[];
