import { TTS } from '@vision-agents/plugin-openai';
import OpenAI from 'openai';

import type { MeasuredComponent } from './component.ts';
import { API_KEY } from './component.ts';
import { SENTENCE, voice } from './voice.ts';

export const openaiTTS: MeasuredComponent = voice({
  sdk: 'openai',
  async bare({ openaiUrl: baseURL }) {
    const client = new OpenAI({ apiKey: API_KEY, baseURL });
    return {
      async operate(stopwatch) {
        const response = await client.audio.speech.create({
          model: 'gpt-4o-mini-tts',
          voice: 'alloy',
          input: SENTENCE,
          response_format: 'pcm',
        });
        const body: ReadableStream<Uint8Array> | null = response.body;
        for await (const bytes of body ?? []) if (bytes.length > 0) stopwatch.stop();
      },
      close: async () => undefined,
    };
  },
  plugin: ({ openaiUrl: baseUrl }) => new TTS({ apiKey: API_KEY, baseUrl }),
});
