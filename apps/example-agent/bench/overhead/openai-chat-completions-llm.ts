import { ChatCompletionsLLM } from '@vision-agents/plugin-openai';
import OpenAI from 'openai';

import type { MeasuredComponent } from './component.ts';
import { API_KEY } from './component.ts';
import { INSTRUCTIONS, languageModel, QUESTION } from './language-model.ts';

const MODEL = 'gpt-5.4-mini';

export const openaiChatCompletionsLLM: MeasuredComponent = languageModel({
  sdk: 'openai',
  bare({ openaiUrl: baseURL }) {
    const client = new OpenAI({ apiKey: API_KEY, baseURL });
    return async (stopwatch) => {
      const chunks = await client.chat.completions.create({
        model: MODEL,
        messages: [
          { role: 'developer', content: INSTRUCTIONS },
          { role: 'user', content: QUESTION },
        ],
        stream: true,
        stream_options: { include_usage: true },
      });
      for await (const { choices } of chunks) {
        if (choices[0]?.delta.content) stopwatch.stop();
      }
    };
  },
  plugin: ({ openaiUrl: baseUrl }) =>
    new ChatCompletionsLLM({ apiKey: API_KEY, baseUrl, model: MODEL }),
});
