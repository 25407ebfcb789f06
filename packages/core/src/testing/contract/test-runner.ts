/**
 * What a contract suite registers its tests with: `describe` and `test` of vitest, of `node:test`, or
 * of anything alike. It is passed in, so that these packages need no test runner of their own.
 */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  test(name: string, options: TestOptions, body: () => Promise<void>): unknown;
}

/** What a suite asks of its runner for one test. */
export interface TestOptions {
  /** The longest that it may take, in milliseconds. */
  readonly timeout: number;
  readonly skip: boolean;
}

/** A test of a suite that does not fit a component. The reason is printed with the test's name. */
export interface Skip {
  readonly test: string;
  readonly reason: string;
}
