import { GoogleGenAI } from '@google/genai';
import { LLM } from '@vision-agents/plugin-gemini';

import type { MeasuredComponent } from './component.ts';
import { API_KEY } from './component.ts';
import { INSTRUCTIONS, languageModel, QUESTION } from './language-model.ts';

const MODEL = 'gemini-2.5-flash-lite';

export const geminiLLM: MeasuredComponent = languageModel({
  sdk: '@google/genai',
  bare({ geminiUrl: baseUrl }) {
    const client = new GoogleGenAI({ apiKey: API_KEY, httpOptions: { baseUrl } });
    return async (stopwatch) => {
      const chunks = await client.models.generateContentStream({
        model: MODEL,
        contents: QUESTION,
        config: { systemInstruction: INSTRUCTIONS },
      });
      for await (const { text } of chunks) if (text) stopwatch.stop();
    };
  },
  plugin: ({ geminiUrl: baseUrl }) => new LLM({ apiKey: API_KEY, baseUrl, model: MODEL }),
});
