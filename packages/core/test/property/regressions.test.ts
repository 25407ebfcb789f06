import { expect, test } from 'vitest';

import { startTelemetry } from '../metrics/telemetry.ts';
import type {
  AgentPlan,
  ConversationPlan,
  RoundPlan,
  Step,
  VoicePlan,
} from './conversation-plan.ts';
import { problemsOf } from './invariants/all.ts';
import { play } from './play.ts';

const AGENT: AgentPlan = {
  turnEnds: 'stt',
  speculation: true,
  interruption: { minSpeechMs: 200, minWords: 1, falseAlarmMs: 2000 },
  crossTalk: 'open',
  apologises: true,
  fillerAfterMs: undefined,
  maxToolRounds: 5,
  unfinishedDelayMs: 700,
  brokenPart: undefined,
};

const ROUND: RoundPlan = {
  firstAfterMs: 10,
  everyMs: 1,
  sentences: [2],
  calls: [],
  usage: 'last',
  end: 'stop',
  failsAfter: 0,
};

const VOICE: VoicePlan = {
  firstAfterMs: 10,
  everyMs: 1,
  chunkMs: 100,
  msACharacter: 17,
  end: 'complete',
  failsAfter: 0,
};

/** Ann asks something. */
const QUESTION: readonly Step[] = [
  { type: 'speech-start', who: 0 },
  { type: 'wait', ms: 300 },
  { type: 'words', who: 0, final: true, kind: 'new', count: 3, endsSentence: true },
  { type: 'turn-end', who: 0, eager: false },
  { type: 'wait', ms: 3000 },
];

/** Conversations that random ones were shrunk to, each of which found a mistake. */
const FOUND: readonly (Partial<Omit<ConversationPlan, 'agent'>> & {
  readonly name: string;
  readonly agent?: Partial<AgentPlan>;
})[] = [
  {
    name: 'what waits behind a sentence that failed is not heard, however long the apology is',
    steps: QUESTION,
    rounds: [{ ...ROUND, sentences: [1, 1] }, ROUND],
    voices: [{ ...VOICE, chunkMs: 20, end: 'odd' }, VOICE, VOICE],
  },
  {
    name: 'no more is heard of a sentence that broke off while the apology plays',
    steps: [
      { type: 'say', words: 1, interruptible: false },
      { type: 'wait', ms: 5000 },
    ],
    voices: [{ ...VOICE, chunkMs: 15, end: 'error', failsAfter: 1 }, VOICE, VOICE],
  },
  {
    name: 'what an answer said before it asked for a tool is not heard when the voice fails',
    steps: QUESTION,
    rounds: [{ ...ROUND, calls: [{ tool: 'look', input: 0 }] }, ROUND],
    voices: [{ ...VOICE, end: 'stall' }, VOICE],
    agent: { apologises: false },
  },
  {
    name: 'half a sample at the end of an answer is no audio',
    steps: QUESTION,
    voices: [{ ...VOICE, end: 'odd' }, VOICE],
  },
  {
    name: 'a draft does not outlive the connection on which its turn was heard',
    steps: [
      { type: 'speech-start', who: 0 },
      { type: 'wait', ms: 300 },
      { type: 'words', who: 0, final: true, kind: 'new', count: 3, endsSentence: true },
      { type: 'turn-end', who: 0, eager: true },
      { type: 'wait', ms: 100 },
      { type: 'connection-lost', who: 0 },
    ],
  },
  {
    name: 'a turn whose last words never become certain is answered all the same',
    agent: { turnEnds: 'detector' },
    steps: [
      { type: 'speech-start', who: 0 },
      { type: 'words', who: 0, final: false, kind: 'new', count: 1, endsSentence: false },
      { type: 'turn-end', who: 0, eager: true },
      { type: 'words', who: 0, final: true, kind: 'changed', count: 1, endsSentence: true },
      { type: 'turn-end', who: 0, eager: false },
      { type: 'words', who: 0, final: false, kind: 'new', count: 1, endsSentence: false },
    ],
  },
];

test.each(FOUND)('$name', async ({ agent, ...found }) => {
  const plan: ConversationPlan = {
    steps: [],
    ending: 'silence',
    rounds: [ROUND],
    voices: [VOICE],
    openings: [{ delayMs: 0, fails: false }],
    runs: [{ takesMs: 100, end: 'done' }],
    ...found,
    agent: { ...AGENT, ...agent },
  };
  expect(problemsOf(await play(plan, startTelemetry()))).toEqual([]);
});
