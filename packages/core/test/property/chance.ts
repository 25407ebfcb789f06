import * as fc from 'fast-check';

/** What makes random values, and smaller ones where they show the same. */
export type Arb<T> = fc.Arbitrary<T>;

/** One of several values, some more often than others. */
export function weighted<T>(...choices: readonly (readonly [weight: number, value: T])[]): Arb<T> {
  return fc.oneof(...choices.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));
}

/** A time up to so long. */
export function ms(max: number): Arb<number> {
  return fc.integer({ min: 0, max });
}

/** A time that is mostly short. */
export const waitMs: Arb<number> = fc.oneof(
  { weight: 4, arbitrary: ms(400) },
  { weight: 3, arbitrary: ms(1500) },
  { weight: 1, arbitrary: ms(5000) },
);
