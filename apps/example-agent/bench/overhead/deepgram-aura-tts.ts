import { DeepgramClient } from '@deepgram/sdk';
import { TTS } from '@vision-agents/plugin-deepgram';

import type { MeasuredComponent } from './component.ts';
import { API_KEY } from './component.ts';
import { SENTENCE, SPEECH_RATE_HZ, voice } from './voice.ts';

const MODEL = 'aura-2-thalia-en';

export const deepgramAuraTTS: MeasuredComponent = voice({
  sdk: '@deepgram/sdk',
  // More flushes within a minute are refused.
  operationsAConnection: 20,
  async bare({ deepgramUrl: baseUrl }) {
    const client = new DeepgramClient({ apiKey: API_KEY, baseUrl });
    const connection = await client.speak.v1.connect({
      model: MODEL,
      encoding: 'linear16',
      sample_rate: String(SPEECH_RATE_HZ),
      reconnectAttempts: 0,
    });
    const closed = Promise.withResolvers<unknown>();
    connection.on('close', closed.resolve);
    connection.connect();
    await connection.waitForOpen();
    return {
      async operate(stopwatch) {
        const { promise, resolve } = Promise.withResolvers<void>();
        // The SDK delivers audio as blobs, which its type of messages leaves out.
        connection.on('message', (message) => {
          if (message instanceof Blob) void message.bytes().then(() => stopwatch.stop());
          else if (typeof message !== 'string' && message.type === 'Flushed') resolve();
        });
        connection.sendText({ type: 'Speak', text: SENTENCE });
        connection.sendFlush({ type: 'Flush' });
        await promise;
      },
      async close() {
        connection.sendClose({ type: 'Close' });
        await closed.promise;
      },
    };
  },
  plugin: ({ deepgramUrl: baseUrl }) => new TTS({ apiKey: API_KEY, baseUrl, model: MODEL }),
});
