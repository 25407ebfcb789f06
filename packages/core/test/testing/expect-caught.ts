import { expect, onTestFinished, test } from 'vitest';

import type { TestRunner } from '../../src/testing/index.ts';

/** A test that a suite has registered. */
interface RegisteredTest {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** Collects the tests that a suite registers, instead of running them. */
function testsOf(register: (runner: TestRunner) => void): RegisteredTest[] {
  const tests: RegisteredTest[] = [];
  register({
    describe: (_name, body) => body(),
    test: (name, _options, run) => tests.push({ name, run }),
  });
  return tests;
}

/** What is wrong with a component, the test of the suite that has to find it, and what that says. */
export type Fault<Harness> = readonly [
  fault: string,
  test: string,
  message: RegExp,
  harness: Harness,
];

/** Proves a suite: each fault makes the test fail that is there for it, with a message that helps. */
export function expectCaught<Harness>(
  describeSuite: (name: string, runner: TestRunner, harness: Harness) => void,
  faults: readonly Fault<Harness>[],
): void {
  const options = { timeout: 30_000 };
  test.for(faults)('catches one that %s: "%s"', options, async ([, name, message, harness]) => {
    const tests = testsOf((runner) => describeSuite('a broken one', runner, harness));
    const found = tests.find((one) => one.name === name);
    if (found === undefined) throw new Error(`the suite has no test "${name}"`);
    await expect(found.run()).rejects.toThrow(message);
  });
}

/** A timer that a broken component forgets. The next proof must not see it. */
export function forgottenTimer(): void {
  const timer = setInterval(() => undefined, 1000);
  onTestFinished(() => clearInterval(timer));
}
