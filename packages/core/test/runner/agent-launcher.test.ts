import { describe, expect, test } from 'vitest';

import type { AgentLauncherOptions } from '../../src/index.ts';
import { AgentLauncher } from '../../src/index.ts';
import { settled } from '../../src/testing/index.ts';
import { CALLER, TestCall } from '../fakes/test-call.ts';

const REQUEST = { callType: 'default', callId: 'test' };

const joinCall: AgentLauncherOptions['joinCall'] = async (agent, { callType, callId }) => {
  await agent.join(await agent.createCall(callType, callId));
  await agent.finish();
};

describe('a session', () => {
  test('is made for its call and ends when joinCall does', async () => {
    const call = new TestCall();
    const requests: unknown[] = [];
    const launcher = new AgentLauncher({
      createAgent: (request) => (requests.push(request), call.agent),
      joinCall,
    });
    const session = await launcher.start(REQUEST);
    await settled();
    expect(requests).toEqual([REQUEST]);
    expect(session).toMatchObject({ request: REQUEST, agent: call.agent });
    expect(launcher.sessions).toEqual([session]);
    call.connection.handlers.ended('hangup');
    await session.done;
    expect(call.endings).toEqual(['hangup']);
    expect(launcher.sessions).toEqual([]);
    expect(call.edge.closeCount).toBe(0);
    await launcher.close();
    expect(call.edge.closeCount).toBe(1);
  });

  test('whose joinCall returns early is closed', async () => {
    const call = new TestCall();
    const launcher = new AgentLauncher({
      createAgent: () => call.agent,
      joinCall: async (agent) => void (await agent.join({ type: 'default', id: 'test' })),
    });
    const session = await launcher.start(REQUEST);
    await session.done;
    expect(call.endings).toEqual(['closed']);
  });

  test('whose joinCall fails is closed and tells why', async () => {
    const call = new TestCall();
    const launcher = new AgentLauncher({
      createAgent: () => call.agent,
      async joinCall(agent) {
        await agent.join({ type: 'default', id: 'test' });
        throw new Error('a bad program');
      },
    });
    const session = await launcher.start(REQUEST);
    await expect(session.done).rejects.toThrow('a bad program');
    expect(call.endings).toEqual(['closed']);
    expect(launcher.sessions).toEqual([]);
  });

  test('without an agent does not begin', async () => {
    const launcher = new AgentLauncher({
      createAgent: () => Promise.reject(new Error('no key')),
      joinCall,
    });
    await expect(launcher.start(REQUEST)).rejects.toThrow('no key');
    expect(launcher.sessions).toEqual([]);
  });
});

describe('a launcher that is closed', () => {
  test('ends all its calls for the reason given, then lets go of their edges', async () => {
    const calls = [new TestCall(), new TestCall()];
    const waiting = [...calls];
    const launcher = new AgentLauncher({
      createAgent: () => waiting.shift()?.agent ?? Promise.reject(new Error('no more')),
      joinCall,
    });
    await launcher.start(REQUEST);
    await launcher.start(REQUEST);
    await settled();
    await launcher.close('drained');
    await launcher.close();
    expect(calls.map(({ endings }) => endings)).toEqual([['drained'], ['drained']]);
    expect(calls.every(({ edge }) => edge.closeCount > 0)).toBe(true);
    expect(launcher.sessions).toEqual([]);
  });

  test('does not let a call begin whose agent is still being made', async () => {
    const call = new TestCall({ join: { present: [CALLER] } });
    const made = Promise.withResolvers<typeof call.agent>();
    let hasJoined = false;
    const launcher = new AgentLauncher({
      createAgent: () => made.promise,
      joinCall: async () => void (hasJoined = true),
    });
    const starting = launcher.start(REQUEST).catch((error: unknown) => error);
    await launcher.close();
    made.resolve(call.agent);
    expect(await starting).toMatchObject({ code: 'call_ended' });
    expect(hasJoined).toBe(false);
    expect(call.edge.closeCount).toBe(1);
    await call.join();
  });

  test('does not let a call begin that has not joined yet', async () => {
    const call = new TestCall({ join: { present: [CALLER] }, openings: [] });
    const created = Promise.withResolvers<void>();
    const launcher = new AgentLauncher({
      createAgent: () => call.agent,
      async joinCall(agent, request) {
        await created.promise;
        await joinCall(agent, request);
      },
    });
    const session = await launcher.start(REQUEST);
    const closing = launcher.close();
    created.resolve();
    await closing;
    await expect(session.done).rejects.toMatchObject({ code: 'call_ended' });
    call.edge.script.next('nothing: the joining that was expected did not come');
  });
});

test.each([
  ['createAgent', 5],
  ['joinCall', 'join'],
  ['joinAll', joinCall],
])('the option %s = %j is refused by name', (option, value) => {
  const options = { createAgent: () => new TestCall().agent, joinCall, [option]: value };
  expect(() => new AgentLauncher(options)).toThrow(
    expect.objectContaining({ code: 'configuration', option }),
  );
});
