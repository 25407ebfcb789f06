import { LLM } from '@vision-agents/plugin-openai';
import OpenAI from 'openai';

import type { MeasuredComponent } from './component.ts';
import { API_KEY } from './component.ts';
import { INSTRUCTIONS, languageModel, QUESTION } from './language-model.ts';

const MODEL = 'gpt-5.4-mini';

export const openaiLLM: MeasuredComponent = languageModel({
  sdk: 'openai',
  bare({ openaiUrl: baseURL }) {
    const client = new OpenAI({ apiKey: API_KEY, baseURL });
    return async (stopwatch) => {
      const events = await client.responses.create({
        model: MODEL,
        instructions: INSTRUCTIONS,
        input: [{ role: 'user', content: QUESTION }],
        stream: true,
      });
      for await (const event of events) {
        if (event.type === 'response.output_text.delta') stopwatch.stop();
      }
    };
  },
  plugin: ({ openaiUrl: baseUrl }) => new LLM({ apiKey: API_KEY, baseUrl, model: MODEL }),
});
