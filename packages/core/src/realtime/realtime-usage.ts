import type { LLMUsage } from '../llm/llm-events.ts';

/** What a token of a realtime model can stand for. */
export type Modality = 'text' | 'audio' | 'image';

/** Tokens by what they stand for; one that the provider does not tell is left out, never guessed. */
export type ModalityTokens = Readonly<Partial<Record<Modality, number>>>;

/**
 * Tokens of a realtime model. One of audio costs many times what one of text does, so providers tell
 * them apart. What they tell apart adds up to the total or to less, never to more.
 */
export interface RealtimeUsage extends LLMUsage {
  /** Of `inputTokens`, cached ones included. */
  readonly inputByModality?: ModalityTokens | undefined;
  /** Of `cachedInputTokens`. */
  readonly cachedInputByModality?: ModalityTokens | undefined;
  /** Of `outputTokens`. */
  readonly outputByModality?: ModalityTokens | undefined;
}

const MODALITIES: readonly Modality[] = ['text', 'audio', 'image'];

/**
 * What a provider tells of the modalities of `total` tokens, for plugins. A modality that is told more
 * than once is added up. What is not known or no count is left out; so is all of it where it comes to
 * more than the total, because then nobody knows what is meant.
 */
export function tokensByModality(
  told: Iterable<readonly [modality: unknown, tokens: unknown]>,
  total: number,
): ModalityTokens | undefined {
  const split: Partial<Record<Modality, number>> = {};
  for (const [name, tokens] of told) {
    const modality = MODALITIES.find((known) => known === name);
    if (modality && isCount(tokens)) split[modality] = (split[modality] ?? 0) + tokens;
  }
  const counts = Object.values(split);
  const isClear = counts.length > 0 && sum(counts) <= total;
  return isClear ? split : undefined;
}

function isCount(tokens: unknown): tokens is number {
  return typeof tokens === 'number' && tokens >= 0 && Number.isFinite(tokens);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((a, b) => a + b, 0);
}
