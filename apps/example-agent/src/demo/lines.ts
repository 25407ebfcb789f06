const LINES = [
  'what can you do for me?',
  'what is the weather in Paris?',
  'tell me a short story.',
  'how do I reset my phone?',
  'what is the weather in Rome?',
  'that helps, thank you.',
  'do you speak French?',
];

/** What a simulated caller says, a different mixture for each call. */
export function linesOfCall(callIndex: number, turns: number): string[] {
  return Array.from(
    { length: turns },
    (_, turn) => LINES[(callIndex * 3 + turn) % LINES.length] ?? '',
  );
}
