import { DeepgramClient } from '@deepgram/sdk';
import { TTS } from '@vision-agents/plugin-deepgram';

import type { MeasuredComponent } from './component.ts';
import { API_KEY } from './component.ts';
import { SENTENCE, SPEECH_RATE_HZ, voice } from './voice.ts';

const MODEL = 'flux-haley-en';

export const deepgramFluxTTS: MeasuredComponent = voice({
  sdk: '@deepgram/sdk',
  async bare({ deepgramUrl: baseUrl }) {
    const client = new DeepgramClient({ apiKey: API_KEY, baseUrl });
    const connection = await client.speak.v2.connect({
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
          else if (typeof message !== 'string' && message.type === 'SpeechMetadata') resolve();
        });
        connection.sendSpeak({ type: 'Speak', text: SENTENCE });
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
