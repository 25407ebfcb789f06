import { GoogleGenAI, Modality } from '@google/genai';
import { Realtime } from '@vision-agents/plugin-gemini';

import type { MeasuredComponent } from './component.ts';
import { API_KEY } from './component.ts';
import { INSTRUCTIONS } from './language-model.ts';
import { realtimeModel } from './realtime-model.ts';

const MODEL = 'gemini-live-2.5-flash-preview';

export const geminiRealtime: MeasuredComponent = realtimeModel({
  sdk: '@google/genai',
  async bare({ geminiUrl: baseUrl }, listener) {
    const client = new GoogleGenAI({ apiKey: API_KEY, httpOptions: { baseUrl } });
    const closed = Promise.withResolvers<void>();
    const session = await client.live.connect({
      model: MODEL,
      config: {
        responseModalities: [Modality.AUDIO],
        systemInstruction: INSTRUCTIONS,
        inputAudioTranscription: {},
        outputAudioTranscription: {},
        sessionResumption: {},
      },
      callbacks: {
        onmessage({ serverContent }) {
          for (const { inlineData } of serverContent?.modelTurn?.parts ?? []) {
            listener.audio(Buffer.from(inlineData?.data ?? '', 'base64').byteLength);
          }
          if (serverContent?.turnComplete) listener.ended();
        },
        onclose: () => closed.resolve(),
      },
    });
    return {
      ask: (turns) => session.sendClientContent({ turns, turnComplete: true }),
      async close() {
        session.close();
        await closed.promise;
      },
    };
  },
  plugin: ({ geminiUrl: baseUrl }) => new Realtime({ apiKey: API_KEY, baseUrl, model: MODEL }),
});
