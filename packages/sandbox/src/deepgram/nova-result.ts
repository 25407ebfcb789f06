import type { HeardWord } from '../voice/words.ts';

/** The changing part of a `Results` message. */
export interface NovaResult {
  startMs: number;
  endMs: number;
  words: readonly HeardWord[];
  isFinal: boolean;
  speechFinal: boolean;
  fromFinalize: boolean;
  languages?: readonly string[];
}

const seconds = (ms: number): number => Math.round(ms) / 1000;

/** The message on the wire, but for its metadata. */
export function resultsMessage(result: NovaResult): Record<string, unknown> {
  const { startMs, endMs, words, languages } = result;
  // Left out of the JSON where it is undefined.
  const language = languages?.[0];
  return {
    type: 'Results',
    channel_index: [0, 1],
    start: seconds(startMs),
    duration: seconds(endMs - startMs),
    is_final: result.isFinal,
    speech_final: result.speechFinal,
    from_finalize: result.fromFinalize,
    channel: {
      alternatives: [
        {
          transcript: words.map(({ word }) => word).join(' '),
          confidence: words.length === 0 ? 0 : 0.97,
          ...(languages === undefined ? {} : { languages }),
          words: words.map(({ word, startMs: fromMs, endMs: toMs }) => ({
            word: word.toLowerCase().replaceAll(/[.,?!]/g, ''),
            start: seconds(fromMs),
            end: seconds(toMs),
            confidence: 0.97,
            punctuated_word: word,
            language,
          })),
        },
      ],
    },
  };
}
