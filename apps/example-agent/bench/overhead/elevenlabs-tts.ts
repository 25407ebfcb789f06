import { once } from 'node:events';

import { TTS } from '@vision-agents/plugin-elevenlabs';
import { WebSocket } from 'ws';

import type { MeasuredComponent } from './component.ts';
import { API_KEY } from './component.ts';
import { SENTENCE, SPEECH_RATE_HZ, voice } from './voice.ts';

const VOICE = 'JBFqnCBsd6RMkjVDRZzb';
const MODEL = 'eleven_flash_v2_5';

/** The SDK has no multi-context socket: nothing but `ws` is barer. */
export const elevenLabsTTS: MeasuredComponent = voice({
  sdk: 'ws',
  async bare({ elevenlabsUrl }) {
    const url = new URL(
      `${elevenlabsUrl.replace(/^http/, 'ws')}/v1/text-to-speech/${VOICE}/multi-stream-input`,
    );
    url.search = new URLSearchParams({
      model_id: MODEL,
      output_format: `pcm_${SPEECH_RATE_HZ}`,
      auto_mode: 'true',
    }).toString();
    const socket = new WebSocket(url, { headers: { 'xi-api-key': API_KEY } });
    await once(socket, 'open');
    let count = 0;
    const send = (message: object): void => socket.send(JSON.stringify(message));
    return {
      async operate(stopwatch) {
        const context_id = `text-${(count += 1)}`;
        const { promise, resolve } = Promise.withResolvers<void>();
        const receive = (data: Buffer): void => {
          const message: unknown = JSON.parse(data.toString());
          if (!isObject(message)) return;
          const { audio, isFinal } = message;
          const bytes = Buffer.from(typeof audio === 'string' ? audio : '', 'base64');
          if (bytes.length > 0) stopwatch.stop();
          if (isFinal === true) resolve();
        };
        socket.on('message', receive);
        send({ text: ' ', context_id });
        send({ text: `${SENTENCE} `, context_id, flush: true });
        send({ context_id, close_context: true });
        await promise;
        socket.off('message', receive);
      },
      async close() {
        socket.close();
        await once(socket, 'close');
      },
    };
  },
  plugin: ({ elevenlabsUrl: baseUrl }) =>
    new TTS({ apiKey: API_KEY, baseUrl, voiceId: VOICE, model: MODEL }),
});

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
