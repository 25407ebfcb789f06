import { AgentLauncher, setLogLevel } from '@vision-agents/core';
import * as local from '@vision-agents/plugin-local';
import type { CallReport } from '@vision-agents/sandbox';
import { launchSandbox } from '@vision-agents/sandbox';

import { createAgent } from '../create-agent.ts';
import type { MetricsExport } from '../metrics-export.ts';
import { exportMetrics } from '../metrics-export.ts';
import type { Providers } from '../providers.ts';
import { sandboxProviders } from '../sandbox-providers.ts';
import type { DemoResult } from './comparison.ts';
import { compare } from './comparison.ts';
import { demoCall } from './demo-call.ts';
import type { DemoOptions } from './demo-options.ts';
import { scrape } from './exposition.ts';
import { hangUpAfterGoodbye } from './goodbye.ts';
import { Progress } from './progress.ts';
import { scriptOfCall } from './script.ts';

const DEFAULT_METRICS_PORT = 9464;

/** Runs the demo: once, or until `stop` is aborted. Progress goes to standard error. */
export async function runDemo(options: DemoOptions, stop: AbortSignal): Promise<DemoResult> {
  const progress = new Progress();
  progress.say('Starting the sandbox and the agent …');
  setLogLevel('warn');
  await using sandbox = await launchSandbox();
  await using metrics = await serveMetrics(options.metricsPort);
  const edge = new local.Edge();
  await using launcher = new AgentLauncher({
    createAgent: () => createAgent(sandboxProviders(sandbox, options.providers), edge),
    joinCall: async (agent, { callType, callId }) => {
      await using _ = await agent.join(await agent.createCall(callType, callId));
      hangUpAfterGoodbye(agent);
      await agent.simpleResponse("Hello! I'm ready to help.");
      await agent.finish();
    },
  });
  await loadVoice(sandboxProviders(sandbox, options.providers));
  progress.say(`Metrics:  ${metrics.url}`);
  progress.say('Providers are simulated; their SDKs, sockets and audio are real.');
  if (!options.once) progress.say('Ctrl-C ends the calls and shows the comparison.');

  const reports: CallReport[] = [];
  const problems: string[] = [];
  let callCount = 0;
  const keepCalling = async (): Promise<void> => {
    do {
      const index = callCount++;
      const callId = `call-${index + 1}`;
      const { report, problems: found } = await demoCall({
        launcher,
        edge,
        sandbox,
        callId,
        lastAnswer: stop,
        lines: scriptOfCall(index, options.turns, options.providers),
        onPage: ({ pageUrl }) => progress.say(`${callId}:  ${pageUrl}`),
        onTurn: (turn, turnIndex) => progress.turn(callId, turnIndex, options.turns, turn),
      });
      reports.push(report);
      problems.push(...found);
      progress.callEnded(callId);
    } while (!options.once && !stop.aborted);
  };
  await Promise.all(Array.from({ length: options.calls }, keepCalling));
  const { providers } = options;
  const scraped = await scrape(metrics.url);
  return compare(scraped, await sandbox.truth(), reports, problems, providers);
}

/** An SDK can take seconds to load on a busy machine, in which no call would be answered. */
async function loadVoice(providers: Providers): Promise<void> {
  if (!('tts' in providers)) return;
  await using _ = await providers.tts.open();
}

/** Another program may have the usual port, such as a second demo: then any other will do. */
async function serveMetrics(port: number | undefined): Promise<MetricsExport> {
  const environment = 'sandbox';
  if (port !== undefined) return exportMetrics({ port, environment });
  try {
    return await exportMetrics({ port: DEFAULT_METRICS_PORT, environment });
  } catch {
    return exportMetrics({ port: 0, environment });
  }
}
