/** Tokens of a request. */
export interface Usage {
  input: number;
  /** Inside `input`. */
  cached: number;
  /** Reasoning included. */
  output: number;
  reasoning: number;
}

/** About four characters a token, as OpenAI's documentation has it. */
export function tokensOf(text: string): number {
  return Math.ceil(text.length / 4);
}

/** What a request costs: its prompt, of which a part is cached from the second message on, and what was made of it. */
export function usageOf(
  prompt: readonly unknown[],
  isFollowUp: boolean,
  made: readonly string[],
  reasoning: number,
): Usage {
  const input = tokensOf(JSON.stringify(prompt));
  return {
    input,
    cached: isFollowUp ? Math.floor(input / 4) : 0,
    output: reasoning + made.reduce((sum, text) => sum + tokensOf(text), 0),
    reasoning,
  };
}
