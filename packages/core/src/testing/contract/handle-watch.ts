import { AsyncLocalStorage, createHook } from 'node:async_hooks';

/** What can keep a process alive, or a connection open, in the words of Node.js. */
const KINDS: ReadonlySet<string> = new Set([
  'Timeout',
  'TCPWRAP',
  'TCPSERVERWRAP',
  'TLSWRAP',
  'PIPEWRAP',
  'PIPESERVERWRAP',
  'UDPWRAP',
  'PROCESSWRAP',
  'WORKER',
]);

interface Handle {
  readonly kind: string;
  readonly resource: WeakRef<object>;
}

const inside = new AsyncLocalStorage<HandleWatch>();

/** Opens something of the suite's own, that nobody shall look for. */
export function unwatched<T>(body: () => T): T {
  return inside.exit(body);
}

/**
 * Knows the timers and sockets that one test has opened, and which of them are open still. Those of
 * the test runner, which come and go meanwhile, are not among them.
 */
export class HandleWatch implements Disposable {
  readonly #handles = new Map<number, Handle>();
  readonly #hook = createHook({
    init: (id, kind, _triggerId, resource) => {
      if (!KINDS.has(kind) || inside.getStore() !== this) return;
      this.#handles.set(id, { kind, resource: new WeakRef(resource) });
    },
    destroy: (id) => void this.#handles.delete(id),
  });

  constructor() {
    this.#hook.enable();
  }

  [Symbol.dispose](): void {
    this.#hook.disable();
  }

  /** Watches what is opened by this, now or later. */
  run<T>(body: () => T): T {
    return inside.run(this, body);
  }

  /** What is open now and keeps the process alive: its kind by its number. */
  open(): ReadonlyMap<number, string> {
    const open = new Map<number, string>();
    for (const [id, { kind, resource }] of this.#handles) {
      if (isReferenced(resource.deref())) open.set(id, kind);
    }
    return open;
  }
}

function isReferenced(resource: object | undefined): boolean {
  if (resource === undefined) return false;
  return !canBeUnreferenced(resource) || resource.hasRef();
}

function canBeUnreferenced(resource: object): resource is { hasRef(): boolean } {
  return 'hasRef' in resource && typeof resource.hasRef === 'function';
}
