import { systemClock } from '../clock/clock.ts';
import { ConfigurationError } from '../errors/configuration-error.ts';
import { ProviderError } from '../errors/provider-error.ts';
import { createConsoleLogger } from '../logging/console-logger.ts';
import { errorFields } from '../logging/error-fields.ts';
import { checkOptions, isNumber } from '../options/option-checks.ts';
import type { ComponentContext } from '../stream/component-context.ts';
import type { CircuitOptions } from './circuit.ts';
import { Circuit } from './circuit.ts';

/** One of several components that can do the same. */
export interface Candidate<Component> {
  readonly component: Component;
  readonly circuit: Circuit;
}

/** Components that can do the same, the preferred one first. */
export class Candidates<Component extends { readonly provider: string }> {
  /** The preferred one. */
  readonly first: Component;
  readonly all: readonly Candidate<Component>[];

  /** @throws ConfigurationError when there are fewer than two, or an option cannot work */
  constructor(owner: string, components: readonly Component[], options: CircuitOptions) {
    checkOptions(owner, options, {
      failureLimit: isNumber({ min: 1, max: 100, integer: true }),
      retryAfterMs: isNumber({ min: 1, max: 3_600_000 }),
    });
    const [first] = components;
    if (first === undefined || components.length < 2) {
      throw new ConfigurationError('components', `${owner} needs two components or more`);
    }
    this.first = first;
    this.all = components.map((component) => ({ component, circuit: new Circuit(options) }));
  }

  /** Those that are to be tried, in their order. When all are to be left alone, that is all of them. */
  inOrder(context: ComponentContext): readonly Candidate<Component>[] {
    const now = nowOf(context);
    const sound = this.all.filter(({ circuit }) => !circuit.isOpen(now));
    return sound.length > 0 ? sound : this.all;
  }

  /**
   * Notes that one failed, so that the next is tried.
   * @throws the error itself where it is no provider's: an abort is no reason to try another
   */
  failed(
    candidate: Candidate<Component>,
    error: unknown,
    context: ComponentContext,
  ): ProviderError {
    if (!(error instanceof ProviderError) || context.signal?.aborted === true) throw error;
    candidate.circuit.failed(nowOf(context));
    const { logger = createConsoleLogger() } = context;
    logger.warn(errorFields(error), 'a provider failed; the next one is tried');
    return error;
  }
}

function nowOf({ clock = systemClock }: ComponentContext): number {
  return clock.now();
}
