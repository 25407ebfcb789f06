import { differences, seriesOf } from '../../invariants/invariant.ts';
import type { RealtimeInvariant } from './invariant.ts';

/** When a call is over, nothing is left of it but its figures; and it is over when no model is to be had. */
export const nothingIsLeft: RealtimeInvariant = (conversation) => {
  const { left, seen, hasJoined, metrics, plan, model } = conversation;
  const { endings } = seen;
  const ended = endings[0] ?? 'nothing';
  const planned = plan.ending === 'hang-up' ? 'hangup' : 'closed';
  const mayClose = plan.reactions.some(({ does }) => does === 'close');
  const possible = model.isGivenUp ? ['error'] : [planned];
  if (mayClose) possible.push('closed');
  const isWrong = hasJoined && !possible.includes(ended);
  return [
    ...differences('left over:', left, {}),
    ...differences('told of:', { ends: endings.length }, { ends: 1 }),
    ...(isWrong ? [`the call ended by ${ended} instead of ${possible.join(' or ')}`] : []),
    ...differences(
      'agent.sessions',
      seriesOf(conversation, 'agent.sessions'),
      hasJoined ? { [`reason=${ended}`]: 1 } : {},
    ),
    ...differences(
      'the gauge of',
      {
        calls: metrics.agentSessionsActive.total,
        connections: metrics.providerConnections.total,
        sessions: metrics.realtimeSessions.total,
      },
      {},
    ),
  ];
};
