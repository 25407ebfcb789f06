import type { ProviderError } from '../errors/provider-error.ts';

/**
 * What a plugin reports of its provider. Offsets are milliseconds of the audio sent on this
 * connection; one that the provider does not tell is left out, never guessed.
 */
export type STTFact =
  | { readonly type: 'speech-start'; readonly offsetMs?: number | undefined }
  | {
      readonly type: 'transcript';
      readonly text: string;
      readonly final: boolean;
      /** Where the first and the last word lie; wanted with final transcripts. */
      readonly speechStartMs?: number | undefined;
      readonly speechEndMs?: number | undefined;
      /**
       * With a final transcript: no words before this one are still to come. Wanted where they are final
       * in the middle of speech, so that its end is not known. @default `speechEndMs`
       */
      readonly settledMs?: number | undefined;
      /** BCP 47, as the provider detected it. */
      readonly language?: string | undefined;
    }
  | { readonly type: 'turn-end'; readonly eager: boolean }
  | { readonly type: 'turn-resumed' }
  /** Audio that the plugin sent of its own accord, such as silence that keeps a connection open. */
  | { readonly type: 'audio-added'; readonly durationMs: number }
  /** A failure that the connection outlives; one that it does not outlive is thrown. */
  | { readonly type: 'error'; readonly error: ProviderError };

/** What happened to one participant's speech. Times are on the context's clock, in milliseconds. */
export type STTEvent =
  | {
      readonly type: 'speech-start';
      readonly atMs: number;
      readonly startedAtMs: number | undefined;
    }
  | {
      readonly type: 'transcript';
      readonly atMs: number;
      /** Partial: all since the last final transcript. Final: will not change any more. */
      readonly text: string;
      readonly final: boolean;
      readonly speechStartedAtMs: number | undefined;
      readonly speechEndedAtMs: number | undefined;
      /** Final: what was said until then is in final transcripts; undefined where that is not known. */
      readonly settledAtMs: number | undefined;
      readonly language: string | undefined;
    }
  | {
      readonly type: 'turn-end';
      readonly atMs: number;
      readonly eager: boolean;
      readonly speechEndedAtMs: number | undefined;
    }
  | { readonly type: 'turn-resumed'; readonly atMs: number }
  | { readonly type: 'error'; readonly atMs: number; readonly error: ProviderError };
