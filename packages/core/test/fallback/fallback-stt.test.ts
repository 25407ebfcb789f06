import { expect, test } from 'vitest';

import { FallbackSTT } from '../../src/index.ts';
import { ManualClock, RecordingLogger } from '../../src/testing/index.ts';
import { startTelemetry } from '../metrics/telemetry.ts';
import { refusal, VendorSTT } from './vendors.ts';

function context() {
  return { clock: new ManualClock(), logger: new RecordingLogger() };
}

test('the next is opened when the preferred one cannot be, and each counts its own', async () => {
  const telemetry = startTelemetry();
  const second = new VendorSTT('b', ['works']);
  const stt = new FallbackSTT([new VendorSTT('a', ['refuses']), second]);
  await using stream = await stt.open(context());
  second.connections[0]?.report({ type: 'transcript', text: 'Hello.', final: true });
  await stream[Symbol.asyncIterator]().next();
  expect(await telemetry.value('stt.errors', { provider: 'a', error_code: '503' })).toBe(1);
  expect(await telemetry.value('stt.transcripts', { provider: 'b' })).toBe(1);
});

test('one whose connections break again and again is left alone', async () => {
  const first = new VendorSTT('a', ['works']);
  const second = new VendorSTT('b', ['works']);
  const stt = new FallbackSTT([first, second], { failureLimit: 2 });
  const call = context();
  for (let count = 0; count < 2; count++) {
    const stream = await stt.open(call);
    first.connections[count]?.lose(refusal('a'));
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toMatchObject({ provider: 'a' });
  }
  await using _ = await stt.open(call);
  expect([first.connections.length, second.connections.length]).toEqual([2, 1]);
  await call.clock.advance(30_000);
  await using again = await stt.open(call);
  expect(again).toBeDefined();
  expect(first.connections).toHaveLength(3);
});

test('all that cannot be opened is the error of the last', async () => {
  const stt = new FallbackSTT([new VendorSTT('a', ['refuses']), new VendorSTT('b', ['refuses'])]);
  await expect(stt.open(context())).rejects.toMatchObject({ provider: 'b' });
});

test('services that differ in whether they find turns are refused', () => {
  const services = [new VendorSTT('a', ['works']), new VendorSTT('b', ['works'], false)];
  expect(() => new FallbackSTT(services)).toThrow('all find turns, or none');
});
