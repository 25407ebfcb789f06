import type { PlayedConversation, ToldTurn } from '../played-conversation.ts';
import { wordsOf } from '../unique-words.ts';
import type { Invariant } from './invariant.ts';
import { tally } from './invariant.ts';

/** No words of users are lost, and none come twice. */
export const userWordsAreKept: Invariant = (conversation) => [
  ...inTurns(conversation),
  ...inRequests(conversation),
  ...inTheEnd(conversation),
];

/** All final words that the agent took are in the record of one turn of who said them. */
function inTurns({ reported, turns, plan }: PlayedConversation): string[] {
  const ofTurns = tally(
    turns.flatMap(({ record: { userText, participant } }) =>
      wordsOf(userText).map((word) => `${participant?.id ?? 'nobody'}'s ${word}`),
    ),
  );
  const refused = reported.filter(({ isTaken }) => !isTaken);
  const isOpenToAll = plan.agent.crossTalk === 'open';
  const unheard = refused.map(({ text }) => `nobody was told of "${text}"`);
  const problems = reported
    .filter(({ isTaken, kind }) => isTaken && kind === 'words')
    .flatMap(({ who, text }) => wordsOf(text).map((word) => `${who}'s ${word}`))
    .flatMap((word) => {
      const count = ofTurns[word] ?? 0;
      return count === 1 ? [] : [`${word} is in ${count} turns`];
    });
  const doubled = Object.entries(ofTurns)
    .filter(([word, count]) => count > 1 && isUnique(word.split(' ').at(-1) ?? ''))
    .map(([word, count]) => `${word} is in ${count} turns, certain or not`);
  return isOpenToAll ? [...unheard, ...problems, ...doubled] : [...problems, ...doubled];
}

/** No request has a user's words twice. */
function inRequests({ llm }: PlayedConversation): string[] {
  return llm.requests.flatMap(({ messages }, index) => {
    const words = messages.flatMap((message) =>
      message.role === 'user' ? wordsOf(message.text).filter(isUnique) : [],
    );
    return Object.entries(tally(words))
      .filter(([, count]) => count > 1)
      .map(([word, count]) => `request ${index + 1} has "${word}" ${count} times`);
  });
}

/** At the end the model knows of every turn that wanted an answer, under the name of who said it. */
function inTheEnd(conversation: PlayedConversation): string[] {
  const { llm, turns, prompts, hasFinalRequest } = conversation;
  if (!hasFinalRequest) return [];
  const messages = llm.requests.at(-1)?.messages ?? [];
  const told = messages.flatMap((message) => (message.role === 'user' ? [message] : []));
  const count = (text: string, id: string | undefined): number =>
    told.filter((message) => message.text === text && message.participantId === id).length;
  const asked = turns
    .filter((turn) => turn.record.participant && wantsAnswer(turn, conversation))
    .map(({ record }) => ({ text: record.userText, id: record.participant?.id }));
  return [...asked, ...prompts.map((text) => ({ text, id: undefined }))]
    .filter(({ text, id }) => count(text, id) !== 1)
    .map(({ text, id }) => `in the end "${text}" is ${count(text, id)} times in the conversation`);
}

/** What was only to show that somebody listens, or was left in the middle, needs no answer. */
function wantsAnswer({ record, during }: ToldTurn, { plan }: PlayedConversation): boolean {
  const words = wordsOf(record.userText).filter(isUnique);
  if (words.length === 0 || during === 'leaving' || during === 'ending') return false;
  if (record.outcome !== 'no_response') return true;
  const { interruption } = plan.agent;
  return interruption === false || words.length >= interruption.minWords;
}

/** Back-channels are the same every time. */
function isUnique(word: string): boolean {
  return word.startsWith('q') || word.startsWith('v');
}
