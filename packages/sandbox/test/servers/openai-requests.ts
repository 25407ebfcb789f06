import type { Sandbox } from '@vision-agents/sandbox';

/** An object of JSON. */
export type Json = Record<string, unknown>;

/** An endpoint of the language models. */
export type Endpoint = 'responses' | 'chat/completions';

const functionOf = {
  name: 'get_weather',
  parameters: { type: 'object', properties: { city: {} } },
};
/** The same function, as each endpoint takes it. */
export const tools: Readonly<Record<Endpoint, readonly object[]>> = {
  responses: [{ type: 'function', ...functionOf, strict: false }],
  'chat/completions': [{ type: 'function', function: functionOf }],
};

/** Asks as a client without an SDK. */
export function post(
  sandbox: Sandbox,
  path: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${sandbox.openaiUrl}/${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer key', ...headers },
    body: JSON.stringify(body),
  });
}

/** A request as an endpoint takes it. */
export function request(
  endpoint: Endpoint,
  messages: readonly object[],
  more: object = {},
): object {
  const model = 'gpt-x';
  return endpoint === 'responses'
    ? { model, stream: true, input: messages, ...more }
    : { model, stream: true, stream_options: { include_usage: true }, messages, ...more };
}

/** What a user said. */
export function user(content: string): object {
  return { role: 'user', content };
}

/** Whether a value is JSON with fields. */
export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}

/** What is at the end of a path into JSON, if anything. */
export function fieldOf(value: unknown, ...path: (string | number)[]): unknown {
  let found = value;
  for (const step of path) found = isJson(found) ? found[step] : undefined;
  return found;
}

/** The events of a body: each with the name in its `event` field, if any. */
export function parse(body: string): { name: string | undefined; data: string }[] {
  return body
    .split(/\r?\n\r?\n/)
    .filter((event) => event !== '')
    .map((event) => ({
      name: /^event: (.*)$/m.exec(event)?.[1]?.trim(),
      data: /^data: (.*)$/m.exec(event)?.[1]?.trim() ?? '',
    }));
}

/** The events of a body as JSON, without the mark of its end. */
export function chunksOf(body: string): Json[] {
  return parse(body)
    .filter(({ data }) => data !== '[DONE]')
    .map(({ data }) => {
      const value: unknown = JSON.parse(data);
      return isJson(value) ? value : {};
    });
}

/** The events of an answer. */
export async function ask(
  sandbox: Sandbox,
  endpoint: Endpoint,
  messages: readonly object[],
  more: object = {},
): Promise<Json[]> {
  return chunksOf(await (await post(sandbox, endpoint, request(endpoint, messages, more))).text());
}

/** What was said. */
export function textOf(events: readonly Json[]): string {
  return events
    .map((event) => {
      const isText = event['type'] === 'response.output_text.delta';
      return isText ? event['delta'] : (fieldOf(event, 'choices', 0, 'delta', 'content') ?? '');
    })
    .join('');
}

/** The items of a response that are whole. */
export function itemsOf(events: readonly Json[]): Json[] {
  return events
    .filter(({ type }) => type === 'response.output_item.done')
    .map(({ item }) => (isJson(item) ? item : {}));
}
