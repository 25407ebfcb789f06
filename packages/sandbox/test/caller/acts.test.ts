import { placeCall, type CallAct, type CallReport } from '@vision-agents/sandbox';
import { describe, expect, test, vi } from 'vitest';

import { chordMs } from './fake-edge.ts';
import { TalkingEdge, type Manners } from './talking-edge.ts';

vi.setConfig({ testTimeout: 30_000 });

const long = 'This answer is so long that nobody waits for its end.';
const answers: Readonly<Record<string, string>> = { talk: long, okay: '' };
const manners: Manners = {
  answer: (text) => ({ text: answers[text] ?? `So ${text}.` }),
  ignores: /^okay$/,
};

async function call(
  edge: TalkingEdge,
  lines: readonly (string | CallAct)[],
  answerTimeoutMs = 10_000,
): Promise<CallReport> {
  return placeCall({ url: edge.url, lines, chordMs, answerTimeoutMs });
}

describe.concurrent('a caller', () => {
  test('interrupts an agent that speaks, and notes how long it went on', async () => {
    await using edge = await TalkingEdge.start(manners);
    const report = await call(edge, [
      'talk',
      { type: 'interrupt', phase: 'speaking', afterMs: 500, text: 'wait for me' },
    ]);
    expect(report.problems).toEqual([]);
    const [cut, last] = report.turns;
    expect(cut).toMatchObject({ act: 'say', said: 'talk', answer: 'interrupted' });
    expect(cut?.interruption?.phase).toBe('speaking');
    expect(long.startsWith(cut?.heard ?? '-')).toBe(true);
    // The agent knows "wait" when the space after it is over: the start sign and five chords.
    expect(Math.abs((cut?.interruption?.timeToSilenceMs ?? 0) - 6 * chordMs)).toBeLessThan(60);
    expect(last).toMatchObject({ act: 'interrupt', answer: 'heard', heard: 'So wait for me.' });
    expect(edge.heard).toEqual(['talk', 'wait for me']);
    expect(edge.unsaid[0]).toBeGreaterThan(0);
  });

  test('interrupts an agent that thinks', async () => {
    await using edge = await TalkingEdge.start({ ...manners, thinkMs: 1500 });
    const report = await call(edge, [
      'talk',
      { type: 'interrupt', phase: 'thinking', afterMs: 500, text: 'wait for me' },
    ]);
    expect(report.problems).toEqual([]);
    expect(report.turns).toMatchObject([
      { answer: 'interrupted', heard: '', interruption: { phase: 'thinking' } },
      { answer: 'heard', heard: 'So wait for me.' },
    ]);
    const [cut] = report.turns;
    expect(cut?.interruption?.timeToSilenceMs).toBeUndefined();
    expect(cut?.responseLatencyMs).toBeUndefined();
  });

  test('hesitates, which is one turn, answered after its end', async () => {
    await using edge = await TalkingEdge.start({ ...manners, endOfTurnMs: 400 });
    const report = await call(edge, [
      { type: 'hesitate', text: 'how do I', pauseMs: 250, rest: 'sleep' },
    ]);
    expect(report.problems).toEqual([]);
    expect(report.turns).toMatchObject([
      { act: 'hesitate', said: 'how do I sleep', answer: 'heard', heard: 'So how do I sleep.' },
    ]);
    expect(edge.heard).toEqual(['how do I sleep']);
  });

  test('says back-channels while the agent goes on', async () => {
    await using edge = await TalkingEdge.start(manners);
    const okay = { type: 'back-channel', text: 'okay' } as const;
    const report = await call(edge, [
      'talk',
      { ...okay, afterMs: 200 },
      { ...okay, afterMs: 1200 },
      'bye',
    ]);
    expect(report.problems).toEqual([]);
    expect(report.turns).toMatchObject([
      { answer: 'heard', heard: long, backChannels: ['okay', 'okay'] },
      { answer: 'heard', heard: 'So bye.', backChannels: [] },
    ]);
  });

  test('gives an agent that was silent for a back-channel the time to understand it', async () => {
    await using edge = await TalkingEdge.start({ ...manners, politePauseMs: 1000 });
    const okay = { type: 'back-channel', text: 'okay', afterMs: 400 } as const;
    const report = await call(edge, ['talk', okay, 'bye']);
    expect(report.problems).toEqual([]);
    expect(report.turns).toMatchObject([
      { answer: 'heard', heard: long, backChannels: ['okay'] },
      { answer: 'heard', heard: 'So bye.' },
    ]);
  });

  test('hangs up in the middle of an answer', async () => {
    await using edge = await TalkingEdge.start(manners);
    const report = await call(edge, ['talk', { type: 'hang-up', afterMs: 500 }]);
    expect(report).toMatchObject({ problems: [], endedBy: 'caller' });
    const [cut] = report.turns;
    expect(cut).toMatchObject({ answer: 'hung-up', interruption: undefined });
    expect(long.startsWith(cut?.heard ?? '-')).toBe(true);
    await expect.poll(() => edge.closeCode).toBe(1000);
    expect(edge.unsaid[0]).toBeGreaterThan(20);
  });

  test('says farewell to an agent that hangs up', async () => {
    await using edge = await TalkingEdge.start({
      answer: () => ({ text: 'Bye.', hangsUp: true }),
    });
    const report = await call(edge, [{ type: 'farewell', text: 'bye' }]);
    expect(report).toMatchObject({ problems: [], endedBy: 'agent' });
    expect(report.turns).toMatchObject([{ act: 'farewell', answer: 'heard', heard: 'Bye.' }]);
  });
});

