import type { Message } from '../../../../src/index.ts';
import { wordsOf } from '../../unique-words.ts';
import type { PlayedRealtime } from '../played-realtime.ts';
import { durationMs, heardTurns } from './heard-answers.ts';
import type { HeardTurn } from './heard-answers.ts';
import type { RealtimeInvariant } from './invariant.ts';

/** One character, and what core takes for rounding, in samples. */
const TOLERANCE = { characters: 1, samples: 16 };

/** The agent said what the callers heard, by the records of turns and by what a new session is told. */
export const saidIsWhatWasHeard: RealtimeInvariant = (conversation) => [
  ...heardTurns(conversation).flatMap((turn) => inRecord(conversation, turn)),
  ...conversation.turns
    .filter(({ record }) => record.marks.playoutStart === undefined && record.agentText !== '')
    .map(({ record }) => `${record.id} says "${record.agentText}", and nothing was heard`),
  ...inHistory(conversation),
  ...resumptions(conversation),
];

function inRecord({ model }: PlayedRealtime, { turn, heard }: HeardTurn): string[] {
  const { id, agentText, outcome } = turn.record;
  const answers = [...heard.keys()].flatMap((level) => model.answers[level - 1] ?? []);
  const text = answers
    .map((answer) => answer.allText)
    .join(' ')
    .trim();
  const said = wordsOf(agentText);
  const known = wordsOf(text);
  let count = 0;
  // Of each the beginning was heard.
  for (const { allText } of answers) {
    for (const word of wordsOf(allText)) {
      if (said[count] !== word) break;
      count += 1;
    }
  }
  if (count < said.length) {
    return [`${id} says "${agentText}" of "${text}"`];
  }
  const isWhole = answers.every(({ level, samples }) => heard.get(level) === samples);
  const isOver = answers.every(({ end }) => end === 'completed');
  if (isWhole && isOver && outcome === 'completed' && said.length < known.length) {
    return [`${id} says "${agentText}", and all of "${text}" was heard`];
  }
  const samples =
    [...heard.values()].reduce((a, b) => a + b, 0) + TOLERANCE.samples * answers.length;
  const possible =
    durationMs(samples) / model.plan.msACharacter + TOLERANCE.characters * answers.length;
  return agentText.length > possible + spaces(text)
    ? [`${id} says "${agentText}" after ${durationMs(samples)} ms`]
    : [];
}

/** Between sentences is a space that nobody speaks. */
function spaces(text: string): number {
  return text.split('. ').length - 1;
}

/** The last session is told every turn that was answered, in order, and what the program had answered. */
function inHistory({ model, turns, prompts }: PlayedRealtime): string[] {
  const opening = model.openings.at(-1);
  const messages = opening?.request.history;
  if (!opening || !messages) return [];
  const told = turns.slice(0, opening.turns).map(({ record }) => record);
  const problems: string[] = [];
  const spoken = textsOf(messages, 'assistant');
  const shallSpeak = told.map(({ agentText }) => agentText).filter((text) => text !== '');
  if (spoken.join('|') !== shallSpeak.join('|')) {
    problems.push(`turns say "${shallSpeak.join('|')}", messages "${spoken.join('|')}"`);
  }
  const cutOff = messages.flatMap((one) =>
    one.role === 'assistant' && one.interrupted ? [one.text] : [],
  );
  const shallBeCutOff = told
    .filter(({ outcome, agentText }) => outcome === 'interrupted' && agentText !== '')
    .map(({ agentText }) => agentText);
  if (cutOff.join('|') !== shallBeCutOff.join('|')) {
    problems.push(
      `"${cutOff.join('|')}" is marked as cut off instead of "${shallBeCutOff.join('|')}"`,
    );
  }
  const asked = told
    .filter(({ userText, marks }) => userText !== '' && marks.llmRequest !== undefined)
    .map(({ userText, participant }) => `${participant?.id}: ${userText}`);
  const wanted = prompts
    .slice(0, opening.prompts)
    .filter(({ how, record }) => how === 'prompt' && record !== undefined)
    .map(({ text }) => `undefined: ${text}`);
  const ofUsers = messages.flatMap((one) =>
    one.role === 'user' ? [`${one.participantId}: ${one.text}`] : [],
  );
  const expected = [...asked, ...wanted];
  if (ofUsers.toSorted().join('|') !== expected.toSorted().join('|')) {
    problems.push(`users said "${ofUsers.join('|')}" instead of "${expected.join('|')}"`);
  }
  return problems;
}

function textsOf(messages: readonly Message[], role: 'assistant'): string[] {
  return messages.flatMap((message) => (message.role === role ? [message.text] : []));
}

/** A session goes on with what the one before left, until that is refused. */
function resumptions({ model }: PlayedRealtime): string[] {
  let left: string | undefined;
  let sessions = 0;
  return model.openings.flatMap(({ request, end }, index) => {
    const is = request.resumption;
    const problems =
      is === left ? [] : [`attempt ${index + 1} goes on with ${is} instead of ${left}`];
    if (end === 'refused') left = undefined;
    if (end !== 'open') return problems;
    left = model.sessions[sessions]?.resumption;
    sessions += 1;
    return problems;
  });
}
