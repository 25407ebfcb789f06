import { beforeEach, describe, expect, test, vi } from 'vitest';

import { ProviderError } from '../../src/index.ts';
import { settled } from '../../src/testing/index.ts';
import { CALLER, TestCall } from '../fakes/test-call.ts';

const LOST = new ProviderError({ provider: 'scripted', type: 'network', message: 'lost' });
const REFUSED = ProviderError.fromStatus('scripted', 503);
/** Longer than the pause before the first retry. */
const RETRY_MS = 200;

beforeEach(() => {
  // The only chance is how long core waits before it connects again.
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});

async function lose(call: TestCall): Promise<void> {
  call.ears.lose(LOST);
  await settled();
}

describe('the program and the log', () => {
  test('are told of each attempt to connect anew', async () => {
    const openings = [{}, { error: REFUSED }, { error: REFUSED }, {}];
    const call = await new TestCall({ openings }).join();
    await lose(call);
    for (let waits = 0; call.stt.connections.length < 2; waits += 1) {
      expect(waits).toBeLessThan(200);
      await call.clock.advance(10);
    }
    const provider = 'scripted';
    const common = { provider, component: 'stt', participant: CALLER };
    expect(call.reconnects).toMatchObject([
      { ...common, outcome: 'error', attempt: 1 },
      { ...common, outcome: 'error', attempt: 2 },
      { ...common, outcome: 'completed', attempt: 3 },
    ]);
    const outages = call.reconnects.map(({ outageMs }) => outageMs);
    expect(outages).toEqual(outages.toSorted((a, b) => a - b));
    expect(outages[0]).toBeGreaterThanOrEqual(100);
    expect(outages[2]).toBeLessThanOrEqual(200 + 400 + 800);
    expect(call.agent.metrics.providerReconnects.total).toBe(3);
    const told = call.logger.entries.filter(({ message }) => message.startsWith('a lost'));
    expect(told.map(({ level }) => level)).toEqual(['warn', 'warn', 'info']);
    expect(told.at(-1)?.fields).toMatchObject({ participant: 'caller', provider, attempt: 3 });
    call.stt.script.add({});
    await lose(call);
    await call.clock.advance(8 * RETRY_MS);
    expect(call.reconnects.at(-1)).toMatchObject({ outcome: 'completed', attempt: 1 });
  });

  test('are told nothing of the first connection', async () => {
    const call = await new TestCall({ openings: [{ error: REFUSED }, {}] }).join();
    await call.clock.advance(RETRY_MS);
    expect(call.reconnects).toEqual([]);
  });
});
