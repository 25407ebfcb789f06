import type { RealtimeFact, TurnRecord } from '../../../../src/index.ts';
import { AgentError } from '../../../../src/index.ts';
import { differences, seriesOf, tally } from '../../invariants/invariant.ts';
import type { PlayedRealtime } from '../played-realtime.ts';
import type { ServedAnswer } from '../served-answer.ts';
import { heardTurns, wasHeard } from './heard-answers.ts';
import type { RealtimeInvariant } from './invariant.ts';

/** Each turn is closed once, with the outcome that it had, and counted so. */
export const turnsEndOnce: RealtimeInvariant = (conversation) => {
  const { turns, prompts, metrics, deadAir, utterances } = conversation;
  const records = turns.map(({ record }) => record);
  const repeated = Object.entries(tally(records.map(({ id }) => id))).filter(([, n]) => n > 1);
  const ofUsers = records.filter(({ participant }) => participant !== undefined);
  const cutOffByUsers = turns.filter(({ during }) => during === 'conversation');
  const phases = cutOffByUsers.map(
    ({ record: { interruptedWhile: phase } }) => phase && `phase=${phase}`,
  );
  return [
    ...repeated.map(([id, times]) => `${id} was closed ${times} times`),
    ...differences(
      'agent.turns',
      seriesOf(conversation, 'agent.turns'),
      tally(ofUsers.map(({ outcome }) => `outcome=${outcome}`)),
    ),
    ...differences(
      'agent.interruptions',
      seriesOf(conversation, 'agent.interruptions'),
      tally(phases),
    ),
    ...differences(
      'the call counted',
      {
        'dead airs': metrics.agentDeadAir.total,
        'promises to the program that were kept': prompts.filter((one) => one.isSettled).length,
        'interruption latencies': metrics.agentInterruptionLatencyMs.count,
      },
      {
        'dead airs': deadAir.length,
        'promises to the program that were kept': prompts.length,
        'interruption latencies': phases.filter((phase) => phase !== undefined).length,
      },
    ),
    ...(ofUsers.length > utterances.length && !wasSaidAgain(conversation)
      ? [`${ofUsers.length} turns of users, who said ${utterances.length} things`]
      : []),
    ...outcomesAreTrue(conversation),
    ...deadAirIsTrue(conversation),
  ];
};

/** Whether a session heard what was said to one before, of which it may make something else. */
function wasSaidAgain({ turns, model }: PlayedRealtime): boolean {
  const last = turns.findLast(({ record }) => record.participant !== undefined)?.atMs ?? 0;
  return model.lossesMs.some((lostMs) => lostMs <= last);
}

function outcomesAreTrue(conversation: PlayedRealtime): string[] {
  const { turns, prompts, model } = conversation;
  const uncut = new Set(
    prompts.filter(({ interruptible }) => !interruptible).map(({ record }) => record?.id),
  );
  const ends = new Map(
    heardTurns(conversation).map(({ turn, heard }) => {
      const last = model.answers[([...heard.keys()].at(-1) ?? 0) - 1];
      return [turn.record.id, last?.end] as const;
    }),
  );
  return turns.flatMap((turn) => {
    const { id, outcome, error, interruptedWhile } = turn.record;
    const problems: string[] = [];
    const isHeard = wasHeard(turn);
    const isCutOff = outcome === 'interrupted';
    if (outcome === 'completed' && !isHeard) problems.push(`${id} is complete, and was not heard`);
    if (outcome === 'no_response' && isHeard) problems.push(`${id} was heard, and is no response`);
    if ((outcome === 'error') !== (error !== undefined))
      problems.push(`${id}: ${outcome} by ${String(error)}`);
    if (isCutOff !== (interruptedWhile !== undefined))
      problems.push(`${id}: ${outcome} while ${interruptedWhile}`);
    if (isCutOff && (interruptedWhile === 'speaking') !== isHeard) {
      problems.push(
        `${id} was cut off while ${interruptedWhile}, and was ${isHeard ? '' : 'not '}heard`,
      );
    }
    if (isCutOff && turn.during === 'conversation') {
      if (uncut.has(id)) problems.push(`${id} must not be cut off`);
      const isAsked = model.facts.some(({ fact, atMs }) => atMs === turn.atMs && cutsOff(fact));
      if (!isAsked) problems.push(`${id} was cut off by nobody`);
    }
    if (isCutOff && turn.during === 'leaving') problems.push(`${id} was cut off by who left`);
    const end = ends.get(id);
    if (outcome === 'completed' && end !== 'completed' && end !== 'interrupted') {
      problems.push(`${id} is complete, and its answer ${end}`);
    }
    const answers = model.answers.slice(0, turn.answers);
    const hasFailed = answers.some(isForgotten(turn.record) ? isUntold : isFailure);
    if (outcome === 'error' && !hasFailed && model.lossesMs.length === 0) {
      problems.push(`${id} failed, and no answer did`);
    }
    return problems;
  });
}

function isFailure({ end }: ServedAnswer): boolean {
  return end === 'error' || end === 'lost';
}

/** Whether an answer failed because the model sent nothing more of it. */
export function isForgotten({ error }: TurnRecord): boolean {
  return error instanceof AgentError && error.code === 'response_timeout';
}

/** Whether the model told nobody that no more of an answer comes. */
function isUntold({ end, plan }: ServedAnswer): boolean {
  return plan.end === 'silent' || (end === 'unspoken' && !plan.interrupted.tellsUnbegun);
}

function cutsOff(fact: RealtimeFact): boolean {
  if (fact.type === 'response-end') return fact.outcome === 'interrupted';
  return fact.type === 'user-speech-start' || fact.type === 'user-speech-end';
}

function deadAirIsTrue({ turns, deadAir, plan, model }: PlayedRealtime): string[] {
  const { deadAirMs } = plan.agent;
  return turns.flatMap(({ record, atMs }) => {
    const { id, marks, userText, participant } = record;
    const told = deadAir.filter(({ turnId }) => turnId === id);
    const { committed = Infinity, transcriptFinal = Infinity, playoutStart = atMs } = marks;
    if (told.length > 1) return [`${id} was dead air ${told.length} times`];
    const [one] = told;
    // Who was not answered by a session that is lost goes on to wait, though the turn is open again.
    const isOpenAgain = model.lossesMs.some((lostMs) => lostMs <= atMs);
    const isEarly = one && !isOpenAgain && one.atMs - committed < deadAirMs;
    if (one && (isEarly || one.atMs > playoutStart)) {
      return [
        `${id} was dead air at ${one.atMs}, was ended at ${committed} and heard at ${playoutStart}`,
      ];
    }
    // Who waits for an answer waits since the turn was over, or since it had words.
    const waitsSinceMs = Math.max(committed, transcriptFinal);
    const isDue = participant && userText !== '' && playoutStart - waitsSinceMs > deadAirMs;
    return isDue && !one ? [`${id} waited in vain, and nobody was told`] : [];
  });
}
