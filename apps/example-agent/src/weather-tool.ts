import type { Tool } from '@vision-agents/core';
import { tool } from '@vision-agents/core';
import { z } from 'zod';

const CONDITIONS = ['sunny', 'cloudy', 'windy', 'rainy'];

/** A tool as the model can use it. A real one would ask a weather service. */
export const getWeather: Tool = tool({
  description: 'The present weather in a city.',
  input: z.object({ city: z.string().min(1).describe('The name of the city, such as Paris') }),
  readOnly: true,
  execute: ({ city }) => {
    const seed = city.length;
    return { city, celsius: 10 + (seed % 20), condition: CONDITIONS[seed % CONDITIONS.length] };
  },
});
