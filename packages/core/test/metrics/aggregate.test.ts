import { describe, expect, test } from 'vitest';

import { CounterAggregate, HistogramAggregate } from '../../src/metrics/aggregate.ts';
import { throughJson } from './json.ts';
import { logNormal, randomNumbers } from './random.ts';

const ERROR_BOUND = 0.07;

function aggregateOf(values: readonly number[]): HistogramAggregate {
  const aggregate = new HistogramAggregate();
  for (const value of values) aggregate.record(value);
  return aggregate;
}

/** The value at a rank, by sorting everything: what a percentile is by definition. */
function trueQuantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

/** How far the worst of several percentiles is from the truth, as a share of it. */
function worstError(values: readonly number[]): number {
  const aggregate = aggregateOf(values);
  const errors = [0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 1].map((q) => {
    const truth = trueQuantile(values, q);
    return Math.abs((aggregate.quantile(q) ?? Number.NaN) - truth) / truth;
  });
  return Math.max(...errors);
}

describe('a histogram', () => {
  test('knows count, sum, average, minimum and maximum exactly', () => {
    const aggregate = aggregateOf([3, 1, 4, 1, 5]);
    expect(aggregate).toMatchObject({ count: 5, sum: 14, average: 2.8, min: 1, max: 5 });
  });

  test('has no average and no percentile before the first measurement', () => {
    const aggregate = new HistogramAggregate();
    expect(aggregate.average).toBeUndefined();
    expect(aggregate.p50).toBeUndefined();
    expect(aggregate.p95).toBeUndefined();
    expect(aggregate.quantile(0.99)).toBeUndefined();
  });

  test.for([0, 0.3, 1, 640, 1999.5, 123_456])(
    'says %d exactly when that is all there is',
    (value) => {
      const aggregate = aggregateOf([value, value]);
      expect([aggregate.p50, aggregate.p95, aggregate.average]).toEqual([value, value, value]);
    },
  );

  test.for([
    ['answers around 900 ms', 900, 0.6],
    ['answers near the limit of 2,000 ms', 1200, 0.32],
    ['first tokens', 300, 0.5],
    ['our own work, below a millisecond', 0.2, 0.8],
    ['whole calls', 240_000, 1],
  ] as const)('tells the percentiles of %s within 7 %', ([, median, spread]) => {
    for (const seed of [1, 2, 3]) {
      const random = randomNumbers(seed);
      const values = Array.from({ length: 5000 }, () => logNormal(random, median, spread));
      expect(worstError(values)).toBeLessThan(ERROR_BOUND);
    }
  });

  test('tells the percentiles of even numbers within 7 %', () => {
    const random = randomNumbers(9);
    const values = Array.from({ length: 5000 }, () => 1 + random() * 3000);
    expect(worstError(values)).toBeLessThan(ERROR_BOUND);
  });

  test.for([1024, 1025, 2047, 16, 15.99, 0.5])(
    'tells them also when all but one are %d ms, wherever a bucket begins',
    (value) => {
      const values = [...Array.from({ length: 999 }, () => value), value * 50];
      expect(worstError(values)).toBeLessThan(ERROR_BOUND);
    },
  );

  test('takes zeros, either of them, and what is smaller than its finest bucket', () => {
    const aggregate = aggregateOf([0, -0, -0, -0, 0.000_01, 5]);
    expect(aggregate.p50).toBeLessThan(0.01);
    expect(aggregate.max).toBe(5);
  });

  test('keeps count and sum of what is longer than its last bucket', () => {
    const aggregate = aggregateOf([1, 1e9]);
    expect(aggregate).toMatchObject({ count: 2, sum: 1e9 + 1, max: 1e9 });
  });

  test('survives JSON without loss', () => {
    const random = randomNumbers(4);
    const aggregate = aggregateOf(Array.from({ length: 500 }, () => logNormal(random, 700, 0.7)));
    const read = new HistogramAggregate();
    read.merge(throughJson(aggregate.toJSON()));
    expect(read.toJSON()).toEqual(aggregate.toJSON());
    expect(read).toMatchObject({
      count: 500,
      sum: aggregate.sum,
      min: aggregate.min,
      max: aggregate.max,
      p50: aggregate.p50,
      p95: aggregate.p95,
    });
  });

  test('merged with another is what one of all measurements would be', () => {
    const random = randomNumbers(5);
    const values = Array.from({ length: 900 }, () => logNormal(random, 500, 0.5));
    const merged = aggregateOf(values.slice(0, 100));
    merged.merge(aggregateOf(values.slice(100)).toJSON());
    const whole = aggregateOf(values);
    expect(merged).toMatchObject({ count: 900, min: whole.min, max: whole.max, p95: whole.p95 });
    expect(merged.sum).toBeCloseTo(whole.sum, 6);
    expect(merged.toJSON().buckets).toEqual(whole.toJSON().buckets);
  });

  test('merged with an empty one stays as it is, also when it is empty itself', () => {
    const aggregate = aggregateOf([7, 9]);
    const before = aggregate.toJSON();
    aggregate.merge(new HistogramAggregate().toJSON());
    expect(aggregate.toJSON()).toEqual(before);

    const empty = new HistogramAggregate();
    empty.merge(new HistogramAggregate().toJSON());
    expect(empty.p50).toBeUndefined();
    empty.merge(aggregate.toJSON());
    expect(empty.toJSON()).toEqual(before);
  });

  test('takes no more room for a hundred thousand measurements than for its buckets', () => {
    const random = randomNumbers(6);
    const aggregate = aggregateOf(
      Array.from({ length: 100_000 }, () => logNormal(random, 1000, 3)),
    );
    expect(aggregate.toJSON().buckets.length).toBeLessThan(500);
  });
});

describe('a counter', () => {
  test('adds up, merges and survives JSON', () => {
    const counter = new CounterAggregate();
    counter.add(2);
    counter.add(0.5);
    const read = new CounterAggregate();
    read.add(1);
    read.merge(throughJson(counter.toJSON()));
    expect(read.total).toBe(3.5);
  });
});
