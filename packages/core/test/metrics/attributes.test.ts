import { describe, expect, test } from 'vitest';

import type { Labels } from '../../src/metrics/attributes.ts';
import { cleanAttributes, isMeasurement } from '../../src/metrics/attributes.ts';
import { Recorder } from '../../src/metrics/recorder.ts';
import { startTelemetry } from './telemetry.ts';

/** Labels as a plugin written in JavaScript may pass them. */
function untyped(labels: object): Labels {
  return labels;
}

describe('the attributes of a series', () => {
  test('are those of the metric and no other', () => {
    const labels = untyped({ provider: 'p', model: 'm', le: '5', 'user.id': '42', '': 'x' });
    expect(cleanAttributes(['provider', 'model'], labels)).toEqual({ provider: 'p', model: 'm' });
  });

  test.for<readonly [string, unknown]>([
    ['empty string', ''],
    ['undefined', undefined],
    ['null', null],
    ['number', 7],
    ['NaN', Number.NaN],
    ['function', () => 'x'],
    ['symbol', Symbol('x')],
    ['big integer', 7n],
    ['object', { toString: () => 'x' }],
    ['array', ['x']],
  ])('leave out a value that is a %s', ([, value]) => {
    const labels = untyped({ provider: 'p', model: value });
    expect(cleanAttributes(['provider', 'model'], labels)).toEqual({ provider: 'p' });
  });

  test('are at most 64 characters long', () => {
    const { model } = cleanAttributes(['model'], { model: 'x'.repeat(1000) });
    expect(model).toBe('x'.repeat(64));
  });

  test('are a frozen copy', () => {
    const labels = { provider: 'p' };
    const clean = cleanAttributes(['provider'], labels);
    labels.provider = 'changed';
    expect(clean).toEqual({ provider: 'p' });
    expect(Object.isFrozen(clean)).toBe(true);
  });

  test('have the order of the metric, whatever the order of the labels', () => {
    const keys = ['provider', 'model'] as const;
    const clean = cleanAttributes(keys, { model: 'm', provider: 'p' });
    expect(Object.keys(clean)).toEqual(['provider', 'model']);
  });

  test('stay as they were when the labels are changed after use', async () => {
    const telemetry = startTelemetry();
    const scope = { provider: 'mutable', model: 'm' };
    const labels: { outcome: 'completed' | 'error' } = { outcome: 'completed' };
    const recorder = new Recorder(scope);
    recorder.counter('llmRequests', labels).add(1);
    scope.provider = 'other';
    labels.outcome = 'error';
    expect(await telemetry.samples('llm.requests')).toMatchObject([
      { attributes: { provider: 'mutable', model: 'm', outcome: 'completed' }, value: 1 },
    ]);
  });

  test('reach the exporter clean, whatever was given', async () => {
    const telemetry = startTelemetry();
    const dirty = untyped({ provider: 'dirty', model: () => 'm', le: '1', 'a.b': 'x', a_b: 'y' });
    new Recorder(dirty).histogram('llmLatencyMs', untyped({ 1: 'x', outcome: 'error' })).record(1);
    expect(await telemetry.samples('llm.latency.ms', { provider: 'dirty' })).toMatchObject([
      { attributes: { provider: 'dirty' } },
    ]);
    const [sample] = await telemetry.samples('llm.latency.ms', { provider: 'dirty' });
    expect(Object.keys(sample?.attributes ?? {})).toEqual(['provider']);
  });
});

test.for([
  [0, true],
  [0.001, true],
  [1e12, true],
  [-0.001, false],
  [Number.NaN, false],
  [Number.POSITIVE_INFINITY, false],
  [Number.NEGATIVE_INFINITY, false],
] as const)('%d as a measurement: %s', ([value, isOne]) => {
  expect(isMeasurement(value)).toBe(isOne);
});
