import type { Message } from '../../../src/index.ts';
import type { ServedRequest } from '../generative-llm.ts';
import type { ServedSpeech } from '../generative-tts.ts';
import type { PlayedConversation } from '../played-conversation.ts';
import { wordsOf } from '../unique-words.ts';
import type { Invariant } from './invariant.ts';
import { tally } from './invariant.ts';

/** What lacks less than this, a millisecond in samples, counts as heard. */
const ROUNDING = 16;

type AssistantMessage = Extract<Message, { role: 'assistant' }>;

/** The conversation has what the callers heard, and nothing else; it says so where they cut it off. */
export const conversationIsWhatWasHeard: Invariant = (conversation) => {
  const { llm, hasFinalRequest } = conversation;
  const left = new SamplesLeft(conversation);
  const early = llm.requests.flatMap((request, index) => {
    const heard = left.upTo(request.moment.frames);
    const claimed = tally(saidBefore(request).flatMap(({ text }) => wordsOf(text)));
    const possible = wordsHeard(conversation, heard, 'at most');
    return Object.entries(claimed)
      .filter(([word, count]) => count > (possible[word] ?? 0))
      .map(([word]) => `request ${index + 1} claims "${word}", which was not heard yet`);
  });
  return hasFinalRequest ? [...early, ...inTheEnd(conversation)] : early;
};

/** What the agent said before the answer that goes on, in which nothing is certain yet. */
function saidBefore({ messages }: ServedRequest): AssistantMessage[] {
  const isInAnswer = messages.at(-1)?.role === 'tool';
  const end = isInAnswer ? messages.findLastIndex(({ role }) => role === 'user') : messages.length;
  return messages.slice(0, end).flatMap((one) => (one.role === 'assistant' ? [one] : []));
}

function inTheEnd(conversation: PlayedConversation): string[] {
  const { llm, turns } = conversation;
  const last = llm.requests.at(-1);
  if (!last) return [];
  const said = saidBefore(last);
  const heard = new SamplesLeft(conversation).upTo(last.moment.frames);
  const certain = wordsHeard(conversation, heard, 'at least');
  const claimed = tally(said.flatMap(({ text }) => wordsOf(text)));
  const lost = Object.entries(certain)
    .filter(([word, count]) => count > (claimed[word] ?? 0))
    .map(([word]) => `"${word}" was heard and is not in the conversation`);

  const ofTurns = turns
    .filter(({ frames }) => frames <= last.moment.frames)
    .map(({ record }) => ({ record, words: wordsOf(record.agentText) }));
  const inOrder = ofTurns.flatMap(({ words }) => words).join(' ');
  const spoken = said.flatMap(({ text }) => wordsOf(text)).join(' ');
  const told = inOrder.startsWith(spoken) ? [] : [`turns say "${inOrder}", messages "${spoken}"`];
  return [...lost, ...told, ...marks(conversation, said, heard)];
}

/** What is marked as cut off belongs to a turn that was; what is not was heard to the end of a sentence. */
function marks(
  { turns, tts }: PlayedConversation,
  said: readonly AssistantMessage[],
  heard: ReadonlyMap<number, number>,
): string[] {
  const outcomes = new Map(
    turns.flatMap(({ record }) =>
      wordsOf(record.agentText).map((word) => [word, record.outcome] as const),
    ),
  );
  const ends = new Set(tts.speeches.map(({ text }) => wordsOf(text).at(-1)));
  const unfinished = new Set(
    tts.speeches
      .filter(({ level, plannedSamples }) => (heard.get(level) ?? 0) < plannedSamples - ROUNDING)
      .flatMap(({ text }) => wordsOf(text)),
  );
  return said.flatMap(({ text, interrupted }) => {
    const lastWord = wordsOf(text).findLast((word) => !word.startsWith('z'));
    if (lastWord === undefined) return [];
    const outcome = outcomes.get(lastWord);
    if (interrupted && outcome !== 'interrupted') {
      return [`"${text}" is marked as cut off, and its turn ${outcome ?? 'is not there'}`];
    }
    const isCut = unfinished.has(lastWord) || !ends.has(lastWord);
    return !interrupted && isCut && outcome !== 'error'
      ? [`"${text}" was cut off and is not marked so`]
      : [];
  });
}

/** How often each word of the agent has left for the callers, at most or at least. */
function wordsHeard(
  { tts }: PlayedConversation,
  heard: ReadonlyMap<number, number>,
  bound: 'at most' | 'at least',
): Record<string, number> {
  return tally(tts.speeches.flatMap((speech) => wordsLeft(speech, heard, bound)));
}

function wordsLeft(
  speech: ServedSpeech,
  heard: ReadonlyMap<number, number>,
  bound: 'at most' | 'at least',
): string[] {
  const { text, level, plannedSamples, outcome } = speech;
  // How long it would have become is a guess of the agent, on the safe side.
  if (bound === 'at least' && outcome !== 'completed') return [];
  const share = (heard.get(level) ?? 0) / plannedSamples;
  // One character, and what the agent takes for rounding.
  const tolerance = bound === 'at most' ? 1 + (text.length * ROUNDING) / plannedSamples : -1;
  const reached = share === 0 ? 0 : text.length * share + tolerance;
  const words = [...text.matchAll(/[a-zA-Z]+/g)];
  return words
    .filter(({ index, 0: word }) => index + word.length <= reached)
    .map(([word]) => word.toLowerCase());
}

/** How many samples of each sentence had left when so many frames had. */
class SamplesLeft {
  readonly #frames: PlayedConversation['frames'];

  constructor({ frames }: PlayedConversation) {
    this.#frames = frames;
  }

  upTo(frameCount: number): ReadonlyMap<number, number> {
    const left = new Map<number, number>();
    for (const { samples } of this.#frames.slice(0, frameCount)) {
      let from = 0;
      while (from < samples.length) {
        const level = samples[from] ?? 0;
        // Most frames are of one sentence throughout.
        let to = samples.at(-1) === level && from === 0 ? samples.length : from + 1;
        while (to < samples.length && samples[to] === level) to += 1;
        left.set(level, (left.get(level) ?? 0) + to - from);
        from = to;
      }
    }
    return left;
  }
}
