import { expect, test } from 'vitest';

import { InterruptedError } from '../../src/index.ts';
import { ToolWork } from '../../src/tools/tool-work.ts';

interface State {
  readonly readOnly?: boolean;
  readonly isAborted?: boolean;
  /** @default it is still at work */
  readonly success?: boolean;
}

async function work({ readOnly = false, isAborted = false, success }: State): Promise<ToolWork> {
  const signal = isAborted
    ? AbortSignal.abort(new InterruptedError())
    : new AbortController().signal;
  const result = { callId: '1', name: 'book', output: 'the output', success: success === true };
  const done =
    success === undefined ? new Promise<never>(() => undefined) : Promise.resolve(result);
  const made = new ToolWork({ key: 'book', readOnly, signal, done });
  await Promise.resolve();
  return made;
}

test.each([
  ['is under way', {}, true, '"status":"running"'],
  ['is under way and only looks things up', { readOnly: true }, true, '"status":"running"'],
  ['has succeeded', { success: true }, true, 'the output'],
  ['has looked something up', { success: true, readOnly: true }, false, 'the output'],
  ['has failed', { success: false }, false, 'the output'],
  ['is being given up', { isAborted: true }, false, 'the work was interrupted'],
])(
  'work that %s: whether it serves an equal call, and what the model is told',
  async (_, state, isShared, told) => {
    const made = await work(state);
    expect(made.isShared).toBe(isShared);
    expect(made.present.output).toContain(told);
  },
);
