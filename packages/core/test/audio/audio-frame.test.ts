import { describe, expect, test } from 'vitest';

import { frameDurationMs, pcmBytes, pcmSamples, silence } from '../../src/audio/audio-frame.ts';
import { PcmAssembler } from '../../src/audio/pcm-assembler.ts';

const SAMPLES = Int16Array.of(0, 1, -1, 256, 32_767, -32_768);
const BYTES = Uint8Array.of(0, 0, 1, 0, 0xff, 0xff, 0, 1, 0xff, 0x7f, 0, 0x80);

describe('samples as bytes', () => {
  test('have the low byte first', () => {
    expect(pcmBytes(SAMPLES)).toEqual(BYTES);
    expect(pcmSamples(BYTES)).toEqual(SAMPLES);
  });

  test('are those of a part of a larger piece', () => {
    expect(pcmBytes(SAMPLES.subarray(1, 3))).toEqual(BYTES.subarray(2, 6));
    expect(pcmSamples(BYTES.subarray(2, 6))).toEqual(SAMPLES.subarray(1, 3));
  });

  test('may start at an odd place in memory', () => {
    const shifted = Uint8Array.of(9, ...BYTES).subarray(1);
    expect(pcmSamples(shifted)).toEqual(SAMPLES);
  });

  test('may start at an odd place of a Buffer, whose slices share its memory', () => {
    const shifted = Buffer.from([9, ...BYTES]).subarray(1);
    expect(pcmSamples(shifted)).toEqual(SAMPLES);
  });

  test('share memory where they can', () => {
    expect(pcmBytes(SAMPLES).buffer).toBe(SAMPLES.buffer);
    expect(pcmSamples(BYTES).buffer).toBe(BYTES.buffer);
  });

  test('of an odd number are refused', () => {
    expect(() => pcmSamples(new Uint8Array(3))).toThrow(
      new RangeError('16-bit PCM cannot have an odd number of bytes (3)'),
    );
  });

  test('may be none', () => {
    expect(pcmSamples(new Uint8Array(0))).toHaveLength(0);
    expect(pcmBytes(new Int16Array(0))).toHaveLength(0);
  });
});

test('a frame lasts as long as its samples at its rate', () => {
  expect(frameDurationMs({ samples: new Int16Array(320), sampleRateHz: 16_000 })).toBe(20);
  expect(frameDurationMs({ samples: new Int16Array(441), sampleRateHz: 44_100 })).toBe(10);
});

test('silence lasts as long as asked, to the nearest sample', () => {
  const frame = silence(20, 22_050);
  expect(frame.samples).toEqual(new Int16Array(441));
  expect(frame.sampleRateHz).toBe(22_050);
});

describe('an assembler of samples', () => {
  test.for([1, 2, 3, 5, 7, 12])('gives the same for chunks of %d bytes', (size) => {
    const assembler = new PcmAssembler();
    const samples: number[] = [];
    for (let start = 0; start < BYTES.length; start += size) {
      samples.push(...assembler.push(BYTES.subarray(start, start + size)));
    }
    expect(Int16Array.from(samples)).toEqual(SAMPLES);
    expect(assembler.incomplete).toBe(false);
  });

  test('says when half a sample is left', () => {
    const assembler = new PcmAssembler();
    expect(assembler.incomplete).toBe(false);
    expect(assembler.push(Uint8Array.of(1))).toHaveLength(0);
    expect(assembler.incomplete).toBe(true);
    expect(assembler.push(new Uint8Array(0))).toHaveLength(0);
    expect(assembler.incomplete).toBe(true);
    expect(assembler.push(Uint8Array.of(0, 2))).toEqual(Int16Array.of(1));
    expect(assembler.incomplete).toBe(true);
    expect(assembler.push(Uint8Array.of(0))).toEqual(Int16Array.of(2));
    expect(assembler.incomplete).toBe(false);
  });

  test('keeps its half when the memory of a chunk is used again', () => {
    const assembler = new PcmAssembler();
    const chunk = Uint8Array.of(5);
    assembler.push(chunk);
    chunk[0] = 9;
    expect(assembler.push(Uint8Array.of(0))).toEqual(Int16Array.of(5));
  });
});
