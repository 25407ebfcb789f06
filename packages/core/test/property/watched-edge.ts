import { getEventListeners } from 'node:events';

import type { Call, EdgeConnection, EdgeJoinContext } from '../../src/index.ts';
import { ScriptedEdge } from '../../src/testing/index.ts';

/** The scripted edge, which also keeps an eye on the signal that ends the call. */
export class WatchedEdge extends ScriptedEdge {
  #callSignal: AbortSignal | undefined;

  /** How many listen for the end of the call. */
  get callListeners(): number {
    return this.#callSignal ? getEventListeners(this.#callSignal, 'abort').length : 0;
  }

  override join(call: Call, context: EdgeJoinContext): Promise<EdgeConnection> {
    this.#callSignal = context.signal;
    return super.join(call, context);
  }
}
