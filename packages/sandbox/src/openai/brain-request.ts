import type { GeminiFunction, GeminiPart, GeminiRequest } from '../gemini/gemini-request.ts';
import { parseObject } from '../json.ts';

/** One entry of a conversation, whichever endpoint it was sent to. */
export type Entry =
  | { role: 'user' | 'model'; text: string }
  | { role: 'call'; id: string; name: string; args: string }
  | { role: 'result'; id: string; output: string };

/** A function as both endpoints declare it. */
export interface DeclaredFunction {
  name: string;
  parameters?: { properties?: Record<string, unknown>; additionalProperties?: unknown };
  strict?: boolean | null;
}

/** A request in the words in which the simulated model thinks, which are Gemini's. */
export function brainRequest(
  instructions: string,
  entries: readonly Entry[],
  functions: readonly DeclaredFunction[],
): GeminiRequest {
  const contents: { role: string; parts: GeminiPart[] }[] = [];
  let before: Entry['role'] | undefined;
  for (const entry of entries) {
    const parts = [partOf(entry, entries)];
    // The results of one round are one message to the model.
    if (entry.role === 'result' && before === 'result') contents.at(-1)?.parts.push(...parts);
    else contents.push({ role: roleOf(entry), parts });
    before = entry.role;
  }
  return {
    contents,
    systemInstruction: { parts: [{ text: instructions }] },
    tools: [{ functionDeclarations: functions.map(declaration) }],
  };
}

function roleOf({ role }: Entry): string {
  return role === 'user' || role === 'result' ? 'user' : 'model';
}

function partOf(entry: Entry, entries: readonly Entry[]): GeminiPart {
  switch (entry.role) {
    case 'user':
    case 'model':
      return { text: entry.text };
    case 'call':
      return {
        functionCall: { id: entry.id, name: entry.name, args: parseObject(entry.args) ?? {} },
      };
    case 'result': {
      const call = entries.find((one) => one.role === 'call' && one.id === entry.id);
      const name = call?.role === 'call' ? call.name : '';
      const response = parseObject(entry.output) ?? { output: entry.output };
      return { functionResponse: { id: entry.id, name, response } };
    }
  }
}

function declaration({ name, parameters }: DeclaredFunction): GeminiFunction {
  return { name, ...(parameters === undefined ? {} : { parametersJsonSchema: parameters }) };
}
