import { expect, test } from 'vitest';

import { Agent, FallbackLLM, FallbackSTT, FallbackTTS } from '../../src/index.ts';
import type { TurnRecord } from '../../src/index.ts';
import { ManualClock, RecordingLogger, ScriptedEdge, settled } from '../../src/testing/index.ts';
import { VendorLLM, VendorSTT, VendorTTS } from './vendors.ts';

test('a caller hears nothing of it when a provider of each kind fails', async () => {
  const clock = new ManualClock();
  const edge = new ScriptedEdge([{ present: [{ id: 'caller' }] }]);
  const ears = new VendorSTT('ears-b', ['works']);
  const voice = new VendorTTS('voice-b', 2, ['works']);
  const agent = new Agent({
    edge,
    agentUser: { id: 'agent' },
    stt: new FallbackSTT([new VendorSTT('ears-a', ['refuses']), ears]),
    llm: new FallbackLLM([new VendorLLM('llm-a', ['refuses']), new VendorLLM('llm-b', ['works'])]),
    tts: new FallbackTTS([new VendorTTS('voice-a', 1, ['refuses']), voice]),
    logger: new RecordingLogger(),
    clock,
  });
  const turns: TurnRecord[] = [];
  agent.on('turn', (turn) => turns.push(turn));
  await agent.join(await agent.createCall('default', 'test'));
  ears.connections[0]?.report(
    { type: 'transcript', text: 'Who is it?', final: true },
    { type: 'turn-end', eager: false },
  );
  await clock.advance(1000);
  expect(turns).toMatchObject([{ outcome: 'completed', agentText: 'I am llm-b.' }]);
  expect(edge.connections[0]?.frames.map(({ samples }) => samples[0])).toEqual([2, 2, 2, 2, 2]);
  const { metrics } = agent;
  expect([metrics.llmErrors.total, metrics.sttErrors.total, metrics.ttsErrors.total]).toEqual([
    1, 1, 1,
  ]);
  await agent.close();
  await settled();
  expect(clock.pendingTimers).toBe(0);
  expect(voice.openCount).toBe(0);
});
