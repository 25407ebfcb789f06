import {
  AudioFormat,
  CommitStrategy,
  ElevenLabsClient,
  RealtimeEvents,
} from '@elevenlabs/elevenlabs-js';
import { STT } from '@vision-agents/plugin-elevenlabs';

import type { MeasuredComponent } from './component.ts';
import { API_KEY } from './component.ts';
import { recogniser } from './recogniser.ts';

const MODEL = 'scribe_v2_realtime';
const SAMPLE_RATE_HZ = 16_000;
/** The least that Scribe takes. */
const SILENCE_MS = 300;

export const elevenLabsSTT: MeasuredComponent = recogniser({
  sdk: '@elevenlabs/elevenlabs-js',
  sampleRateHz: SAMPLE_RATE_HZ,
  silenceMs: SILENCE_MS,
  async bare({ elevenlabsUrl: baseUrl }, hear) {
    const client = new ElevenLabsClient({ apiKey: API_KEY, baseUrl });
    const connection = await client.speechToText.realtime.connect({
      modelId: MODEL,
      audioFormat: AudioFormat.PCM_16000,
      sampleRate: SAMPLE_RATE_HZ,
      commitStrategy: CommitStrategy.VAD,
      vadSilenceThresholdSecs: SILENCE_MS / 1000,
      includeTimestamps: true,
    });
    const started = Promise.withResolvers<unknown>();
    const closed = Promise.withResolvers<unknown>();
    connection.on(RealtimeEvents.SESSION_STARTED, started.resolve);
    connection.on(RealtimeEvents.CLOSE, closed.resolve);
    connection.on(RealtimeEvents.COMMITTED_TRANSCRIPT_WITH_TIMESTAMPS, ({ text }) => hear(text));
    await started.promise;
    return {
      send({ buffer, byteOffset, byteLength }) {
        const audio = Buffer.from(buffer, byteOffset, byteLength);
        connection.send({ audioBase64: audio.toString('base64') });
      },
      async close() {
        connection.close();
        await closed.promise;
      },
    };
  },
  plugin: ({ elevenlabsUrl: baseUrl }) =>
    new STT({ apiKey: API_KEY, baseUrl, model: MODEL, vadSilenceMs: SILENCE_MS }),
});
