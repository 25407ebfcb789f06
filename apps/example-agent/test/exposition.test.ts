import { expect, it } from 'vitest';

import { parseExposition, prometheusName } from '../src/demo/exposition.ts';

it('sums the samples of a name over their labels', () => {
  const scrape = parseExposition(
    [
      '# HELP llm_requests_total LLM requests',
      '# TYPE llm_requests_total counter',
      'llm_requests_total{provider="gemini",outcome="completed"} 3',
      'llm_requests_total{provider="gemini",outcome="error"} 2',
      'agent_sessions_active 1',
      'llm_latency_ms_bucket{le="+Inf"} 5',
      'llm_latency_ms_sum{model="a } b"} 12.5',
      '',
    ].join('\n'),
  );
  expect(scrape.get('llm_requests_total')).toBe(5);
  expect(scrape.get('llm_requests_total{outcome="error"}')).toBe(2);
  expect(scrape.get('llm_requests_total{provider="gemini"}')).toBe(5);
  expect(scrape.get('llm_latency_ms_sum{model="a } b"}')).toBe(12.5);
  expect(scrape.get('agent_sessions_active')).toBe(1);
  expect(scrape.get('llm_latency_ms_sum')).toBe(12.5);
  expect(scrape.has('# HELP')).toBe(false);
});

it('writes names as Prometheus does', () => {
  expect(prometheusName('llm.time_to_first_token.ms')).toBe('llm_time_to_first_token_ms');
});
