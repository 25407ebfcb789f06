import type { Edge, PipelineAgentOptions, RealtimeAgentOptions } from '@vision-agents/core';
import { Agent } from '@vision-agents/core';

import { getWeather } from './weather-tool.ts';

/** What the example leaves open: the providers at least. */
type Parts =
  | Omit<PipelineAgentOptions, 'edge' | 'agentUser'>
  | Omit<RealtimeAgentOptions, 'edge' | 'agentUser'>;

/** The example's agent, whatever its providers and its way to the callers are. */
export function createAgent(parts: Parts, edge: Edge): Agent {
  return new Agent({
    edge,
    agentUser: { id: 'agent', name: 'Metrics Agent' },
    instructions: "You're a helpful voice assistant. Keep responses concise and natural.",
    tools: { get_weather: getWeather },
    ...parts,
  });
}
