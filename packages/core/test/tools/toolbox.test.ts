import { expect, test } from 'vitest';

import { MetricsCollector } from '../../src/index.ts';
import { LLMRecorder } from '../../src/llm/llm-recorder.ts';
import { ManualClock, RecordingLogger } from '../../src/testing/index.ts';
import type { ToolRequest } from '../../src/tools/toolbox.ts';
import { Toolbox } from '../../src/tools/toolbox.ts';
import { SlowTool } from '../fakes/slow-tool.ts';

const CALL = { id: 'call-1', name: 'book', arguments: { city: 'Paris' } };

function fromNowhere(): ToolRequest {
  const { signal } = new AbortController();
  return { signal, logger: new RecordingLogger(), trace: undefined };
}

function setUp() {
  const clock = new ManualClock();
  const collector = new MetricsCollector();
  const slow = new SlowTool(clock);
  const toolbox = new Toolbox({
    tools: { book: slow.tool },
    recorder: new LLMRecorder('fake', 'fake-llm', collector),
    clock,
  });
  return { clock, slow, toolbox, metrics: collector.metrics };
}

test('a toolbox declares its tools as the model is told of them', () => {
  const { toolbox, slow } = setUp();
  const { description, inputSchema } = slow.tool;
  expect(toolbox.declarations).toEqual([{ name: 'book', description, inputSchema }]);
});

test('work is under way until it is done', async () => {
  const { clock, toolbox } = setUp();
  const work = toolbox.start(CALL, fromNowhere());
  expect([...toolbox.atWork]).toEqual([work]);
  await clock.advance(1000);
  expect(toolbox.atWork.size).toBe(0);
  expect(work.present).toMatchObject({ output: 'Paris: run 1', success: true });
});

test('when a toolbox is closed everything has ended and is counted', async () => {
  const { slow, toolbox, metrics } = setUp();
  const work = toolbox.start(CALL, fromNowhere());
  await Promise.all([toolbox.close(), toolbox.close()]);
  expect(slow.ends).toEqual(['aborted']);
  expect(work.present).toMatchObject({ success: false });
  expect(metrics.llmToolCalls.total).toBe(1);
  await toolbox.close();
});

test('a toolbox that was closed runs nothing any more', async () => {
  const { slow, toolbox } = setUp();
  await toolbox.close();
  const work = toolbox.start(CALL, fromNowhere());
  await expect(work.done).resolves.toMatchObject({ success: false });
  expect(slow.begun).toBe(0);
});
