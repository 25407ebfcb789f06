import { STT } from '@vision-agents/plugin-openai';

import type { MeasuredComponent } from './component.ts';
import { API_KEY } from './component.ts';
import { closeSession, openSession, SESSION_FORMAT } from './openai-session.ts';
import { recogniser } from './recogniser.ts';

const MODEL = 'gpt-4o-mini-transcribe';
const SILENCE_MS = 200;

export const openaiSTT: MeasuredComponent = recogniser({
  sdk: 'openai',
  sampleRateHz: SESSION_FORMAT.rate,
  silenceMs: SILENCE_MS,
  async bare({ openaiUrl }, hear) {
    const target = { intent: 'transcription' } as const;
    const realtime = await openSession(openaiUrl, target, {
      type: 'transcription',
      audio: {
        input: {
          format: SESSION_FORMAT,
          transcription: { model: MODEL },
          turn_detection: { type: 'server_vad', silence_duration_ms: SILENCE_MS },
        },
      },
    });
    realtime.on('conversation.item.input_audio_transcription.completed', ({ transcript }) =>
      hear(transcript),
    );
    return {
      send({ buffer, byteOffset, byteLength }) {
        const audio = Buffer.from(buffer, byteOffset, byteLength).toString('base64');
        realtime.send({ type: 'input_audio_buffer.append', audio });
      },
      close: () => closeSession(realtime),
    };
  },
  plugin: ({ openaiUrl: baseUrl }) =>
    new STT({
      apiKey: API_KEY,
      baseUrl,
      model: MODEL,
      turnDetection: { type: 'server_vad', silenceDurationMs: SILENCE_MS },
    }),
});
