import type { CallReport, SandboxTruth } from '@vision-agents/sandbox';

/**
 * What only the callers know, and what their servers know only together with them: counts by
 * `metric` or `metric{label="value"}`.
 */
export function callerTruth(
  { outcomes }: SandboxTruth,
  reports: readonly CallReport[],
): Readonly<Record<string, number>> {
  const turns = reports.flatMap((report) => report.turns);
  const interrupted = (phase: 'thinking' | 'speaking'): number =>
    count(turns, ({ interruption }) => interruption?.phase === phase);
  // Nobody but the caller who hesitated knows that an answer which was given up was only a guess.
  const hesitations = count(turns, ({ act }) => act === 'hesitate');
  // To the agent a back-channel is a turn that wants no answer.
  const backChannels = turns.flatMap((turn) => turn.backChannels).length;
  const { 'llm.requests': llm, 'tts.requests': tts } = outcomes;
  return {
    'agent.turns': turns.length + backChannels,
    'agent.turns{outcome="completed"}': count(turns, ({ answer }) => answer === 'heard'),
    'agent.turns{outcome="interrupted"}': count(
      turns,
      ({ answer }) => answer === 'interrupted' || answer === 'hung-up',
    ),
    'agent.turns{outcome="error"}': 0,
    'agent.turns{outcome="no_response"}': backChannels,
    'agent.interruptions': interrupted('thinking') + interrupted('speaking'),
    'agent.interruptions{phase="thinking"}': interrupted('thinking'),
    'agent.interruptions{phase="speaking"}': interrupted('speaking'),
    'agent.speculation{outcome="used"}': turns.length,
    'agent.speculation{outcome="discarded"}': hesitations,
    'agent.sessions': reports.length,
    'agent.sessions{reason="hangup"}': count(reports, ({ endedBy }) => endedBy === 'caller'),
    'agent.sessions{reason="closed"}': count(reports, ({ endedBy }) => endedBy === 'agent'),
    'agent.sessions.active': 0,
    'llm.requests{outcome="completed"}': llm.completed,
    'llm.requests{outcome="interrupted"}': llm.aborted - hesitations,
    'llm.requests{outcome="discarded"}': hesitations,
    'llm.requests{outcome="error"}': llm.failed,
    'tts.requests{outcome="completed"}': tts.completed,
    'tts.requests{outcome="interrupted"}': tts.aborted,
    'tts.requests{outcome="error"}': tts.failed,
  };
}

function count<Item>(items: readonly Item[], is: (item: Item) => boolean): number {
  return items.filter(is).length;
}
