import type { CallAct } from '@vision-agents/sandbox';
import { describe, expect, it } from 'vitest';

import { scriptOfCall } from '../src/demo/script.ts';

const TURNS: ReadonlySet<CallAct['type']> = new Set(['say', 'hesitate', 'interrupt', 'farewell']);

function turnsOf(acts: readonly CallAct[]): number {
  return acts.filter(({ type }) => TURNS.has(type)).length;
}

describe('the script of a call', () => {
  it.each([1, 2, 3, 5, 8, 40])('has %i turns', (turns) => {
    for (let call = 0; call < 14; call += 1) {
      expect(turnsOf(scriptOfCall(call, turns))).toBe(turns);
    }
  });

  it('is the same each time, and another for the next call', () => {
    expect(scriptOfCall(3, 5)).toEqual(scriptOfCall(3, 5));
    expect(scriptOfCall(3, 5)).not.toEqual(scriptOfCall(4, 5));
  });

  it('has every act there is, within the first two calls', () => {
    const acts = [...scriptOfCall(0, 5), ...scriptOfCall(1, 5)].map(({ type }) => type);
    expect(new Set(acts)).toEqual(new Set([...TURNS, 'back-channel', 'hang-up']));
  });

  it('has no back-channel for a model that any sound interrupts', () => {
    const realtime = { realtime: 'gemini' } as const;
    const scripts = [0, 1, 2, 3, 4].map((call) => scriptOfCall(call, 8, realtime));
    expect(scripts.map(turnsOf)).toEqual([8, 8, 8, 8, 8]);
    const acts = new Set(scripts.flat().map(({ type }) => type));
    expect(acts).toEqual(new Set([...TURNS, 'hang-up']));
  });

  it('ends with a farewell or with a caller who is gone', () => {
    const last = [0, 1, 2, 3].map((call) => scriptOfCall(call, 4).at(-1)?.type);
    expect(last).toEqual(['farewell', 'hang-up', 'farewell', 'hang-up']);
  });
});
