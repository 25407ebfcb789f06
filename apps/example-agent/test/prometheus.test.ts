import { AgentLauncher, BOUNDARIES, type LLMRequest } from '@vision-agents/core';
import * as local from '@vision-agents/plugin-local';
import { launchSandbox } from '@vision-agents/sandbox';
import { expect, it } from 'vitest';

import { createAgent } from '../src/create-agent.ts';
import { demoCall } from '../src/demo/demo-call.ts';
import { freePort } from '../src/free-port.ts';
import { exportMetrics } from '../src/metrics-export.ts';
import { sandboxProviders } from '../src/sandbox-providers.ts';
import { startPrometheus } from './prometheus-server.ts';

const LATENCY_MS = 400;

it('the guide’s queries return the right numbers from a real Prometheus', async () => {
  await using sandbox = await launchSandbox({ delays: { completeMs: LATENCY_MS } });
  const port = await freePort();
  await using served = await exportMetrics({ port, environment: 'sandbox' });
  await using prometheus = await startPrometheus(new URL(served.url).host);
  const providers = sandboxProviders(sandbox);
  const edge = new local.Edge();
  await using launcher = new AgentLauncher({
    createAgent: () => createAgent(providers, edge),
    joinCall: async (agent, { callType, callId }) => {
      await using _ = await agent.join(await agent.createCall(callType, callId));
      await agent.simpleResponse('Hello!');
      await agent.finish();
    },
  });

  // Opening the model's metrics first lets Prometheus see the error counters at 0.
  await Array.fromAsync(providers.llm.respond(askingFor('hello')));
  await prometheus.until('sum(llm_errors_total)', (errors) => errors === 0);

  const { report, metrics } = await demoCall({
    launcher,
    edge,
    sandbox,
    callId: 'call-1',
    lines: ['what can you do for me?', 'what is the weather in Paris?'],
    lastAnswer: new AbortController().signal,
    onPage: () => undefined,
    onTurn: () => undefined,
  });
  expect(report.problems).toEqual([]);
  await sandbox.inject({ provider: 'gemini', fault: 'status-503', times: 1 });
  await expect(providers.llm.respond(askingFor('fail')).next()).rejects.toThrow('503');

  const { counts } = await sandbox.truth();
  const requests = (counts['llm.requests'] ?? 0) - 1;
  const tokens = (counts['llm.tokens.input'] ?? 0) + (counts['llm.tokens.output'] ?? 0);
  await prometheus.until('sum(llm_latency_ms_count)', (count) => count === requests);
  await prometheus.until('sum(llm_errors_total)', (errors) => errors === 1);
  await prometheus.until('sum(llm_tokens_input) + sum(llm_tokens_output)', (sum) => sum === tokens);

  // A rate leaves out the request that was there at the first scrape; the others are the call's.
  const own = metrics.llmLatencyMs;
  const [meanMs = 0] = await prometheus.query(
    'rate(llm_latency_ms_sum[5m]) / rate(llm_latency_ms_count[5m])',
  );
  expect(meanMs).toBeCloseTo(own.average ?? 0, 6);
  expect(meanMs).toBeGreaterThan(LATENCY_MS - 5);

  const [p95Ms = 0] = await prometheus.query(
    'histogram_quantile(0.95, sum by (le) (rate(llm_latency_ms_bucket[5m])))',
  );
  // Of fewer than twenty requests the p95 lies in the bucket of the slowest.
  expect(own.count).toBeLessThan(20);
  const upper = BOUNDARIES.response.find((boundary) => boundary >= own.max) ?? 0;
  const lower = BOUNDARIES.response.findLast((boundary) => boundary < own.max) ?? 0;
  expect(p95Ms).toBeGreaterThan(lower);
  expect(p95Ms).toBeLessThanOrEqual(upper);

  // One error in five minutes, and it has the type and the code of what the provider did.
  const [errorRate = 0, ...others] = await prometheus.query('rate(llm_errors_total[5m]) > 0');
  expect(others).toEqual([]);
  expect(errorRate * 300).toBeCloseTo(1, 1);
  const unavailable = 'rate(llm_errors_total{error_type="unavailable",error_code="503"}[5m]) > 0';
  expect(await prometheus.query(unavailable)).toHaveLength(1);

  const [characters] = await prometheus.query('sum(tts_characters)');
  expect(characters).toBe(counts['tts.characters']);
  const [toolCalls] = await prometheus.query('sum(llm_tool_calls)');
  expect(toolCalls).toBe(counts['llm.tool_calls']);
}, 90_000);

function askingFor(text: string): LLMRequest {
  return { instructions: '', messages: [{ role: 'user', text }] };
}
