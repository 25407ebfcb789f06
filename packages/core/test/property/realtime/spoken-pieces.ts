import type { CallPlan } from '../conversation-plan.ts';
import type { UniqueWords } from '../unique-words.ts';
import type { AnswerPlan, ModelPlan } from './realtime-plan.ts';

export const SAMPLES_A_MS = 16;

/** Words that an answer tells. */
interface ToldWords {
  readonly text: string;
  readonly final: boolean;
}

/** What an answer sends at once. */
export type SpokenPiece =
  | { readonly type: 'calls'; readonly calls: readonly CallPlan[] }
  | {
      readonly type: 'audio';
      readonly samples: number;
      readonly before: readonly ToldWords[];
      readonly after: readonly ToldWords[];
    };

/** What an answer consists of, in order. */
export function spokenPieces(
  plan: AnswerPlan,
  model: ModelPlan,
  words: UniqueWords,
): readonly SpokenPiece[] {
  const sentences = plan.sentences.map((count) => words.sentence(count));
  const spoken = sentences.map((text) => sentencePieces(text, plan, model));
  if (plan.calls.length === 0) return spoken.flat();
  const calls = { type: 'calls' as const, calls: plan.calls };
  const [first = [], ...others] = spoken;
  return plan.callsAfterWords
    ? [...first, calls, ...others.flat()]
    : [calls, ...first, ...others.flat()];
}

function sentencePieces(text: string, plan: AnswerPlan, model: ModelPlan): SpokenPiece[] {
  const audioMs = Math.max(40, text.length * model.msACharacter);
  const whole: ToldWords = { text, final: true };
  const pieces: SpokenPiece[] = [];
  for (let sentMs = 0; sentMs < audioMs; sentMs += plan.chunkMs) {
    const lengthMs = Math.min(plan.chunkMs, audioMs - sentMs);
    const isLast = sentMs + plan.chunkMs >= audioMs;
    const before: ToldWords[] = [];
    if (plan.transcripts === 'ahead' && sentMs === 0) before.push(whole);
    if (plan.transcripts === 'along') {
      before.push({ text: firstWords(text, (sentMs + lengthMs) / audioMs), final: false });
    }
    const after = plan.transcripts !== 'ahead' && isLast ? [whole] : [];
    const isTold = model.transcribes;
    pieces.push({
      type: 'audio',
      samples: lengthMs * SAMPLES_A_MS,
      before: isTold ? before : [],
      after: isTold ? after : [],
    });
  }
  return pieces;
}

function firstWords(text: string, share: number): string {
  const words = text.split(' ');
  return words.slice(0, Math.max(1, Math.floor(words.length * share))).join(' ');
}
