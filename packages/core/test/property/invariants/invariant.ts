import type { PlayedConversation } from '../played-conversation.ts';

/** What must be true of every conversation: tells in words what is not. */
export type Invariant<Facts extends keyof PlayedConversation = keyof PlayedConversation> = (
  conversation: Pick<PlayedConversation, Facts>,
) => string[];

/** One line for each figure that is not what it has to be. */
export function differences(
  what: string,
  actual: Readonly<Record<string, number>>,
  expected: Readonly<Record<string, number>>,
): string[] {
  return Object.keys({ ...actual, ...expected }).flatMap((key) => {
    const [is, shall] = [actual[key] ?? 0, expected[key] ?? 0];
    // Audio is counted in fractions of milliseconds, which do not add up to the last digit.
    return Math.abs(is - shall) < 1e-6 * Math.max(1, shall)
      ? []
      : [`${what} ${key}: ${is} instead of ${shall}`];
  });
}

/** How many there are of each. */
export function tally(keys: Iterable<string | undefined>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const key of keys) if (key !== undefined) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}

/** The series of one metric, by the labels that they have. */
export function seriesOf(
  { series }: Pick<PlayedConversation, 'series'>,
  metric: string,
): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const [id, value] of series) {
    const [name = '', ...labels] = id.split(' ');
    if (name === metric) found[labels.join(' ')] = value;
  }
  return found;
}
