import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js';
import { TTS } from '@vision-agents/plugin-elevenlabs';

import type { MeasuredComponent } from './component.ts';
import { API_KEY } from './component.ts';
import { SENTENCE, SPEECH_RATE_HZ, voice } from './voice.ts';

const VOICE = 'JBFqnCBsd6RMkjVDRZzb';
const MODEL = 'eleven_flash_v2_5';

export const elevenLabsHttpTTS: MeasuredComponent = voice({
  sdk: '@elevenlabs/elevenlabs-js',
  async bare({ elevenlabsUrl: baseUrl }) {
    const client = new ElevenLabsClient({ apiKey: API_KEY, baseUrl });
    return {
      async operate(stopwatch) {
        const audio = await client.textToSpeech.stream(VOICE, {
          text: SENTENCE,
          modelId: MODEL,
          outputFormat: `pcm_${SPEECH_RATE_HZ}`,
        });
        for await (const bytes of audio) if (bytes.length > 0) stopwatch.stop();
      },
      close: async () => undefined,
    };
  },
  plugin: ({ elevenlabsUrl: baseUrl }) =>
    new TTS({ apiKey: API_KEY, baseUrl, voiceId: VOICE, model: MODEL, transport: 'http' }),
});
