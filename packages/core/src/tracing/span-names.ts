/**
 * The names of the spans of a call. Requests to models and tools are called as the GenAI conventions
 * want it: `chat <model>`, `execute_tool <tool>`, `text_to_speech <model>`.
 */
export const SPAN_NAMES = {
  /** Join asked to left. */
  call: 'agent.call',
  /** One turn: the user's speech and the answer to it, or words that the program put in. */
  turn: 'agent.turn',
  /** The end of the user's speech to the turn being committed. */
  endpointing: 'agent.endpointing',
  /** An answer that was begun before the turn was over, until it was used or discarded. */
  speculation: 'agent.speculation',
  /** The first frame of the answer to the last. */
  playout: 'agent.playout',
} as const;
