import { Realtime } from '@vision-agents/plugin-openai';

import type { MeasuredComponent } from './component.ts';
import { API_KEY } from './component.ts';
import { INSTRUCTIONS } from './language-model.ts';
import { closeSession, openSession, SESSION_FORMAT } from './openai-session.ts';
import { realtimeModel } from './realtime-model.ts';

const MODEL = 'gpt-realtime';

export const openaiRealtime: MeasuredComponent = realtimeModel({
  sdk: 'openai',
  async bare({ openaiUrl }, listener) {
    const realtime = await openSession(
      openaiUrl,
      { model: MODEL },
      {
        type: 'realtime',
        instructions: INSTRUCTIONS,
        output_modalities: ['audio'],
        audio: { input: { format: SESSION_FORMAT }, output: { format: SESSION_FORMAT } },
      },
    );
    realtime.on('response.output_audio.delta', ({ delta }) =>
      listener.audio(Buffer.from(delta, 'base64').byteLength),
    );
    realtime.on('response.done', () => listener.ended());
    return {
      ask(text) {
        const content = [{ type: 'input_text' as const, text }];
        const item = { type: 'message' as const, role: 'user' as const, content };
        realtime.send({ type: 'conversation.item.create', item });
        realtime.send({ type: 'response.create' });
      },
      close: () => closeSession(realtime),
    };
  },
  plugin: ({ openaiUrl: baseUrl }) => new Realtime({ apiKey: API_KEY, baseUrl, model: MODEL }),
});
