import { pcmBytes, ProviderError } from '@vision-agents/core';
import { afterEach, expect, test, vi } from 'vitest';

import { Edge } from '../src/index.ts';
import { ManualClock } from './manual-clock.ts';
import { joinTestCall, namesOf } from './test-call.ts';
import { connectCaller } from './test-caller.ts';
import { tone } from './tone.ts';

const HANGUP = '{"type":"hangup"}';

afterEach(() => {
  vi.useRealTimers();
});

test('what a caller says reaches the agent byte for byte, with its rate and name', async () => {
  const { call, heard, told } = await joinTestCall(new Edge());
  const caller = await connectCaller(call.socketUrl, { rate: '44100', name: 'Ada' });
  const speech = tone(440, 100, 44_100);
  caller.socket.send(pcmBytes(speech.subarray(0, 882)));
  caller.socket.send(pcmBytes(speech.subarray(882)));
  await vi.waitFor(() => expect(heard).toHaveLength(2));
  expect(heard[0]?.participant.name).toBe('Ada');
  expect(heard[0]?.frame.sampleRateHz).toBe(44_100);
  const bytes = heard.map(({ frame }) => pcmBytes(frame.samples));
  expect(Buffer.concat(bytes).equals(pcmBytes(speech))).toBe(true);
  expect(namesOf(told)).toEqual(['joined']);
});

test('two callers are two participants, and the call ends when both have left', async () => {
  const { call, connection, heard, told, openSockets } = await joinTestCall(new Edge());
  const first = await connectCaller(call.socketUrl);
  const second = await connectCaller(call.socketUrl);
  expect(openSockets()).toBe(2);
  first.socket.send(pcmBytes(tone(440, 20, 24_000)));
  second.socket.send(pcmBytes(tone(440, 20, 24_000)));
  await vi.waitFor(() => expect(heard).toHaveLength(2));
  expect(new Set(heard.map(({ participant }) => participant.id)).size).toBe(2);

  first.socket.send(HANGUP);
  expect(await first.closed).toBe(1000);
  expect(first.received).toEqual([{ type: 'ended', reason: 'hangup' }]);
  connection.caption({ speaker: 'agent', text: 'still here', final: true });
  await vi.waitFor(() => expect(second.received).toHaveLength(1));
  expect(namesOf(told)).toEqual(['joined', 'joined', 'left']);

  second.socket.terminate();
  await vi.waitFor(() =>
    expect(namesOf(told)).toEqual(['joined', 'joined', 'left', 'left', 'ended: hangup']),
  );
  expect(openSockets()).toBe(0);
  await expect(connectCaller(call.socketUrl)).rejects.toThrow('HTTP 404');
});

test('somebody who comes back within the grace keeps the call', async () => {
  const clock = new ManualClock();
  const edge = new Edge({ leaveGraceMs: 5000 });
  const { call, told } = await joinTestCall(edge, { clock });
  const first = await connectCaller(call.socketUrl);
  first.socket.close();
  await vi.waitFor(() => expect(namesOf(told)).toEqual(['joined', 'left']));
  clock.advance(4999);
  const second = await connectCaller(call.socketUrl);
  clock.advance(10_000);
  expect(namesOf(told)).toEqual(['joined', 'left', 'joined']);
  second.socket.close();
  await vi.waitFor(() => expect(told).toHaveLength(4));
  clock.advance(4999);
  expect(told).toHaveLength(4);
  clock.advance(1);
  expect(told.at(-1)).toMatchObject({ what: 'ended', reason: 'hangup' });
});

test('half a sample closes that socket with 1007 and nothing else', async () => {
  const { call, heard, told, logged } = await joinTestCall(new Edge());
  const good = await connectCaller(call.socketUrl);
  const bad = await connectCaller(call.socketUrl);
  bad.socket.send(Buffer.alloc(3));
  expect(await bad.closed).toBe(1007);
  expect(logged).toMatchObject([{ level: 'warn', fields: { error_type: 'protocol' } }]);
  good.socket.send(pcmBytes(tone(440, 20, 24_000)));
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  expect(namesOf(told)).toEqual(['joined', 'joined', 'left']);
});

test('a message above a mebibyte closes its socket', async () => {
  const { call, heard } = await joinTestCall(new Edge());
  const caller = await connectCaller(call.socketUrl);
  caller.socket.send(Buffer.alloc(1024 * 1024));
  caller.socket.send(Buffer.alloc(1024 * 1024 + 2));
  expect(await caller.closed).toBe(1009);
  expect(heard).toHaveLength(1);
});

