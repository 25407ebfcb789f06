import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { BOUNDARIES, CATALOGUE } from '../packages/core/src/index.ts';
import { runSuccessfully } from './child-process.ts';
import { prometheusName, seriesNames } from './prometheus-names.ts';
import { readText, ROOT } from './workspace.ts';

const FILES = readdirSync(join(ROOT, 'rules')).filter((name) => name.endsWith('.yml'));
const METRICS = Object.values(CATALOGUE);
const SERIES = new Set(METRICS.flatMap(seriesNames));
/** What the names of our metrics begin with, up to the first underscore. */
const FIRST_WORDS = new Set(METRICS.map(({ name }) => name.split('.')[0]));

test('promtool accepts the rules', async () => {
  const paths = FILES.map((name) => join('rules', name));
  const output = await runSuccessfully('promtool', ['check', 'rules', ...paths], {
    cwd: ROOT,
    timeoutMs: 30_000,
  });
  expect(output).toContain('SUCCESS');
});

describe.for(FILES.map((name) => [name] as const))('rules/%s', ([name]) => {
  const text = readText(`rules/${name}`).replaceAll(/^\s*#.*$/gm, '');
  const recorded = [...text.matchAll(/^\s*(?:- )?record:\s*(\S+)/gm)].map(
    ([, found = '']) => found,
  );

  test('asks only for metrics that exist', () => {
    const words = text.match(/(?<![\w:])[a-z]+(?:_[a-z0-9]+)+(?![\w:])/g) ?? [];
    const metrics = words.filter((word) => FIRST_WORDS.has(word.split('_')[0]));
    expect(metrics.length).toBeGreaterThan(0);
    expect(metrics.filter((word) => !SERIES.has(word) && !recorded.includes(word))).toEqual([]);
  });

  test('records nothing under the name of a series that is exported', () => {
    expect(recorded.filter((series) => SERIES.has(series))).toEqual([]);
  });

  test('asks only for buckets that exist', () => {
    const asked = [...text.matchAll(/(\w+)_bucket\{[^}]*\ble="([^"]+)"/g)];
    for (const [, metric = '', bound = ''] of asked) {
      const definition = METRICS.find((one) => prometheusName(one) === metric);
      const bounds = BOUNDARIES[definition?.boundaries ?? 'response'].map(String);
      expect([...bounds, '+Inf'], `${metric} le="${bound}"`).toContain(bound);
    }
  });
});
