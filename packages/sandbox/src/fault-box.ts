import type { FaultList } from './fault-list.ts';
import type { Fault, FaultOf, FaultProvider } from './faults.ts';
import { FAULT_LISTS } from './faults.ts';
import type { TruthLedger } from './truth.ts';

interface ArmedFault {
  fault: Fault;
  left: number;
  after: number;
}

/** The switches that are on. */
export class FaultBox {
  readonly #truth: TruthLedger;
  #armed: ArmedFault[] = [];

  constructor(truth: TruthLedger) {
    this.#truth = truth;
  }

  /** Throws a switch. */
  inject(fault: Fault): void {
    const { midStream }: FaultList = FAULT_LISTS[fault.provider];
    const standard = midStream.includes(fault.fault) ? 1 : 0;
    const { times = Number.POSITIVE_INFINITY, after = standard } = fault;
    // A copy: the same switch thrown twice strikes twice.
    this.#armed.push({ fault: { ...fault }, left: times, after });
  }

  /** Turns all switches off. */
  clear(): void {
    this.#armed = [];
  }

  /**
   * The fault that strikes here, if one does, used up and counted.
   * @param names what can strike at this point
   * @param progress how far the stream is, as in {@link FaultSwitch.after}
   * @param struck what struck this connection already, which does not strike it again
   */
  take<P extends FaultProvider, N extends FaultOf<P>['fault']>(
    provider: P,
    names: readonly N[],
    progress: number = Number.POSITIVE_INFINITY,
    struck: Set<Fault> = new Set<Fault>(),
  ): (FaultOf<P> & { fault: N }) | undefined {
    const matches = (fault: Fault): fault is FaultOf<P> & { fault: N } =>
      fault.provider === provider && names.some((name) => name === fault.fault);
    for (const armed of this.#armed) {
      const { fault } = armed;
      if (armed.after > progress || armed.left <= 0 || struck.has(fault)) continue;
      if (!matches(fault)) continue;
      struck.add(fault);
      armed.left -= 1;
      this.#count(fault);
      return fault;
    }
    return undefined;
  }

  #count({ provider, fault }: Fault): void {
    const { harmless, errorCounterOf }: FaultList = FAULT_LISTS[provider];
    if (!harmless.includes(fault)) this.#truth.count(errorCounterOf(fault));
  }
}
