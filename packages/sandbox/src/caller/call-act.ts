/** Words that the agent is to answer, once its answer to the act before was heard out. */
interface Say {
  type: 'say';
  text: string;
}

/** The same with a pause in it that is too long for a comma and too short for the end of a turn. */
interface Hesitate {
  type: 'hesitate';
  text: string;
  /** End of `text` → beginning of `rest`. */
  pauseMs: number;
  rest: string;
}

/** Words into the answer to the act before, or into the silence before it. The agent is to give way and to answer them. */
interface Interrupt {
  type: 'interrupt';
  text: string;
  /** What the agent is doing: it has not begun to answer, or it is answering. */
  phase: 'thinking' | 'speaking';
  /** Thinking: from the end of the caller's words; speaking: from the first frame of the answer. */
  afterMs: number;
}

/** A sign that one is listening, while the agent answers the act before. It is to go on. */
interface BackChannel {
  type: 'back-channel';
  text: string;
  /** From the first frame of the answer. */
  afterMs: number;
}

/** Leaves in the middle of the answer to the act before. */
interface HangUp {
  type: 'hang-up';
  /** From the first frame of the answer. */
  afterMs: number;
}

/** Words after whose answer the agent is to hang up. */
interface Farewell {
  type: 'farewell';
  text: string;
}

/** One thing that a caller does in a call. */
export type CallAct = Say | Hesitate | Interrupt | BackChannel | HangUp | Farewell;

/** Acts that the agent is to answer: each is a turn. */
export type TurnAct = Say | Hesitate | Interrupt | Farewell;

/** Reads a script. A plain text is said. Throws where an act has no answer before it that it could be done to. */
export function actsOf(script: readonly (string | CallAct)[]): readonly CallAct[] {
  const acts = script.map((line): CallAct =>
    typeof line === 'string' ? { type: 'say', text: line } : line,
  );
  const [first] = acts;
  if (first !== undefined && !beginsInSilence(first)) {
    throw new RangeError(`A script cannot begin with ${first.type}: nothing was said before.`);
  }
  return acts;
}

/** Whether the answer before is heard out first. */
export function beginsInSilence({ type }: CallAct): boolean {
  return type === 'say' || type === 'hesitate' || type === 'farewell';
}
