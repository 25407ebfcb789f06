/** How often and when a fault strikes. */
export interface FaultSwitch {
  /**
   * The next so many requests, contexts or connections (for `empty-transcript`, `no-speech-final` and what Scribe
   * and OpenAI do to a transcript: turns; for `speak-`: texts). Left out: until cleared.
   */
  times?: number;
  /**
   * How far into the stream. Deepgram's listen, Scribe and OpenAI's transcription: ms of audio received on the connection
   * (default 0). The others: chunks already sent (default 1 for what happens in mid-stream, else 0). Means nothing for refusals.
   */
  after?: number;
}
