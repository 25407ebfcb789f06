import { attempt } from '../errors/attempt.ts';
import type { Logger } from '../logging/logger.ts';

/** Listeners for events of known names and payloads. A listener that throws, or rejects, hurts nobody else. */
export class EventEmitter<Events extends object> {
  readonly #listeners: { [Name in keyof Events]?: Set<(event: Events[Name]) => void> } = {};
  #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** From now on, listeners that throw are told of there. */
  logTo(logger: Logger): void {
    this.#logger = logger;
  }

  /** Calls the listener at each event of this name; the returned function takes it back. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const listeners = this.#listeners[name] ?? new Set();
    this.#listeners[name] = listeners.add(listener);
    return () => listeners.delete(listener);
  }

  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of this.#listeners[name] ?? []) {
      attempt(
        () => listener(event),
        (error) => this.#logger.error({ event: name, error }, 'a listener threw an error'),
      );
    }
  }
}
