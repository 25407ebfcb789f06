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
  | 'apologyStart' // the first frame left of words that take the place of an answer that failed
  | 'playoutStart'
  | 'playoutEnd'
  | 'interruptedAt';

/** When each moment was, on the call's clock, in milliseconds. What did not happen is absent. */
export type TurnMarks = Readonly<Partial<Record<TurnMark, number>>>;

/** How long a turn waited for others, added up. */
export interface TurnWaits {
  /** For the end of what the agent said and nobody was to cut off. */
  readonly queuedMs: number;
  /** For the language model before the first text: requests up to it, or whole ones that only asked for tools. */
  readonly llmMs: number;
  /** For tools before the first text. */
  readonly toolMs: number;
  /** For somebody who spoke when the first audio was ready to leave. */
  readonly heldMs: number;
}
