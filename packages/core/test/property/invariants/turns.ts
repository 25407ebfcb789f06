import type { Invariant } from './invariant.ts';
import { differences, seriesOf, tally } from './invariant.ts';

/** Each turn is closed once, and what is counted of turns is what was told of them. */
export const turnsAreClosedOnce: Invariant = (conversation) => {
  const { turns, llm, seen, metrics } = conversation;
  const records = turns.map(({ record }) => record);
  const repeated = Object.entries(tally(records.map(({ id }) => id))).filter(([, n]) => n > 1);
  const ofUsers = records.filter(({ participant }) => participant !== undefined);
  const cutOffByUsers = turns.filter(({ during }) => during === 'conversation');
  const phases = cutOffByUsers.map(
    ({ record: { interruptedWhile: phase } }) => phase && `phase=${phase}`,
  );
  const drafts = llm.requests.filter(({ moment }) => moment.isSpeculation).length;
  const speculation = Object.values(seriesOf(conversation, 'agent.speculation'));
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
        drafts: speculation.reduce((a, b) => a + b, 0),
        'dead airs': metrics.agentDeadAir.total,
        'promises to the program that were kept': seen.settledPromises,
      },
      {
        drafts,
        'dead airs': seen.deadAir,
        'promises to the program that were kept': seen.promises,
      },
    ),
  ];
};

/** Where users may not interrupt, none of them does; a program that speaks and the end of the call still do. */
export const nobodyInterruptsUnasked: Invariant = ({ plan, turns }) =>
  plan.agent.interruption !== false
    ? []
    : turns
        .filter(({ during, record }) => during === 'conversation' && record.interruptedWhile)
        .map(({ record }) => `${record.id} was cut off while ${record.interruptedWhile}`);
