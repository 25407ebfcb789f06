import { expect, test } from 'vitest';

import type { Tools, ToolSource } from '../../src/index.ts';
import { ProviderError } from '../../src/index.ts';
import { asksFor, says, speaks } from '../../src/testing/index.ts';
import { TestCall } from '../fakes/test-call.ts';

const TOOLS: Tools = {
  get_hours: {
    description: 'The opening hours.',
    inputSchema: { type: 'object' },
    timeoutMs: 1000,
    readOnly: false,
    run: () => Promise.resolve('nine to five'),
  },
};

function source(open: () => Promise<Tools>, log: string[] = []): ToolSource {
  return {
    name: 'hours',
    optional: false,
    open: async () => {
      const tools = await open();
      log.push('opened');
      const close = async (): Promise<void> => void log.push('closed');
      return { tools, close, [Symbol.asyncDispose]: close };
    },
  };
}

test('the tools of a source are the agent’s for the length of a call', async () => {
  const log: string[] = [];
  const call = await new TestCall({
    rounds: [asksFor([{ id: '1', name: 'get_hours', arguments: {} }]), says('Nine to five.')],
    speeches: [speaks('Nine to five.')],
    agent: { toolSources: [source(() => Promise.resolve(TOOLS), log)] },
  }).join();
  await call.userSays('When are you open?');
  await call.clock.advance(1000);
  expect(call.llm.requests[0]?.tools).toMatchObject([{ name: 'get_hours' }]);
  expect(call.turns).toMatchObject([{ kind: 'tool_reply', outcome: 'completed' }]);
  expect(call.agent.metrics.llmToolCalls.total).toBe(1);
  expect(log).toEqual(['opened']);
  await call.agent.close();
  expect(log).toEqual(['opened', 'closed']);
});

test('a source that cannot be opened fails the join, and nothing stays open', async () => {
  const error = ProviderError.fromStatus('hours', 503);
  const toolSources = [source(() => Promise.reject(error))];
  const call = new TestCall({ agent: { toolSources }, openings: [] });
  await expect(call.startJoining()).rejects.toBe(error);
  expect(call.tts.openConnections).toBe(0);
});
