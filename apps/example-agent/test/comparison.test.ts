import type { CallReport } from '@vision-agents/sandbox';
import { expect, it } from 'vitest';

import { compare } from '../src/demo/comparison.ts';

const report: CallReport = {
  turns: [{ said: 'hi', heard: 'Hello.', responseLatencyMs: 900 }],
  greeting: 'Hello!',
  greetingLatencyMs: 500,
  problems: [],
};

const truth = {
  counts: { 'llm.requests': 2, 'stt.audio_duration.ms': 1234.5 },
  latencies: { 'llm.latency.ms': { count: 2, meanMs: 400 } },
  problems: [],
};

const scraped = new Map([
  ['llm_requests_total', 2],
  ['stt_audio_duration_ms_sum', 1234.5],
  ['llm_latency_ms_sum', 802],
  ['llm_latency_ms_count', 2],
  ['agent_turns_total', 1],
  ['agent_sessions_total', 1],
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
