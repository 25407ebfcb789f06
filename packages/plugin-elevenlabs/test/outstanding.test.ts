import { ManualClock } from '@vision-agents/core/testing';
import { expect, test } from 'vitest';

import { Outstanding } from '../src/outstanding.ts';

test('the wait counts from the first question that is not answered', async () => {
  const clock = new ManualClock();
  const questions = new Outstanding(clock);
  await clock.advance(100);
  expect([questions.isAsked, questions.waitedMs, questions.quietMs]).toEqual([false, 0, 100]);
  questions.asked();
  await clock.advance(300);
  questions.asked();
  await clock.advance(200);
  expect([questions.isAsked, questions.waitedMs, questions.quietMs]).toEqual([true, 500, 0]);
  questions.answered();
  await clock.advance(50);
  expect([questions.isAsked, questions.waitedMs, questions.quietMs]).toEqual([false, 0, 50]);
});
