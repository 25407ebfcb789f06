import { describe, expect, test } from 'vitest';

import type { TurnMark } from '../../src/turn/turn-marks.ts';
import { turnTimeline } from '../../src/turn/turn-timeline.ts';

const MARKS: readonly TurnMark[] = [
  'participantJoined',
  'speechStart',
  'speechEnd',
  'transcriptFinal',
  'endpointed',
  'committed',
  'llmRequest',
  'llmFirstToken',
  'toolStart',
  'fillerStart',
  'toolEnd',
  'firstSentence',
  'ttsRequest',
  'ttsFirstAudio',
  'playoutStart',
  'playoutEnd',
  'interruptedAt',
];

const REPLY = {
  speechStart: 0,
  speechEnd: 1000,
  endpointed: 1200,
  committed: 1203,
  llmRequest: 1204,
  llmFirstToken: 1504,
  firstSentence: 1554,
  ttsRequest: 1555,
  ttsFirstAudio: 1655,
  playoutStart: 1660,
} as const;

describe('a turn with all its marks', () => {
  test('has its latency from the end of the speech to the first frame, split by stage', () => {
    expect(turnTimeline(REPLY, { llmMs: 300, toolMs: 0, heldMs: 0, queuedMs: 0 })).toEqual({
      responseLatencyMs: 660,
      stages: { endpointing: 203, llm: 301, tool: 0, sentence: 50, tts: 101, playout: 5 },
      overheadMs: 3 + 1 + 1 + 5,
    });
  });

  test('splits the thinking between model and tools', () => {
    const marks = { ...REPLY, llmFirstToken: 2000, firstSentence: 2050, ttsRequest: 2050 };
    const late = { ...marks, ttsFirstAudio: 2150, playoutStart: 2150 };
    const timeline = turnTimeline(late, { llmMs: 500, toolMs: 290, heldMs: 0, queuedMs: 0 });
    expect(timeline?.stages).toMatchObject({ llm: 797 - 290, tool: 290 });
    expect(timeline?.overheadMs).toBe(3 + 797 - 290 - 500);
  });

  test('counts a greeting from the joining', () => {
    const marks = { participantJoined: 400, committed: 500, ttsFirstAudio: 700, playoutStart: 710 };
    expect(
      turnTimeline(marks, { llmMs: 0, toolMs: 0, heldMs: 0, queuedMs: 0 })?.responseLatencyMs,
    ).toBe(310);
  });

  test('counts work done ahead of the commit as nothing', () => {
    const ahead = { ...REPLY, llmRequest: 1010, llmFirstToken: 1100, firstSentence: 1150 };
    const marks = { ...ahead, ttsRequest: 1150, ttsFirstAudio: 1190, playoutStart: 1204 };
    const timeline = turnTimeline(marks, { llmMs: 90, toolMs: 0, heldMs: 0, queuedMs: 0 });
    expect(timeline?.stages).toMatchObject({ endpointing: 203, llm: 0, sentence: 0, tts: 0 });
    expect(timeline).toMatchObject({ responseLatencyMs: 204, overheadMs: 4 });
  });
});

describe('a turn without start or end', () => {
  test.each([
    { missing: 'the end of the speech', marks: { committed: 1, playoutStart: 2 } },
    { missing: 'the first frame', marks: { speechEnd: 1, committed: 2 } },
    { missing: 'order: the first frame is before the end of the speech', marks: backwards() },
  ])('has no timeline: $missing', ({ marks }) => {
    expect(turnTimeline(marks, { llmMs: 0, toolMs: 0, heldMs: 0, queuedMs: 0 })).toBeUndefined();
  });
});

test('the stages add up to the latency exactly, for any marks, with an overhead within it', () => {
  const random = randomNumbers(20_260_101);
  let checked = 0;
  for (let round = 0; round < 20_000; round++) {
    const marks: Partial<Record<TurnMark, number>> = {};
    let atMs = 0;
    for (const mark of MARKS) {
      atMs += random() * 300;
      const isMissing = random() < 0.2;
      const isOutOfOrder = random() < 0.2;
      if (!isMissing) marks[mark] = isOutOfOrder ? random() * 5000 : atMs;
    }
    const waits = {
      llmMs: random() * 2000,
      toolMs: random() < 0.5 ? 0 : random() * 2000,
      heldMs: random() * 500,
      queuedMs: random() * 500,
    };
    const timeline = turnTimeline(marks, waits);
    if (!timeline) continue;
    const { responseLatencyMs, overheadMs } = timeline;
    const stages = Object.values(timeline.stages);
    const sum = stages.reduce((total, stage) => total + stage, 0);
    const start = marks.speechEnd ?? marks.participantJoined ?? Number.NaN;
    const isRight =
      sum === responseLatencyMs &&
      Math.abs(sum - ((marks.playoutStart ?? Number.NaN) - start)) < 1e-6 &&
      stages.every((stage) => stage >= 0) &&
      overheadMs >= 0 &&
      overheadMs <= responseLatencyMs;
    // One expectation a round: the marks show only when it fails, and 20,000 rounds stay quick.
    expect(isRight ? [] : [marks, waits, timeline]).toEqual([]);
    checked += 1;
  }
  expect(checked).toBeGreaterThan(5000);
});

function backwards(): { speechEnd: number; playoutStart: number } {
  return { speechEnd: 10, playoutStart: 9 };
}

/** mulberry32: the same numbers in every run, so that a failure can be looked at. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