test('an unknown message is ignored, and its words are not logged', async () => {
  const { call, heard, logged } = await joinTestCall(new Edge());
  const caller = await connectCaller(call.socketUrl);
  caller.socket.send('{"type":"dance","secret":"words"}');
  caller.socket.send('no JSON of words');
  caller.socket.send(pcmBytes(tone(440, 20, 24_000)));
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  expect(logged.map(({ level }) => level)).toEqual(['debug', 'debug']);
  expect(JSON.stringify(logged)).not.toContain('words');
});

test('who comes before the agent waits for it', async () => {
  const edge = new Edge();
  const { socketUrl } = await edge.createCall('default', 'early');
  const caller = await connectCaller(socketUrl, { name: 'Early' });
  const { told, connection } = await joinTestCall(edge, { callId: 'early' });
  expect(told).toMatchObject([{ what: 'joined', participant: { name: 'Early' } }]);
  connection.caption({ speaker: 'agent', text: 'Hello', final: true });
  await vi.waitFor(() => expect(caller.received).toHaveLength(1));
});

test('a call has one agent', async () => {
  const edge = new Edge();
  await joinTestCall(edge);
  await expect(joinTestCall(edge)).rejects.toThrow(ProviderError);
  await joinTestCall(edge, { callId: 'another' });
});

test('closing tells everybody why, once, and reports nothing more', async () => {
  const { call, connection, told, openSockets } = await joinTestCall(new Edge());
  const callers = [await connectCaller(call.socketUrl), await connectCaller(call.socketUrl)];
  const closing = connection.close('max_duration');
  await Promise.all([closing, connection.close('error')]);
  await connection.close('closed');
  for (const caller of callers) {
    expect(await caller.closed).toBe(1000);
    expect(caller.received).toEqual([{ type: 'ended', reason: 'max_duration' }]);
  }
  expect(namesOf(told)).toEqual(['joined', 'joined']);
  expect(openSockets()).toBe(0);
});

test('closing does not wait for a caller who does not answer', async () => {
  const { call, connection } = await joinTestCall(new Edge());
  const caller = await connectCaller(call.socketUrl);
  caller.socket.pause();
  await connection.close('closed');
  expect(caller.socket.readyState).toBe(caller.socket.OPEN);
});

test('aborting the signal leaves the call', async () => {
  const { call, abort, told } = await joinTestCall(new Edge());
  const caller = await connectCaller(call.socketUrl);
  abort();
  expect(await caller.closed).toBe(1000);
  expect(namesOf(told)).toEqual(['joined']);
});

test('closing the edge ends its calls, and the agent learns why', async () => {
  const edge = new Edge();
  const { call, told } = await joinTestCall(edge);
  const caller = await connectCaller(call.socketUrl);
  await edge.close();
  expect(await caller.closed).toBe(1000);
  expect(caller.received).toEqual([{ type: 'ended', reason: 'closed' }]);
  expect(told).toHaveLength(2);
  expect(told.at(-1)).toMatchObject({
    what: 'ended',
    reason: 'error',
    error: { provider: 'local', type: 'aborted_by_provider' },
  });
});

test('a call can be created and joined again after it ended', async () => {
  const edge = new Edge();
  const { connection } = await joinTestCall(edge);
  await connection.close('closed');
  const { call, told } = await joinTestCall(edge);
  await connectCaller(call.socketUrl);
  expect(namesOf(told)).toEqual(['joined']);
});

test('a socket that misses two pings is dead, one that answers lives', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const { call, told, logged } = await joinTestCall(new Edge());
  const living = await connectCaller(call.socketUrl);
  const dead = await connectCaller(call.socketUrl, {}, { autoPong: false });
  for (let pings = 1; pings <= 3; pings++) {
    const pinged = new Promise((resolve) => {
      living.socket.once('ping', resolve);
    });
    vi.advanceTimersByTime(10_000);
    await pinged;
    // The pong went ahead of this message, so once this has arrived the pong has too.
    living.socket.send('answered');
    await vi.waitFor(() => expect(logged).toHaveLength(pings));
  }
  expect(await dead.closed).toBe(1006);
  await vi.waitFor(() => expect(namesOf(told)).toEqual(['joined', 'joined', 'left']));
  expect(living.socket.readyState).toBe(living.socket.OPEN);
});
