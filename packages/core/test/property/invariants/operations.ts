import type { PlayedConversation } from '../played-conversation.ts';
import type { ServedOutcome } from '../served.ts';
import type { Invariant } from './invariant.ts';
import { differences, seriesOf, tally } from './invariant.ts';

/** Every operation is counted once, however it ended: what was counted is what the components saw. */
export const operationsAreCountedOnce: Invariant = (conversation) => {
  const { llm, tts, stt, metrics, reported, seen, plan } = conversation;
  const brokenVoice = plan.agent.brokenPart === 'voice' ? 1 : 0;
  return [
    ...differences('llm.requests', seriesOf(conversation, 'llm.requests'), outcomes(llm.requests)),
    ...differences('tts.requests', seriesOf(conversation, 'tts.requests'), outcomes(tts.speeches)),
    ...toolCalls(conversation),
    ...differences(
      'the call counted',
      {
        'llm.errors': metrics.llmErrors.total,
        'tts.errors': metrics.ttsErrors.total,
        'stt.errors': metrics.sttErrors.total,
        'stt.transcripts': metrics.sttTranscripts.total,
        'llm.latency.ms': metrics.llmLatencyMs.count,
        'llm.time_to_first_token.ms': metrics.llmTimeToFirstTokenMs.count,
        'tts.latency.ms': metrics.ttsLatencyMs.count,
        'tts.time_to_first_audio.ms': metrics.ttsTimeToFirstAudioMs.count,
      },
      {
        'llm.errors': count(llm.requests, ({ outcome }) => outcome === 'error'),
        'tts.errors': count(tts.speeches, ({ outcome }) => outcome === 'error') + brokenVoice,
        'stt.errors': stt.failures + seen.sttErrorFacts,
        'stt.transcripts': reported.length,
        'llm.latency.ms': count(llm.requests, ({ outcome }) => outcome === 'completed'),
        'llm.time_to_first_token.ms': count(llm.requests, ({ hasToken }) => hasToken),
        'tts.latency.ms': count(tts.speeches, ({ outcome }) => outcome === 'completed'),
        'tts.time_to_first_audio.ms': count(tts.speeches, ({ chunks }) => chunks > 0),
      },
    ),
  ];
};

type Served = readonly { readonly outcome: ServedOutcome | undefined }[];

function outcomes(served: Served): Readonly<Record<string, number>> {
  return tally(served.map(({ outcome }) => `outcome=${outcome ?? 'nothing'}`));
}

function count<T>(served: readonly T[], isWanted: (one: T) => boolean): number {
  return served.filter(isWanted).length;
}

function toolCalls(conversation: PlayedConversation): string[] {
  const { tools, llm } = conversation;
  const counted = { ...seriesOf(conversation, 'llm.tool_calls') };
  const unknown = 'tool_name=other success=false';
  const unknownCalls = llm.requests.flatMap(({ calls }) =>
    calls.filter(({ name }) => name === 'unknown'),
  );
  const tooMany = (counted[unknown] ?? 0) > unknownCalls.length;
  delete counted[unknown];
  const ran = tally(tools.runs.map((run) => `tool_name=${run.tool} success=${run.end === 'done'}`));
  return [
    ...differences('llm.tool_calls', counted, ran),
    ...(tooMany ? ['more calls of unknown tools were counted than there were'] : []),
    ...tools.doubled.map((run) => `the tool did "${run}" twice at the same time`),
  ];
}
