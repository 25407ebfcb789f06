import { DeepgramClient } from '@deepgram/sdk';
import { STT } from '@vision-agents/plugin-deepgram';

import type { MeasuredComponent } from './component.ts';
import { API_KEY } from './component.ts';
import { recogniser } from './recogniser.ts';

const MODEL = 'flux-general-en';
const SAMPLE_RATE_HZ = 16_000;

export const deepgramFluxSTT: MeasuredComponent = recogniser({
  sdk: '@deepgram/sdk',
  sampleRateHz: SAMPLE_RATE_HZ,
  silenceMs: 60,
  async bare({ deepgramUrl: baseUrl }, hear) {
    const client = new DeepgramClient({ apiKey: API_KEY, baseUrl });
    const connection = await client.listen.v2.connect({
      model: MODEL,
      encoding: 'linear16',
      sample_rate: SAMPLE_RATE_HZ,
      reconnectAttempts: 0,
    });
    const closed = Promise.withResolvers<unknown>();
    connection.on('message', (message) => {
      if (message.type === 'TurnInfo' && message.event === 'EndOfTurn') hear(message.transcript);
    });
    connection.on('close', closed.resolve);
    connection.connect();
    await connection.waitForOpen();
    return {
      send: (samples) => connection.sendMedia(samples),
      async close() {
        connection.sendCloseStream({ type: 'CloseStream' });
        await closed.promise;
      },
    };
  },
  plugin: ({ deepgramUrl: baseUrl }) => new STT({ apiKey: API_KEY, baseUrl, model: MODEL }),
});
