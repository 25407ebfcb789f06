import type { PipelineAgentOptions, Edge } from '@vision-agents/core';
import { Agent } from '@vision-agents/core';

import type { Providers } from './providers.ts';
import { getWeather } from './weather-tool.ts';

/** The example's agent, whatever its providers and its way to the callers are. */
export function createAgent(
  providers: Providers,
  edge: Edge,
  options: Partial<PipelineAgentOptions> = {},
): Agent {
  return new Agent({
    edge,
    agentUser: { id: 'agent', name: 'Metrics Agent' },
    instructions: "You're a helpful voice assistant. Keep responses concise and natural.",
    ...providers,
    tools: { get_weather: getWeather },
    ...options,
  });
}
