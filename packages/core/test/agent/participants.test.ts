import { describe, expect, test } from 'vitest';

import { silence } from '../../src/index.ts';
import {
  ManualClock,
  says,
  ScriptedLLM,
  ScriptedSTT,
  ScriptedTTS,
  settled,
  speaks,
} from '../../src/testing/index.ts';
import { TestCall } from '../fakes/test-call.ts';
import { startTelemetry } from '../metrics/telemetry.ts';

const ANNA = { id: 'anna' };
const BELA = { id: 'bela' };

describe('two participants', () => {
  test('have a speech to text each, and who said what is known', async () => {
    const call = await new TestCall({
      join: { present: [ANNA] },
      openings: [{}, {}],
      rounds: [says('Hello Anna.'), says('Hello Bela.')],
      speeches: [speaks('Hello Anna.'), speaks('Hello Bela.')],
    }).join();
    call.connection.join(BELA);
    await settled();
    const [anna, bela] = call.stt.connections;
    call.connection.hear(ANNA, silence(20, 16_000));
    call.connection.hear(BELA, silence(60, 16_000));
    expect([anna?.sampleCount, bela?.sampleCount]).toEqual([320, 960]);

    anna?.report({ type: 'transcript', text: 'I am Anna.', final: true });
    bela?.report({ type: 'transcript', text: 'I am Bela.', final: true });
    anna?.report({ type: 'turn-end', eager: false });
    await call.clock.advance(500);
    bela?.report({ type: 'turn-end', eager: false });
    await call.clock.advance(500);
    expect(call.turns).toMatchObject([
      { participant: ANNA, userText: 'I am Anna.', agentText: 'Hello Anna.' },
      { participant: BELA, userText: 'I am Bela.', agentText: 'Hello Bela.' },
    ]);
    expect(call.llm.requests[1]?.messages).toMatchObject([
      { role: 'user', text: 'I am Anna.', participantId: 'anna' },
      { role: 'assistant', text: 'Hello Anna.' },
      { role: 'user', text: 'I am Bela.', participantId: 'bela' },
    ]);
  });

  test('may speak at once: the turn that ends later cuts the answer to the other off', async () => {
    const call = await new TestCall({
      join: { present: [ANNA, BELA] },
      openings: [{}, {}],
      rounds: [says('A long story for Anna.'), says('Hello Bela.')],
      speeches: [speaks('A long story for Anna.', { audioMs: 2200 }), speaks('Hello Bela.')],
    }).join();
    const [anna, bela] = call.stt.connections;
    bela?.report({ type: 'speech-start' });
    anna?.report({ type: 'transcript', text: 'I am Anna.', final: true });
    anna?.report({ type: 'turn-end', eager: false });
    await call.clock.advance(1200);
    bela?.report({ type: 'transcript', text: 'I am Bela.', final: true });
    bela?.report({ type: 'turn-end', eager: false });
    await call.clock.advance(500);
    expect(call.llm.requests[1]?.messages).toMatchObject([
      { role: 'user', participantId: 'anna' },
      { role: 'assistant', text: 'A long story', interrupted: true },
      { role: 'user', participantId: 'bela' },
    ]);
    expect(call.turns).toMatchObject([
      { participant: ANNA, outcome: 'interrupted' },
      { participant: BELA, outcome: 'completed' },
    ]);
    expect(call.agent.metrics.agentInterruptions.total).toBe(1);
  });

  test('can leave one by one: what one was saying is dropped, the other is heard', async () => {
    const call = await new TestCall({
      join: { present: [ANNA, BELA] },
      openings: [{}, {}],
      rounds: [says('Hello Bela.')],
      speeches: [speaks('Hello Bela.')],
    }).join();
    const [anna, bela] = call.stt.connections;
    anna?.report({ type: 'transcript', text: 'I am', final: true });
    await settled();
    call.connection.leave(ANNA);
    await settled();
    expect(anna?.isClosed).toBe(true);
    expect(call.departures).toEqual(['anna']);
    bela?.report(
      { type: 'transcript', text: 'I am Bela.', final: true },
      { type: 'turn-end', eager: false },
    );
    await call.clock.advance(500);
    expect(call.turns).toMatchObject([
      { participant: ANNA, userText: 'I am', outcome: 'no_response' },
      { participant: BELA, userText: 'I am Bela.', outcome: 'completed' },
    ]);
    expect(call.endings).toEqual([]);
  });

  test('are not answered for last words that come when they have left', async () => {
    const call = await new TestCall({
      join: { present: [ANNA, BELA] },
      openings: [{}, {}],
    }).join();
    const anna = call.stt.connections[0];
    anna?.report({ type: 'transcript', text: 'I am', final: false });
    await settled();
    if (anna) {
      anna.lastFacts = [
        { type: 'transcript', text: 'I am Anna.', final: true },
        { type: 'turn-end', eager: false },
      ];
    }
    call.connection.leave(ANNA);
    await call.clock.advance(500);
    expect(call.turns).toMatchObject([{ participant: ANNA, outcome: 'no_response' }]);
    expect(call.agent.metrics.sttTranscripts.total).toBe(1);
  });

  test('are heard once each, however often the edge says that they joined', async () => {
    const call = await new TestCall({ join: { present: [ANNA, ANNA] } }).join();
    call.connection.join(ANNA);
    await settled();
    expect(call.arrivals).toEqual(['anna']);
    expect(call.stt.connections).toHaveLength(1);
  });

  test('who come back are heard on a new connection', async () => {
    const call = await new TestCall({ join: { present: [ANNA] }, openings: [{}, {}] }).join();
    call.connection.leave(ANNA);
    call.connection.join(ANNA);
    await settled();
    expect(call.stt.connections.map(({ isClosed }) => isClosed)).toEqual([true, false]);
  });
});

