/** Prints the trace of one turn of a call to the sandbox: `node scripts/print-trace.ts`. */
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { AgentLauncher, setLogLevel, SPAN_NAMES } from '@vision-agents/core';
import * as local from '@vision-agents/plugin-local';
import { launchSandbox } from '@vision-agents/sandbox';

import { createAgent } from '../src/create-agent.ts';
import { demoCall } from '../src/demo/demo-call.ts';
import { sandboxProviders } from '../src/sandbox-providers.ts';
import { setTracerProvider } from '../src/trace-export.ts';
import { stages, waterfall } from './waterfall.ts';

setLogLevel('warn');
const exporter = new InMemorySpanExporter();
setTracerProvider('sandbox', new SimpleSpanProcessor({ exporter }));

await using sandbox = await launchSandbox();
const edge = new local.Edge();
await using launcher = new AgentLauncher({
  createAgent: () => createAgent(sandboxProviders(sandbox), edge),
  joinCall: async (agent, { callType, callId }) => {
    await using _ = await agent.join(await agent.createCall(callType, callId));
    await agent.simpleResponse("Hello! I'm ready to help.");
    await agent.finish();
  },
});
const { problems } = await demoCall({
  launcher,
  edge,
  sandbox,
  callId: 'traced',
  lines: ['what is the weather in Paris?'],
  lastAnswer: new AbortController().signal,
  onPage: () => undefined,
  onTurn: () => undefined,
});
if (problems.length > 0) throw new Error(problems.join('\n'));

const spans = exporter.getFinishedSpans();
const turn = spans.findLast(({ name }) => name === SPAN_NAMES.turn);
if (turn === undefined) throw new Error('the call had no turn');
process.stdout.write(`${waterfall(turn, spans)}\n\n${stages(turn)}\n`);
