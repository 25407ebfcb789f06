import { speak, spokenDurationMs } from '@vision-agents/sandbox';
import { describe, expect, test } from 'vitest';

import { hear, noisy, padded, resampled, throughMuLaw } from './hear.ts';

const sentence = 'Hello, is the 7:45 flight to New Zealand on time? Yeees!';
const rates = [8000, 16_000, 22_050, 24_000, 44_100, 48_000];

describe('what is spoken is heard', () => {
  test.each(rates)('at %i Hz', (sampleRateHz) => {
    const audio = padded(speak(sentence, { sampleRateHz }), sampleRateHz);
    expect(hear(audio, sampleRateHz).text).toBe(sentence);
  });

  test.each([
    'aaaaaaaaaa',
    'abcdefghijklmnopqrstuvwxyz 0123456789',
    ' .,?!\'"-:;()/%$&+=@#*_<>',
    'ÄÖÜ ß Ça va? नमस्ते 你好。😀 \n\t ~^[]{}|`\\ \u212A ſ İ \u0000 \u{10FFFF}',
    ' leading and trailing ',
  ])('whatever it is: %j', (text) => {
    const audio = padded(speak(text, { sampleRateHz: 16_000 }), 16_000);
    expect(hear(audio, 16_000).text).toBe(text);
  });

  test.each([
    [16_000, 24_000],
    [24_000, 16_000],
    [16_000, 48_000],
    [48_000, 16_000],
    [44_100, 16_000],
    [16_000, 44_100],
    [48_000, 8000],
  ])('resampled from %i to %i Hz', (from, to) => {
    const audio = resampled(padded(speak(sentence, { sampleRateHz: from }), from), from, to);
    expect(hear(audio, to).text).toBe(sentence);
  });

  test('through mu-law', () => {
    const audio = throughMuLaw(padded(speak(sentence, { sampleRateHz: 8000 }), 8000));
    expect(hear(audio, 8000).text).toBe(sentence);
  });

  test.each([1, 0.03])('at amplitude %d, in noise 10 dB below it', (amplitude) => {
    const audio = padded(speak(sentence, { sampleRateHz: 16_000, amplitude }), 16_000);
    const noise = 20 * Math.log10(amplitude / 2) - 10;
    expect(hear(noisy(audio, noise), 16_000).text).toBe(sentence);
  });

  test.each([1, 3, 639, 7001])('in pieces of %i bytes', (pieceBytes) => {
    const audio = padded(speak(sentence, { sampleRateHz: 16_000 }), 16_000);
    expect(hear(audio, 16_000, { pieceBytes }).text).toBe(sentence);
  });

  test.each([-200, 200])('with a clock %i ppm off', (ppm) => {
    const text = sentence.repeat(10);
    const rate = 16_000 * (1 + ppm / 1e6);
    const audio = resampled(padded(speak(text, { sampleRateHz: 16_000 }), 16_000), 16_000, rate);
    expect(hear(audio, 16_000).text).toBe(text);
  });

  test('at 50 ms a chord', () => {
    const audio = padded(speak(sentence, { sampleRateHz: 16_000, chordMs: 50 }), 16_000);
    expect(hear(audio, 16_000, { chordMs: 50 }).text).toBe(sentence);
  });

  test('when 20 ms are lost now and then', () => {
    const whole = padded(speak(sentence, { sampleRateHz: 16_000 }), 16_000);
    const kept = whole.filter((_, index) => index % 16_000 > 320 || index < 16_000);
    expect(hear(kept, 16_000).text).toBe(sentence);
  });
});

describe('offsets', () => {
  test.each(rates)('are right to 5 ms at %i Hz', (sampleRateHz) => {
    for (const text of ['a', 'Hello there.', 'hmmmm', 'What time is it', '8']) {
      for (const beforeMs of [20, 400, 1740, 333]) {
        const audio = padded(speak(text, { sampleRateHz }), sampleRateHz, { beforeMs });
        const heard = hear(audio, sampleRateHz);
        expect(heard.text).toBe(text);
        expect(heard.starts).toEqual([expect.closeTo(beforeMs, -0.8)]);
        const endMs = beforeMs + spokenDurationMs(text);
        expect(Math.abs((heard.ends[0] ?? 0) - endMs)).toBeLessThan(5);
        expect(Math.abs((heard.characters.at(-1)?.endMs ?? 0) - endMs)).toBeLessThan(5);
      }
    }
  });

  test('of characters follow each other', () => {
    const audio = padded(speak('aB', { sampleRateHz: 16_000 }), 16_000, { beforeMs: 200 });
    const [a, b] = hear(audio, 16_000).characters;
    expect(Math.abs((a?.startMs ?? 0) - 200)).toBeLessThan(5);
    expect(Math.abs((a?.endMs ?? 0) - 360)).toBeLessThan(5);
    expect(Math.abs((b?.startMs ?? 0) - 360)).toBeLessThan(5);
    expect(Math.abs((b?.endMs ?? 0) - 520)).toBeLessThan(5);
  });
});

test('utterances are told apart, with and without a pause', () => {
  const first = padded(speak('One.', { sampleRateHz: 16_000 }), 16_000);
  const second = speak('Two.', { sampleRateHz: 16_000 });
  const third = padded(speak('Three.', { sampleRateHz: 16_000 }), 16_000, { beforeMs: 0 });
  const heard = hear(Int16Array.of(...first, ...second, ...third), 16_000);
  expect(heard.text).toBe('One.Two.Three.');
  expect(heard.starts).toHaveLength(3);
  expect(heard.ends).toHaveLength(3);
});

test('an utterance that is interrupted by an underrun is heard on', () => {
  const audio = speak('Hello there.', { sampleRateHz: 16_000 });
  const gap = new Int16Array(16_000 * 0.3);
  const whole = Int16Array.of(...audio.subarray(0, 1280 * 6), ...gap, ...audio.subarray(1280 * 6));
  expect(hear(padded(whole, 16_000), 16_000).text).toBe('Hello there.');
});

test('noise, a hum and silence say nothing', () => {
  const hum = Int16Array.from({ length: 32_000 }, (_, at) => 8000 * Math.sin(at * 0.3));
  for (const audio of [new Int16Array(32_000), noisy(new Int16Array(32_000), -20), hum]) {
    const heard = hear(audio, 16_000);
    expect(heard.starts).toEqual([]);
    expect(heard.text).toBe('');
  }
});

test('damaged audio gives a damaged text', () => {
  const audio = padded(speak(sentence, { sampleRateHz: 16_000 }), 16_000);
  expect(hear(noisy(audio, -3), 16_000).text).not.toBe(sentence);
});
