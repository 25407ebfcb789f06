import type { RealtimeFact } from '../../../../src/index.ts';
import { differences, seriesOf, tally } from '../../invariants/invariant.ts';
import { SAMPLES_A_MS } from '../spoken-pieces.ts';
import type { RealtimeInvariant } from './invariant.ts';
import { isForgotten } from './turns.ts';

/** What was counted is what the model served, once each. */
export const amountsAreWhatWasServed: RealtimeInvariant = (conversation) => {
  const { model, metrics, seen } = conversation;
  const facts = model.facts.map(({ fact }) => fact);
  const usages = facts.flatMap((fact) => (fact.type === 'usage' ? [fact.usage] : []));
  const bytesIn = 2 * sum(model.sessions.map(({ sentSamples }) => sentSamples));
  const bytesOut = sum(facts.map((fact) => (fact.type === 'audio' ? fact.bytes.byteLength : 0)));
  const failed = model.openings.filter(({ end }) => end === 'fails' || end === 'refused').length;
  const errors =
    model.lossesMs.length + failed + facts.filter(({ type }) => type === 'error').length;
  const forgotten = conversation.turns.filter(({ record }) => isForgotten(record)).length;
  const isRefusedAtFirst = model.openings[0]?.end !== 'open';
  return [
    ...differences(
      'the call counted',
      {
        'realtime.tokens.input': metrics.realtimeInputTokens.total,
        'realtime.tokens.output': metrics.realtimeOutputTokens.total,
        'realtime.audio.input.bytes': metrics.realtimeAudioInputBytes.total,
        'realtime.audio.input.duration.ms': metrics.realtimeAudioInputDurationMs.total,
        'realtime.audio.output.bytes': metrics.realtimeAudioOutputBytes.total,
        'realtime.transcriptions.user': metrics.realtimeUserTranscriptions.total,
        'realtime.transcriptions.agent': metrics.realtimeAgentTranscriptions.total,
        'realtime.errors': metrics.realtimeErrors.total,
        'realtime.session_duration.ms': metrics.realtimeSessionDurationMs.count,
        'error events': seen.errors,
        'tokens of usage events': seen.inputTokens,
      },
      {
        'realtime.tokens.input': sum(usages.map(({ inputTokens }) => inputTokens)),
        'realtime.tokens.output': sum(usages.map(({ outputTokens }) => outputTokens)),
        'realtime.audio.input.bytes': bytesIn,
        'realtime.audio.input.duration.ms': bytesIn / 2 / SAMPLES_A_MS,
        'realtime.audio.output.bytes': bytesOut,
        'realtime.transcriptions.user': finals(facts, 'user-transcript'),
        'realtime.transcriptions.agent': finals(facts, 'agent-transcript'),
        'realtime.errors': errors,
        'realtime.session_duration.ms': model.sessions.length,
        'error events': isRefusedAtFirst ? 0 : errors + forgotten,
        'tokens of usage events': sum(usages.map(({ inputTokens }) => inputTokens)),
      },
    ),
    // A program that reacts to the words of an answer cuts it off before its audio is looked at.
    ...(conversation.plan.reactions.length > 0
      ? []
      : differences(
          'realtime.time_to_first_audio.ms',
          {
            count: metrics.realtimeTimeToFirstAudioMs.count,
            sum: metrics.realtimeTimeToFirstAudioMs.sum,
          },
          { count: model.firstAudioMs.length, sum: sum(model.firstAudioMs) },
        )),
    ...differences(
      'realtime.responses',
      seriesOf(conversation, 'realtime.responses'),
      tally(
        facts.map((fact) => (fact.type === 'response-end' ? `outcome=${fact.outcome}` : undefined)),
      ),
    ),
    ...differences('provider.reconnects', seriesOf(conversation, 'provider.reconnects'), {
      'outcome=completed': Math.max(0, model.sessions.length - 1),
      'outcome=error': isRefusedAtFirst ? 0 : failed,
    }),
  ];
};

function finals(
  facts: readonly RealtimeFact[],
  type: 'user-transcript' | 'agent-transcript',
): number {
  return facts.filter((fact) => fact.type === type && fact.final).length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
