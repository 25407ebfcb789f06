import { describe, expect, test } from 'vitest';

import { BOUNDARIES, CATALOGUE, SPAN_NAMES } from '../packages/core/src/index.ts';
import { codeIn, section, tableRows } from './markdown.ts';
import { prometheusName } from './prometheus-names.ts';
import { filesBelow, readText } from './workspace.ts';

const PAGE = readText('docs/metrics.md');
const ROWS = tableRows(PAGE).filter((cells) => cells.length === 7);

describe('docs/metrics.md', () => {
  test('has the metrics of the catalogue, in its order within each group, and no other', () => {
    const names = ROWS.flatMap(([name = '']) => codesIn(name));
    const expected = Object.values(CATALOGUE).map(({ name }) => name);
    expect(names.toSorted()).toEqual(expected.toSorted());
    expect(byGroup(names)).toEqual(byGroup(expected));
  });

  test.for(Object.entries(CATALOGUE).map(([key, metric]) => [metric.name, key, metric] as const))(
    'describes %s as the catalogue defines it',
    ([name, key, metric]) => {
      const row = ROWS.find(([cell = '']) => codeIn(cell) === name) ?? [];
      const [, prometheus = '', field = '', kind, unit, attributes = '', meaning = ''] = row;
      expect({
        prometheus: codeIn(prometheus),
        field: codeIn(field),
        kind: kind?.replace('up-down counter', 'up-down-counter'),
        unit,
        attributes: codesIn(attributes),
      }).toEqual({
        prometheus: prometheusName(metric),
        field: key,
        kind: metric.kind,
        unit: metric.unit,
        attributes: metric.attributes,
      });
      expect(meaning).toMatch(name.endsWith('latency.ms') ? /→|^Reserved: as/ : /^[A-Z]/);
    },
  );

  test('says of a metric that it is reserved while nothing records it, and of no other', () => {
    const sources = filesBelow('packages', '.ts')
      .filter((file) => file.includes('/src/') && !file.endsWith('/catalogue.ts'))
      .map(readText)
      .join('\n');
    const unused = Object.entries(CATALOGUE).filter(([key]) => !sources.includes(`'${key}'`));
    const reserved = ROWS.filter(([, , , , , , meaning = '']) => meaning.startsWith('Reserved'));
    expect(reserved.flatMap(([name = '']) => codesIn(name)).toSorted()).toEqual(
      unused.map(([, { name }]) => name).toSorted(),
    );
  });

  test('names every attribute that a metric can have', () => {
    const used = new Set(Object.values(CATALOGUE).flatMap(({ attributes }) => attributes));
    const described = tableRows(section(PAGE, 'Attributes') ?? '').map(([name = '']) => name);
    expect(described.flatMap(codesIn).toSorted()).toEqual([...used].toSorted());
  });

  test('gives the boundaries of every histogram', () => {
    const given = tableRows(section(PAGE, 'Buckets') ?? '').flatMap(([names = '', bounds = '']) =>
      codesIn(names).map((name) => [name, bounds.split(' ').map(Number)] as const),
    );
    const advised = Object.values(CATALOGUE).flatMap(({ name, boundaries }) =>
      boundaries === undefined ? [] : [[name, BOUNDARIES[boundaries]] as const],
    );
    expect(Object.fromEntries(given)).toEqual(Object.fromEntries(advised));
  });
});

describe('the documents', () => {
  const metrics = Object.values(CATALOGUE).map(({ name }) => name);
  const names = new Set<string>([...metrics, ...Object.values(SPAN_NAMES)]);
  const first = new Set([...names].map((name) => name.split('.')[0]));

  test.for(filesBelow('', '.md').filter((file) => !file.startsWith('.changeset')))(
    'name only metrics and spans that exist: %s',
    (file) => {
      const named = codesIn(readText(file))
        .filter((code) => /^[a-z_]+(\.[a-z_]+)+$/.test(code) && first.has(code.split('.')[0]))
        .filter((code) => !code.endsWith('.ts') && code !== 'agent.metrics');
      expect(named.filter((name) => !names.has(name))).toEqual([]);
    },
  );
});

function byGroup(names: readonly string[]): unknown {
  return Object.groupBy(names, (name) => name.split('.')[0] ?? '');
}

function codesIn(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}
