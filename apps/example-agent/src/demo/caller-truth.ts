import type { CallReport, SandboxTruth } from '@vision-agents/sandbox';

import type { ProviderChoice, ProviderName, Role } from '../provider-choice.ts';
import { isEager, vendorOf } from '../provider-choice.ts';

/**
 * What only the callers know, and what their servers know only together with them: counts by
 * `metric` or `metric{label="value"}`.
 */
export function callerTruth(
  sandbox: SandboxTruth,
  reports: readonly CallReport[],
  providers: ProviderChoice,
): Readonly<Record<string, number>> {
  const turns = reports.flatMap((report) => report.turns);
  const interrupted = (phase: 'thinking' | 'speaking'): number =>
    count(turns, ({ interruption }) => interruption?.phase === phase);
  const guessed = isEager(providers) ? turns : [];
  // Nobody but the caller who hesitated knows that an answer which was given up was only a guess.
  const misguessed = count(guessed, ({ act }) => act === 'hesitate');
  // To the agent a back-channel is a turn that wants no answer.
  const backChannels = turns.flatMap((turn) => turn.backChannels).length;
  const { outcomes } = sandbox;
  const { 'llm.requests': llm, 'tts.requests': tts, 'realtime.responses': realtime } = outcomes;
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
    'agent.speculation{outcome="used"}': guessed.length,
    'agent.speculation{outcome="discarded"}': misguessed,
    'agent.sessions': reports.length,
    'agent.sessions{reason="hangup"}': count(reports, ({ endedBy }) => endedBy === 'caller'),
    'agent.sessions{reason="closed"}': count(reports, ({ endedBy }) => endedBy === 'agent'),
    'agent.sessions.active': 0,
    'llm.requests{outcome="completed"}': llm.completed,
    'llm.requests{outcome="interrupted"}': llm.aborted - misguessed,
    'llm.requests{outcome="discarded"}': misguessed,
    'llm.requests{outcome="error"}': llm.failed,
    'tts.requests{outcome="completed"}': tts.completed,
    'tts.requests{outcome="interrupted"}': tts.aborted,
    'tts.requests{outcome="error"}': tts.failed,
    'realtime.responses{outcome="completed"}': realtime.completed,
    'realtime.responses{outcome="interrupted"}': realtime.aborted,
    'realtime.responses{outcome="error"}': realtime.failed,
    'realtime.sessions': 0,
    'provider.connections': 0,
    ...countsOfVendors(sandbox, providers),
  };
}

/** Everything that was asked of anybody was asked of those that were chosen. */
function countsOfVendors(
  { counts }: SandboxTruth,
  providers: ProviderChoice,
): Readonly<Record<string, number>> {
  const of = (metric: string, name: ProviderName<Role>) => ({
    [`${metric}{provider="${vendorOf(name)}"}`]: counts[metric] ?? 0,
  });
  if ('realtime' in providers) return of('realtime.responses', providers.realtime);
  return {
    ...of('stt.transcripts', providers.stt),
    ...of('llm.requests', providers.llm),
    ...of('tts.requests', providers.tts),
  };
}

function count<Item>(items: readonly Item[], is: (item: Item) => boolean): number {
  return items.filter(is).length;
}
