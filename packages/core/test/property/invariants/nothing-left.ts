import type { Invariant } from './invariant.ts';
import { differences, seriesOf } from './invariant.ts';

/** When a call is over, nothing is left of it but its figures. */
export const nothingIsLeft: Invariant = (conversation) => {
  const { left, seen, hasJoined, metrics, plan } = conversation;
  const reason = plan.ending === 'hang-up' && hasJoined ? 'hangup' : 'closed';
  return [
    ...differences('left over:', left, {}),
    ...differences('told of:', { ends: seen.endings }, { ends: 1 }),
    ...differences(
      'agent.sessions',
      seriesOf(conversation, 'agent.sessions'),
      hasJoined ? { [`reason=${reason}`]: 1 } : {},
    ),
    ...differences(
      'the gauge of',
      {
        sessions: metrics.agentSessionsActive.total,
        connections: metrics.providerConnections.total,
        'realtime sessions': metrics.realtimeSessions.total,
      },
      {},
    ),
  ];
};
