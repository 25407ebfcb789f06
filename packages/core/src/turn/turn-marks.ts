/** The moments of a turn, in the order in which they usually come. */
export type TurnMark =
  | 'participantJoined'
  | 'speechStart'
  | 'speechEnd'
  | 'transcriptFinal'
  | 'endpointed'
  | 'committed'
  | 'llmRequest'
  | 'llmFirstToken'
  | 'toolStart'
  | 'fillerStart' // the first frame left of words that pass the time until the answer
  | 'toolEnd'
  | 'firstSentence'
  | 'ttsRequest'
  | 'ttsFirstAudio'
  | 'playoutStart'
  | 'playoutEnd'
  | 'interruptedAt';

/** When each moment was, on the call's clock, in milliseconds. What did not happen is absent. */
export type TurnMarks = Readonly<Partial<Record<TurnMark, number>>>;

/** How long a turn waited for others before its first text, added up over its rounds. */
export interface TurnWaits {
  /** For the language model: requests up to the first text, or whole ones that only asked for tools. */
  readonly llmMs: number;
  /** For tools. */
  readonly toolMs: number;
}
