import type { ConnectContext, TTSConnection } from '@vision-agents/core';
import { WarmSocket } from '@vision-agents/core';

import type { TTSSettings } from './elevenlabs-options.ts';
import { SpeechSocket } from './speech-socket.ts';

/**
 * Connects to the multi-context socket, so that the first text does not wait for the handshake.
 * @throws ProviderError; the reason of the context's signal when that is aborted
 */
export async function connectSocket(
  settings: TTSSettings,
  context: ConnectContext,
): Promise<TTSConnection> {
  const warm = new WarmSocket({
    context,
    open: async () => {
      const socket = new SpeechSocket(settings, context);
      await socket.opened();
      return socket;
    },
  });
  await warm.get();
  return {
    sampleRateHz: settings.outputSampleRateHz,
    async *synthesize(text, signal) {
      const socket = await warm.get();
      if (!signal.aborted) yield* socket.speak(text, signal);
    },
    close: () => warm.close(),
  };
}
