import { type Agent, AgentLauncher, type CallRequest, Runner } from '@vision-agents/core';
import * as local from '@vision-agents/plugin-local';

import { callSummary } from './call-summary.ts';
import { createAgent } from './create-agent.ts';
import { createLogger } from './logger.ts';
import { exportMetrics } from './metrics-export.ts';
import { chooseProviders, missingKeys } from './providers.ts';
import { exportTraces, traceEndpoint } from './trace-export.ts';

await using resources = new AsyncDisposableStack();

async function prepareAgent(): Promise<Agent> {
  const { providers, sandbox } = await chooseProviders();
  if (sandbox) {
    resources.use(sandbox);
    console.log(`No ${missingKeys().join(', no ')}: using the sandbox. All figures are simulated,`);
    console.log('and it understands its own voice only: see it talk with `npx -y pnpm@12 demo`.');
  }
  const environment = sandbox ? 'sandbox' : 'development';
  const { url } = await exportMetrics({ environment });
  console.log(`Metrics available at: ${url}`);
  const endpoint = traceEndpoint();
  if (endpoint !== undefined) {
    exportTraces(environment);
    console.log(`Traces go to: ${endpoint}`);
  }
  const edge = new local.Edge({ onListening: showPage, leaveGraceMs: 2000 });
  return createAgent({ ...providers, logger: createLogger() }, edge);
}

function showPage(url: string): void {
  console.log(`Talk to the agent at: ${url}`);
}

async function joinCall(agent: Agent, { callType, callId }: CallRequest): Promise<void> {
  const call = await agent.createCall(callType, callId);
  await using _ = await agent.join(call);
  await agent.simpleResponse("Hello! I'm ready to help.");
  await agent.finish();
  console.log(callSummary(agent.metrics));
}

await new Runner(new AgentLauncher({ createAgent: prepareAgent, joinCall })).cli();
