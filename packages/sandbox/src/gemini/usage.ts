import { partsOf, type GeminiRequest } from './gemini-request.ts';

/** Tokens of a request: what a chunk's `usageMetadata` is made of. */
export interface Usage {
  prompt: number;
  /** Inside `prompt`. */
  cached: number;
  thoughts: number;
  candidates: number;
}

/** About four characters a token, as Google's documentation has it. */
export function tokensOf(text: string): number {
  return Math.ceil(text.length / 4);
}

/** What a request costs before the first token of its answer. */
export function promptUsage(request: GeminiRequest): Usage {
  const { contents, systemInstruction = {}, tools = [] } = request;
  const prompt = tokensOf(JSON.stringify([contents, systemInstruction, tools]));
  const isFollowUp = partsOf(request).length > 1;
  const budget = request.generationConfig?.thinkingConfig?.thinkingBudget;
  return {
    prompt,
    cached: isFollowUp ? Math.floor(prompt / 4) : 0,
    thoughts: budget === 0 ? 0 : 16,
    candidates: 0,
  };
}

/** The running totals as they are on the wire. */
export function usageMetadata({ prompt, cached, thoughts, candidates }: Usage): object {
  return {
    promptTokenCount: prompt,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: prompt }],
    candidatesTokenCount: candidates,
    totalTokenCount: prompt + thoughts + candidates,
    ...(thoughts === 0 ? {} : { thoughtsTokenCount: thoughts }),
    ...(cached === 0
      ? {}
      : {
          cachedContentTokenCount: cached,
          cacheTokensDetails: [{ modality: 'TEXT', tokenCount: cached }],
        }),
  };
}
