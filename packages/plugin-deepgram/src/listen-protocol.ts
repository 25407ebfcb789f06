import type { STTFact } from '@vision-agents/core';

import type { ControlMessage } from './deepgram-wire.ts';

/** What a message says: facts, with offsets in the audio that Deepgram got, or something else. */
export type ListenReading =
  | { readonly type: 'facts'; readonly facts: readonly STTFact[] }
  | ControlMessage;

/** What the messages of one connection mean, in their order. */
export interface ListenProtocol {
  /** Reads the next message, which was JSON, or is undefined where it was not. */
  read(message: unknown): ListenReading;
  /** The last words of a stream that was closed in the middle of a turn. */
  unfinished(): readonly STTFact[];
}
