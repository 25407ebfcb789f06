/** The most characters of a tool's output that the model gets. */
const MAX_OUTPUT_LENGTH = 60_000;

/**
 * What a tool returned, as text for the model: a string as it is, anything else as JSON. What is too
 * long is cut, and says so.
 * @throws TypeError when it is no JSON
 */
export function outputText(output: unknown): string {
  return bounded(typeof output === 'string' ? output : (JSON.stringify(output) ?? 'done'));
}

/** Why a tool failed, as text for the model. */
export function errorText(error: unknown): string {
  const message = error instanceof Error ? error.message : 'it failed';
  return JSON.stringify({ error: bounded(message) });
}

function bounded(text: string): string {
  if (text.length <= MAX_OUTPUT_LENGTH) return text;
  // Not between the two halves of a character: half of one is no text, and providers refuse it.
  const kept = text.slice(0, MAX_OUTPUT_LENGTH).replace(/[\uD800-\uDBFF]$/, '');
  return `${kept}\n[cut off after ${kept.length} of ${text.length} characters]`;
}
