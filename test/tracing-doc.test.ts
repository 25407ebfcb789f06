import { expect, test } from 'vitest';

import { SPAN_NAMES } from '../packages/core/src/index.ts';
import { codeIn, section, tableRows } from './markdown.ts';
import { filesBelow, readText } from './workspace.ts';

const PAGE = readText('docs/tracing.md');
const SOURCES = ['tracing', 'metrics'].flatMap((room) =>
  filesBelow(`packages/core/src/${room}`, '.ts').map(readText),
);

/** Names of attributes as they stand in code; the stages are made of their prefix. */
function attributesIn(text: string, prefix: string): string[] {
  const names = text.match(new RegExp(String.raw`(?<=['\`])${prefix}\.[\w.]*\w`, 'g')) ?? [];
  return [...new Set(names)].filter((name) => !name.includes('.stage')).toSorted();
}

test('the page on traces has the spans of a call, and those of requests', () => {
  const rows = tableRows(section(PAGE, 'The spans') ?? '').map(([name = '']) => codeIn(name));
  const requests = ['chat <model>', 'execute_tool <tool>', 'text_to_speech <model>'];
  expect(rows.filter((name) => name !== undefined).toSorted()).toEqual(
    [...Object.values(SPAN_NAMES), ...requests].toSorted(),
  );
});

test('it has all attributes of our own, and none that are not there', () => {
  const meters = new Set(['vision_agents.gen_ai']);
  const inCode = attributesIn(SOURCES.join('\n'), 'vision_agents');
  const onSpans = inCode.filter((name) => !meters.has(name));
  expect(attributesIn(PAGE, 'vision_agents')).toEqual(onSpans);
});

test('it names only attributes of the GenAI conventions that are on spans', () => {
  const inCode = new Set(attributesIn(SOURCES.join('\n'), 'gen_ai'));
  const named = attributesIn(PAGE, 'gen_ai');
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !inCode.has(name))).toEqual([]);
});
