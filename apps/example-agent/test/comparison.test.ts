import type { CallReport } from '@vision-agents/sandbox';
import { expect, it } from 'vitest';

import { compare } from '../src/demo/comparison.ts';

const report: CallReport = {
  turns: [
    {
      act: 'say',
      said: 'hi',
      heard: 'Hello.',
      answer: 'heard',
      responseLatencyMs: 900,
      interruption: undefined,
      backChannels: [],
    },
  ],
  greeting: 'Hello!',
  greetingLatencyMs: 500,
  endedBy: 'caller',
  problems: [],
};

const truth = {
  counts: { 'llm.requests': 2, 'stt.audio_duration.ms': 1234.5 },
  inFlight: {},
  outcomes: {
    'llm.requests': { completed: 2, aborted: 0, failed: 0 },
    'tts.requests': { completed: 0, aborted: 0, failed: 0 },
    'realtime.responses': { completed: 0, aborted: 0, failed: 0 },
  },
  latencies: { 'llm.latency.ms': { count: 2, meanMs: 400 } },
  problems: [],
};

const scraped = new Map([
  ['llm_requests_total', 2],
  ['llm_requests_total{outcome="completed"}', 2],
  ['llm_requests_total{provider="gemini"}', 2],
  ['stt_audio_duration_ms_sum', 1234.5],
  ['llm_latency_ms_sum', 802],
  ['llm_latency_ms_count', 2],
  ['agent_turns_total', 1],
  ['agent_turns_total{outcome="completed"}', 1],
  ['agent_speculation_total{outcome="used"}', 1],
  ['agent_sessions_total', 1],
  ['agent_sessions_total{reason="hangup"}', 1],
  ['agent_response_latency_ms_sum', 1410],
  ['agent_response_latency_ms_count', 2],
]);

it('is content when every count is what happened', () => {
  const result = compare(scraped, truth, [report], []);
  expect(result).toMatchObject({ ok: true, calls: 1, turns: 1, problems: [] });
  expect(result.counts['llm.requests']).toEqual({ measured: 2, truth: 2 });
  expect(result.counts['stt.audio_duration.ms']).toEqual({ measured: 1234.5, truth: 1234.5 });
  expect(result.latencies['llm.latency.ms']).toEqual({ count: 2, meanMs: 401, truthMeanMs: 400 });
  expect(result.latencies['agent.response.latency.ms']).toEqual({
    count: 2,
    meanMs: 705,
    truthMeanMs: 700,
  });
});

it('names the count that is wrong', () => {
  const result = compare(new Map([...scraped, ['llm_requests_total', 3]]), truth, [report], []);
  expect(result.ok).toBe(false);
  expect(result.problems).toEqual(['llm.requests: measured 3, truth 2']);
});

it.each([
  ['the sandbox', { ...truth, problems: ['a retry'] }, report, []],
  ['a caller', truth, { ...report, problems: ['no answer'] }, []],
  ['the demo itself', truth, report, ['call-1: turn-2 was misheard']],
])('is not content with a problem of %s', (_whose, sandboxTruth, callReport, problems) => {
  const result = compare(scraped, sandboxTruth, [callReport], problems);
  expect(result.ok).toBe(false);
  expect(result.problems).toHaveLength(1);
});

it('takes for right what may have been lost with a client that left, and no more', () => {
  const cut = { ...truth, inFlight: { 'llm.requests': 1 } };
  const measured = (requests: number) =>
    compare(new Map([...scraped, ['llm_requests_total', requests]]), cut, [report], []);
  expect(measured(1).ok).toBe(true);
  expect(measured(1).counts['llm.requests']).toEqual({ measured: 1, truth: 2, inFlight: 1 });
  expect(measured(0).ok).toBe(false);
  expect(measured(3).ok).toBe(false);
});

it('does not take for lost what was rounded', () => {
  const counts = { ...truth.counts, 'stt.audio_duration.ms': 44_912.1875 };
  const cut = { ...truth, counts, inFlight: { 'stt.audio_duration.ms': 608.146 } };
  const measured = (ms: number) =>
    compare(new Map([...scraped, ['stt_audio_duration_ms_sum', ms]]), cut, [report], []);
  expect(measured(44_304.0415).problems).toEqual([]);
  expect(measured(44_304).ok).toBe(false);
});

it('sets what the callers did beside what the agents say of it', () => {
  const [turn] = report.turns;
  if (turn === undefined) throw new Error('no turn');
  const talked: CallReport = {
    ...report,
    endedBy: 'agent',
    turns: [
      { ...turn, act: 'hesitate', backChannels: ['okay', 'uh-huh'] },
      {
        ...turn,
        answer: 'interrupted',
        interruption: { phase: 'speaking', timeToSilenceMs: 240 },
      },
      {
        ...turn,
        act: 'interrupt',
        answer: 'interrupted',
        interruption: { phase: 'thinking', timeToSilenceMs: undefined },
      },
      { ...turn, act: 'interrupt', answer: 'hung-up' },
    ],
  };
  const { counts, silence } = compare(new Map(), truth, [talked, report], []);
  const truths = Object.entries(counts).map(([name, count]) => [name, count.truth]);
  expect(Object.fromEntries(truths)).toMatchObject({
    'agent.turns': 7,
    'agent.turns{outcome="completed"}': 2,
    'agent.turns{outcome="interrupted"}': 3,
    'agent.turns{outcome="no_response"}': 2,
    'agent.interruptions': 2,
    'agent.interruptions{phase="thinking"}': 1,
    'agent.interruptions{phase="speaking"}': 1,
    'agent.speculation{outcome="used"}': 5,
    'agent.speculation{outcome="discarded"}': 1,
    'agent.sessions': 2,
    'agent.sessions{reason="hangup"}': 1,
    'agent.sessions{reason="closed"}': 1,
  });
  expect(silence.timeToSilenceMeanMs).toBe(240);
});

it('expects guesses only of providers that allow them, and counts only of those that were chosen', () => {
  const providers = { stt: 'deepgram-nova', llm: 'openai-chat', tts: 'openai' } as const;
  const { counts } = compare(scraped, truth, [report], [], providers);
  expect(counts['agent.speculation{outcome="used"}']).toEqual({ measured: 1, truth: 0 });
  expect(counts['llm.requests{provider="openai"}']).toEqual({ measured: 0, truth: 2 });
  const { counts: ofOne } = compare(scraped, truth, [report], [], { realtime: 'gemini' });
  expect(ofOne['realtime.responses{provider="gemini"}']).toEqual({ measured: 0, truth: 0 });
  expect(Object.keys(ofOne)).not.toContain('llm.requests{provider="openai"}');
});
