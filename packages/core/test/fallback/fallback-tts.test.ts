import { expect, test } from 'vitest';

import type { AudioFrame } from '../../src/index.ts';
import { FallbackTTS, InterruptedError } from '../../src/index.ts';
import { ManualClock, RecordingLogger } from '../../src/testing/index.ts';
import { startTelemetry } from '../metrics/telemetry.ts';
import { VendorTTS } from './vendors.ts';

async function open(voices: readonly VendorTTS[]) {
  const context = { clock: new ManualClock(), logger: new RecordingLogger() };
  const stream = await new FallbackTTS(voices, { failureLimit: 2 }).open(context);
  const levels = async (text: string, signal?: AbortSignal) => {
    const frames: AudioFrame[] = [];
    for await (const frame of stream.synthesize(text, signal)) frames.push(frame);
    return frames.map(({ samples }) => samples[0]);
  };
  return { stream, levels, ...context };
}

test('the preferred voice speaks, and the others are not even opened', async () => {
  const second = new VendorTTS('b', 2, ['works']);
  const { stream, levels } = await open([new VendorTTS('a', 1, ['works']), second]);
  expect(await levels('Hello.')).toEqual([1]);
  expect(second.openCount).toBe(0);
  await stream.close();
});

test('a text that fails before its first sound is spoken by the next, and each counts its own', async () => {
  const telemetry = startTelemetry();
  const first = new VendorTTS('a', 1, ['refuses', 'works']);
  const second = new VendorTTS('b', 2, ['works']);
  const { stream, levels } = await open([first, second]);
  expect(await levels('Hello.')).toEqual([2]);
  expect(await levels('Again.')).toEqual([1]);
  const characters = (provider: string) => telemetry.value('tts.characters', { provider });
  expect([await characters('a'), await characters('b')]).toEqual([12, 6]);
  expect(await telemetry.value('tts.requests', { provider: 'a', outcome: 'error' })).toBe(1);
  await stream.close();
  await stream.close();
  expect([first.openCount, second.openCount]).toEqual([0, 0]);
});

test('a voice that failed twice is left alone', async () => {
  const first = new VendorTTS('a', 1, ['refuses']);
  const { stream, levels } = await open([first, new VendorTTS('b', 2, ['works'])]);
  for (let count = 0; count < 4; count++) expect(await levels('Hello.')).toEqual([2]);
  expect(first.texts).toHaveLength(2);
  await stream.close();
});

test('half a sentence is not begun again in another voice', async () => {
  const second = new VendorTTS('b', 2, ['works']);
  const { stream, levels } = await open([new VendorTTS('a', 1, ['breaks']), second]);
  await expect(levels('Hello.')).rejects.toMatchObject({ provider: 'a' });
  expect(second.texts).toEqual([]);
  await stream.close();
});

test('a voice that cannot be opened is passed over when the call begins', async () => {
  const { stream, levels } = await open([
    new VendorTTS('a', 1, ['works'], 'refuses'),
    new VendorTTS('b', 2, ['works']),
  ]);
  expect(await levels('Hello.')).toEqual([2]);
  await stream.close();
});

test('the call cannot begin when no voice can be opened, and nothing stays open', async () => {
  const voices = ['a', 'b'].map((name) => new VendorTTS(name, 1, ['works'], 'refuses'));
  await expect(open(voices)).rejects.toMatchObject({ provider: 'b' });
});

test('an interruption is no reason to try another voice', async () => {
  const second = new VendorTTS('b', 2, ['works']);
  const { stream, levels } = await open([new VendorTTS('a', 1, ['works']), second]);
  const reason = new InterruptedError();
  await expect(levels('Hello.', AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(second.texts).toEqual([]);
  await stream.close();
  await expect(levels('Hello.')).rejects.toThrow(InterruptedError);
});
