import type { AudioFrame } from '../audio/audio-frame.ts';
import type { ProviderError } from '../errors/provider-error.ts';
import type { ToolCall } from '../llm/llm-events.ts';
import type { RealtimeUsage } from './realtime-usage.ts';

/** How a model's answer ended. */
export type RealtimeOutcome = 'completed' | 'interrupted' | 'error';

interface Transcript {
  readonly text: string;
  /** True for the whole utterance, once; false for what is known of it so far. */
  readonly final: boolean;
}

/**
 * What a plugin reports of a speech-to-speech model. Offsets are milliseconds of the audio sent on
 * this connection; one that the provider does not tell is left out, never guessed.
 */
export type RealtimeFact =
  | { readonly type: 'user-speech-start'; readonly offsetMs?: number | undefined }
  | { readonly type: 'user-speech-end'; readonly offsetMs?: number | undefined }
  | ({ readonly type: 'user-transcript' } & Transcript)
  | ({ readonly type: 'agent-transcript' } & Transcript)
  /** 16-bit little-endian mono PCM, in chunks of any size. */
  | { readonly type: 'audio'; readonly bytes: Uint8Array }
  | { readonly type: 'tool-call'; readonly call: ToolCall }
  | { readonly type: 'tool-cancelled'; readonly callIds: readonly string[] }
  /** Tokens since the last report. */
  | { readonly type: 'usage'; readonly usage: RealtimeUsage }
  /** The answer is over: one that asked for tools with what it made of their results, not before. */
  | { readonly type: 'response-end'; readonly outcome: RealtimeOutcome }
  | { readonly type: 'error'; readonly error: ProviderError };

interface SpeechBoundary {
  readonly atMs: number;
  /** When it was heard; undefined where the provider does not tell. */
  readonly heardAtMs: number | undefined;
}

/** What happened in a session. Times are on the context's clock, in milliseconds. */
export type RealtimeEvent =
  | (SpeechBoundary & { readonly type: 'user-speech-start' })
  | (SpeechBoundary & { readonly type: 'user-speech-end' })
  | { readonly type: 'audio'; readonly atMs: number; readonly frame: AudioFrame }
  | (Exclude<RealtimeFact, { type: 'user-speech-start' | 'user-speech-end' | 'audio' }> & {
      readonly atMs: number;
    });
