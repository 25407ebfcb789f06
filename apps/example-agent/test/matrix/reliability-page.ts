import type { FaultCase } from '../fault-case.ts';
import type { Cell, Outcome } from './cell.ts';
import { isWished } from './cell.ts';
import { COMPONENTS } from './components.ts';
import { heardByCaller } from './consequence.ts';
import { entryOf, GLOSSARY } from './glossary.ts';
import type { ProgramCase } from './program-case.ts';
import { REQUIRED_FAULTS } from './required-faults.ts';

const INTRODUCTION = `# When providers fail

This page is written by a test, [reliability.test.ts](../apps/example-agent/test/reliability.test.ts), from what it
saw: it has every component suffer every fault that it can meet, with the provider's own SDK against the
[sandbox](../packages/sandbox), and fails when it sees something else than is written here.
\`pnpm --filter example-agent exec vitest run test/reliability.test.ts -u\` writes it anew.

What the tables cannot say is the same in all rows, and tested in each:

- a failure ends in a \`ProviderError\` with a type and a code, within the component's time-out, and the process lives;
- it is counted once, in the \`errors\` counter of its component, with its type and code as \`error_type\` and
  \`error_code\`; what is wished for, and what is harmless, is not counted;
- what is asked next works, on the same connection or on another one;
- what it takes and gives is counted exactly: requests, characters, transcripts, tokens, bytes of audio; where an operation fails,
  no more than the provider gave;
- the client breaks no rule of the provider's on the way;
- no connection, timer or listener is left open;
- no key and no word of the conversation is in a log or in an error, not even in its causes.
`;

const CALLER = `## How to read the tables

A fault strikes while a component connects (with a component that has no connection of its own: with its request),
before the first result, in mid-stream, or between two operations. The component has been asked for something in answer to the caller.
[The faults](#the-faults) are explained at the end.

The test sees what the component gives; what the caller hears is what an agent makes of it. In the
[whole calls](#whole-calls) it is listened to.

- **the answer**: the fault costs nothing, or a moment.
- **the apology**: the agent's option \`apology\`, in place of the rest of the answer. The turn has the outcome \`error\`, the
  call goes on.
- **the call does not begin**: \`join\` rejects with the error. While a call is on, a voice that is lost is connected anew
  for the next text, and a realtime model by and by; meanwhile the call goes on.
- **the answer, as soon as it is connected**: speech to text is connected anew and is sent once more what nobody had
  understood, fifteen seconds at most, and then what was said while there was no connection.
`;

const CALLS = `## Whole calls

A caller says three lines to the agent of the example, whose speech to text is Deepgram's Flux, whose model is Gemini and
whose voice is ElevenLabs'; a fault strikes at the second, or in the pause before it. The agent has no apology here, so that each
failure is seen by itself.
`;

const PROGRAMS = `## Mistakes of the program

The same call, in which no provider fails and the program does, at the second line if not all along. Of a tool's failure the model
is told, in place of a result. What a meter, a tracer and their exporters throw is caught as well (core's own tests try it).
`;

const EXCEPTIONS = `## What does not apply

A test compares the tables with a list of faults: each component has a row of each, or a reason here.
`;

/** What was seen, as a page. */
export function reliabilityPage(
  seen: ReadonlyMap<Cell, Outcome>,
  calls: readonly FaultCase[],
  programs: readonly ProgramCase[],
): string {
  const names = new Set([...seen.keys()].map(({ fault }) => entryOf(fault)));
  const entries = Object.entries(GLOSSARY).filter(([name]) => names.has(name));
  const components = Object.values(COMPONENTS).map(({ name }) => {
    const rows = [...seen].filter(([cell]) => cell.component.name === name);
    return `## ${name}\n\n${table(
      ['what goes wrong', 'when', 'the caller hears', 'counted', 'then'],
      rows.map(([cell, outcome]) => rowOf(cell, outcome)),
    )}`;
  });
  const glossary = table(
    ['what goes wrong', 'what it is'],
    entries.map(([name, text]) => [name.trim(), text]),
  );
  const turns = table(
    ['what goes wrong', 'counted', 'the turns end'],
    calls.map(({ name, errors, turns: ends }) => [name, counted(errors), ends.join(', ')]),
  );
  const mistakes = table(
    ['the mistake', 'counted', 'the turn ends'],
    programs.map(({ mistake, errors, second }) => [mistake, counted(errors), second]),
  );
  const sizes = `${seen.size} faults of ${components.length} components, and ${calls.length + programs.length} whole calls.\n`;
  return [
    INTRODUCTION,
    CALLER,
    sizes,
    ...components,
    CALLS,
    turns,
    PROGRAMS,
    mistakes,
    EXCEPTIONS,
    exceptions(),
    '## The faults\n',
    glossary,
  ].join('\n');
}

/** What cannot go wrong, and why. */
function exceptions(): string {
  const rows = REQUIRED_FAULTS.flatMap(({ name, reasonNot }) => {
    const byReason = new Map<string, string[]>();
    for (const component of Object.values(COMPONENTS)) {
      const reason = reasonNot?.(component);
      if (reason === undefined) continue;
      byReason.set(reason, [...(byReason.get(reason) ?? []), component.name]);
    }
    return [...byReason].map(([reason, names]) => [name, names.join('; '), reason]);
  });
  return table(['what goes wrong', 'not with', 'because'], rows);
}

function rowOf(cell: Cell, outcome: Outcome): string[] {
  const { next, errors } = outcome;
  const isOver = next === 'opened anew' && (isWished(cell) || cell.strike.by === 'network');
  const then = isOver ? 'another one works' : next;
  return [cell.fault, cell.moment, heardByCaller(cell, outcome), counted(errors), then];
}

/** `network 1006` twice: `network` `1006`, 2 times. */
function counted(errors: readonly string[]): string {
  if (errors.length === 0) return 'nothing';
  return errors
    .map((error) => {
      const words = error.split(' ').filter((word) => word !== '-');
      return words.map((word) => `\`${word}\``).join(' ');
    })
    .join(', ');
}

/** A table as the formatter writes it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |\n`;
  return line(head) + rule + rows.map(line).join('');
}
