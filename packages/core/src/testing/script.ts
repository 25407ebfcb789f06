/** What a test expects to be asked of a fake, in order. One thing more or one less fails the test. */
export class Script<Step> {
  readonly #name: string;
  readonly #steps: Step[];
  readonly #unexpected: string[] = [];

  constructor(name: string, steps: readonly Step[]) {
    this.#name = name;
    this.#steps = [...steps];
  }

  /** Expects more. */
  add(...steps: Step[]): void {
    this.#steps.push(...steps);
  }

  /** The next step. @throws Error when none is left, which {@link Script.verify} repeats */
  next(asked: string): Step {
    const step = this.#steps.shift();
    if (step !== undefined) return step;
    this.#unexpected.push(asked);
    throw new Error(`${this.#name}: unexpected ${asked}`);
  }

  /** Notes that something else came than the step asks for. */
  mismatch(asked: string): never {
    this.#unexpected.push(asked);
    throw new Error(`${this.#name}: unexpected ${asked}`);
  }

  /** @throws Error which lists what was not expected and what did not come */
  verify(): void {
    const problems = [
      ...this.#unexpected.map((asked) => `unexpected ${asked}`),
      ...this.#steps.map((step) => `never asked for ${JSON.stringify(step)}`),
    ];
    if (problems.length > 0) throw new Error(`${this.#name}: ${problems.join('; ')}`);
  }
}