describe.concurrent('a caller notices an agent that', () => {
  test('does not give way', async () => {
    await using edge = await TalkingEdge.start({ ...manners, ignores: /./ });
    const report = await call(edge, [
      'talk',
      { type: 'interrupt', phase: 'speaking', afterMs: 300, text: 'wait' },
    ]);
    expect(report.problems).toContain('the agent did not give way to line 2');
  });

  test('stops for a back-channel', async () => {
    await using edge = await TalkingEdge.start({ ...manners, ignores: /(?!)/ });
    const report = await call(edge, ['talk', { type: 'back-channel', afterMs: 300, text: 'okay' }]);
    expect(report.problems).toEqual(['the answer to line 1 ended with a back-channel']);
  });

  test('answers into a pause', async () => {
    await using edge = await TalkingEdge.start({ ...manners, endOfTurnMs: 100, thinkMs: 0 });
    const report = await call(edge, [
      { type: 'hesitate', text: 'how do I', pauseMs: 600, rest: 'sleep' },
    ]);
    expect(report.problems).toContain('line 1 was answered before it was said');
  });

  test('speaks sooner than it can be interrupted', async () => {
    await using edge = await TalkingEdge.start(manners);
    const report = await call(edge, [
      'talk',
      { type: 'interrupt', phase: 'thinking', afterMs: 800, text: 'wait for me' },
    ]);
    expect(report.problems).toEqual(['line 1 was interrupted while speaking']);
  });

  test('is done before it can be interrupted or hung up on', async () => {
    await using edge = await TalkingEdge.start(manners);
    const report = await call(edge, [
      'hi',
      { type: 'interrupt', phase: 'speaking', afterMs: 3000, text: 'ho' },
      { type: 'hang-up', afterMs: 3000 },
    ]);
    expect(report.turns).toMatchObject([
      { said: 'hi', answer: 'heard' },
      { said: 'ho', answer: 'heard' },
    ]);
    expect(report.problems).toEqual([
      'it was too late to interrupt the answer to line 1',
      'it was too late to hang up on the answer to line 2',
    ]);
  });

  test('does not hang up', async () => {
    await using edge = await TalkingEdge.start(manners);
    const report = await call(edge, [{ type: 'farewell', text: 'bye' }], 2500);
    expect(report).toMatchObject({ endedBy: 'caller', problems: ['the agent did not hang up'] });
    expect(report.turns).toMatchObject([{ answer: 'heard', heard: 'So bye.' }]);
  });
});

test('a script cannot begin in an answer', async () => {
  const lines: CallAct[] = [{ type: 'hang-up', afterMs: 0 }];
  await expect(placeCall({ url: 'ws://127.0.0.1:1', lines })).rejects.toThrow(RangeError);
});
