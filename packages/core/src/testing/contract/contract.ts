import { inScene, type Scene } from './scene.ts';
import type { Skip, TestRunner } from './test-runner.ts';

/** The longest that one test may take: loading a provider's SDK is in it. */
const TIMEOUT_MS = 30_000;

/** What every harness has. */
export interface ContractHarness {
  /** Tests that do not fit. Without a reason, or with a name that no test has, the suite throws. */
  readonly skip?: readonly Skip[];
}

/** The tests of a contract: names that are sentences, and what they do in a scene of their own. */
export type ContractTests<Harness> = Readonly<
  Record<string, (harness: Harness, scene: Scene) => Promise<void>>
>;

/** Registers the tests of a contract for one component. */
export function describeContract<Harness extends ContractHarness>(
  name: string,
  runner: TestRunner,
  tests: ContractTests<Harness>,
  harness: Harness,
): void {
  const reasons = new Map<string, string>();
  for (const { test, reason } of harness.skip ?? []) {
    if (!Object.hasOwn(tests, test)) throw new TypeError(`there is no test "${test}" to skip`);
    if (reason.trim() === '') throw new TypeError(`skipping "${test}" needs a reason`);
    reasons.set(test, reason);
  }
  runner.describe(name, () => {
    for (const [test, run] of Object.entries(tests)) {
      const reason = reasons.get(test);
      runner.test(
        reason === undefined ? test : `${test} (skipped: ${reason})`,
        { timeout: TIMEOUT_MS, skip: reason !== undefined },
        () => inScene((scene) => run(harness, scene)),
      );
    }
  });
}
