import type OpenAI from 'openai';

import type { ServiceSettings } from './openai-options.ts';

/** OpenAI's SDK, with everything in it switched off that hides time or talks. */
export async function createClient(
  settings: Omit<ServiceSettings, 'fetch'> & Partial<ServiceSettings>,
): Promise<OpenAI> {
  const { apiKey, baseUrl, fetch = globalThis.fetch } = settings;
  const { default: OpenAI } = await import('openai');
  return new OpenAI({
    // Without one the SDK does not start; the header below takes it out again.
    apiKey: apiKey ?? 'none',
    adminAPIKey: null,
    baseURL: baseUrl,
    fetch,
    // Waiting and trying again are core's.
    maxRetries: 0,
    // It would print what it cannot parse, and with `OPENAI_LOG` whole conversations.
    logLevel: 'off',
    ...(apiKey === undefined && {
      // Of the account at OpenAI, which is nobody else's business.
      organization: null,
      project: null,
      defaultHeaders: { Authorization: null },
    }),
  });
}
