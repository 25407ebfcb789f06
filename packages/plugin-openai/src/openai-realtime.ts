import type { ConnectContext, RealtimeConnection, RealtimeRequest } from '@vision-agents/core';
import { Realtime as CoreRealtime } from '@vision-agents/core';

import { PROVIDER } from './openai-error.ts';
import type { RealtimeOptions, RealtimeSettings } from './openai-options.ts';
import { connectRealtime } from './openai-realtime-connection.ts';
import { resolveRealtimeOptions } from './openai-realtime-options.ts';

/**
 * A model of OpenAI that hears and speaks by itself, over the Realtime API. One object serves any number
 * of calls; each has a session of its own.
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
    import('openai/realtime/ws').catch(() => undefined);
  }

  protected override connect(
    request: RealtimeRequest,
    context: ConnectContext,
  ): Promise<RealtimeConnection> {
    return connectRealtime(this.#settings, request, context);
  }
}
