import { expect, test } from 'vitest';

import { ResponseQueue } from '../src/response-queue.ts';

const BUSY = 'conversation_already_has_active_response';

function queue() {
  const asked: (string | undefined)[] = [];
  const responses = new ResponseQueue(({ event_id: id }) => asked.push(id));
  return { responses, asked };
}

test('asks at once when nothing is under way', () => {
  const { responses, asked } = queue();
  responses.want();
  expect(asked).toHaveLength(1);
  expect(responses.isAwaited).toBe(true);
  responses.started();
  expect(responses.isAwaited).toBe(false);
});

test('asks for the next when the one under way is over, and once', () => {
  const { responses, asked } = queue();
  responses.started();
  responses.want();
  responses.want();
  expect(asked).toHaveLength(0);
  responses.ended();
  responses.ended();
  expect(asked).toHaveLength(1);
});

test('what is withdrawn before it was asked for is not asked for', () => {
  const { responses, asked } = queue();
  responses.started();
  responses.want();
  expect(responses.withdraw()).toBe(false);
  responses.ended();
  expect(asked).toHaveLength(0);
  expect(responses.withdraw()).toBe(false);
});

test('asks again when the service has begun another in the same moment', () => {
  const { responses, asked } = queue();
  responses.want();
  responses.started();
  expect(responses.refused(asked[0] ?? '', BUSY)).toBe('again');
  expect(asked).toHaveLength(1);
  responses.ended();
  expect(asked).toHaveLength(2);
});

test('does not ask again for what was withdrawn', () => {
  const { responses, asked } = queue();
  responses.want();
  expect(responses.withdraw()).toBe(true);
  responses.started();
  responses.refused(asked[0] ?? '', BUSY);
  responses.ended();
  expect(asked).toHaveLength(1);
});

test('what is refused for another reason is over', () => {
  const { responses, asked } = queue();
  responses.want();
  expect(responses.refused('of-something-else', BUSY)).toBe('not-ours');
  expect(responses.refused(asked[0] ?? '', 'invalid_value')).toBe('for-good');
  expect(responses.isAwaited).toBe(false);
  responses.want();
  expect(asked).toHaveLength(2);
});

test('what is withdrawn is not asked for again, also when another has begun in its place', () => {
  const { responses, asked } = queue();
  responses.want();
  responses.started();
  expect(responses.withdraw()).toBe(false);
  responses.refused(asked[0] ?? '', BUSY);
  responses.ended();
  expect(asked).toHaveLength(1);
});

test('what is wanted beside one that is refused is asked for', () => {
  const { responses, asked } = queue();
  responses.want();
  responses.want();
  responses.refused(asked[0] ?? '', 'invalid_value');
  expect(asked).toHaveLength(2);
});
