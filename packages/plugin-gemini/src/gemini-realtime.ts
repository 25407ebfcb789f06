import type { ConnectContext, RealtimeConnection, RealtimeRequest } from '@vision-agents/core';
import { Realtime as CoreRealtime } from '@vision-agents/core';

import { PROVIDER } from './gemini-error.ts';
import { connectLive } from './gemini-live-connection.ts';
import type { RealtimeOptions, RealtimeSettings } from './gemini-options.ts';
import { resolveRealtimeOptions } from './gemini-options.ts';

/**
 * A model of Google Gemini that hears and speaks by itself, over the Live API. One object serves any
 * number of calls; each has a session of its own, which outlives its sockets.
 * @throws ConfigurationError when an option cannot work or there is no key
 */
export class Realtime extends CoreRealtime {
  override readonly provider: string = PROVIDER;
  override readonly model: string;
  readonly #settings: RealtimeSettings;

  constructor(options: RealtimeOptions = {}) {
    super();
    this.#settings = resolveRealtimeOptions(options);
    this.model = this.#settings.model;
    // Loading the SDK takes longer than a caller likes to wait: it is begun before there is a call.
    import('@google/genai').catch(() => undefined);
  }

  protected override connect(
    request: RealtimeRequest,
    context: ConnectContext,
  ): Promise<RealtimeConnection> {
    return connectLive(this.#settings, request, context);
  }
}