test('two agents at once on the same components have figures of their own', async () => {
  const telemetry = startTelemetry();
  const clock = new ManualClock();
  const stt = new ScriptedSTT([{}, {}]);
  const llm = new ScriptedLLM([says('One.', { afterMs: 100 }), says('Two!', { afterMs: 500 })], {
    clock,
  });
  const tts = new ScriptedTTS([speaks('One.', { afterMs: 50 }), speaks('Two!', { afterMs: 70 })]);
  const shared = { clock, openings: [], agent: { stt, llm, tts } };
  const first = await new TestCall({ ...shared, join: { present: [ANNA] } }).join();
  const second = await new TestCall({ ...shared, join: { present: [BELA] } }).join();
  for (const connection of stt.connections) {
    connection.report(
      { type: 'transcript', text: 'Hello.', final: true },
      { type: 'turn-end', eager: false },
    );
  }
  await clock.advance(1000);

  expect(first.turns).toMatchObject([{ agentText: 'One.' }]);
  expect(second.turns).toMatchObject([{ agentText: 'Two!' }]);
  expect(first.agent.metrics.llmLatencyMs).toMatchObject({ count: 1, sum: 100 });
  expect(second.agent.metrics.llmLatencyMs).toMatchObject({ count: 1, sum: 500 });
  expect(first.agent.metrics.ttsLatencyMs).toMatchObject({ count: 1, sum: 50 });
  expect(second.agent.metrics.ttsLatencyMs).toMatchObject({ count: 1, sum: 70 });
  expect(await telemetry.histogram('llm.latency.ms')).toMatchObject({ count: 2, sum: 600 });
  expect(await telemetry.value('agent.sessions.active')).toBe(2);

  await first.agent.close();
  expect(await telemetry.value('agent.sessions.active')).toBe(1);
  expect([stt.openConnections, tts.openConnections]).toEqual([1, 1]);
  await second.agent.close();
  for (const { script } of [stt, llm, tts]) script.verify();
});
