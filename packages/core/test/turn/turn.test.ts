import { expect, test } from 'vitest';

import { Turn } from '../../src/turn/turn.ts';

const CALLER = { id: 'caller' };

function answeredTurn(): Turn {
  const turn = new Turn('turn-1', 'reply', CALLER);
  turn.mark('speechEnd', 100);
  turn.mark('committed', 200);
  turn.mark('playoutStart', 500);
  return turn;
}

test('closes once: the first outcome stays, and everybody gets the same record', async () => {
  const turn = answeredTurn();
  const record = turn.close('completed');
  expect(record).toMatchObject({ id: 'turn-1', outcome: 'completed', participant: CALLER });
  expect(turn.close('error')).toBeUndefined();
  expect(turn.isClosed).toBe(true);
  await expect(turn.closed).resolves.toBe(record);
});

test('keeps its record as it was when it closed', () => {
  const turn = answeredTurn();
  const record = turn.close('completed');
  turn.mark('playoutEnd', 900);
  turn.heard('later', true);
  expect(record?.marks).toEqual({ speechEnd: 100, committed: 200, playoutStart: 500 });
  expect(record?.userText).toBe('');
});

test('of some moments the first known one counts, of others the last, known or not', () => {
  const turn = new Turn('turn-1', 'reply', CALLER);
  turn.mark('committed', 1);
  turn.mark('committed', 2);
  turn.mark('llmRequest', undefined);
  turn.remark('speechEnd', 3);
  turn.remark('speechEnd', 4);
  expect(turn.marks).toEqual({ committed: 1, speechEnd: 4 });
  turn.remark('speechEnd', undefined);
  expect(turn.marks).toEqual({ committed: 1 });
});

test('a moment at zero is a moment', () => {
  const turn = new Turn('turn-1', 'reply', CALLER);
  turn.mark('speechEnd', 0);
  turn.mark('speechEnd', 5);
  turn.mark('playoutStart', 7);
  expect(turn.close('completed')?.timeline?.responseLatencyMs).toBe(7);
});

test('waits count until the first sentence', () => {
  const turn = answeredTurn();
  turn.waited({ llmMs: 50 });
  turn.waited({ toolMs: 30 });
  turn.mark('llmFirstToken', 400);
  turn.mark('firstSentence', 400);
  turn.waited({ llmMs: 1000, toolMs: 1000 });
  const timeline = turn.close('completed')?.timeline;
  expect(timeline?.stages).toMatchObject({ llm: 170, tool: 30 });
  expect(timeline?.overheadMs).toBe(400 - 100 - 50 - 30);
});

test('a reply becomes a tool reply when the tool comes before the first words', () => {
  const before = answeredTurn();
  before.usedTool();
  expect(before.close('completed')?.kind).toBe('tool_reply');

  const after = answeredTurn();
  after.mark('firstSentence', 300);
  after.usedTool();
  expect(after.close('completed')?.kind).toBe('reply');
});

test.each(['greeting', 'prompted'] as const)('a %s stays one, tools or not', (kind) => {
  const turn = new Turn('turn-1', kind);
  turn.usedTool();
  expect(turn.close('completed')).toMatchObject({ kind, participant: undefined });
});
