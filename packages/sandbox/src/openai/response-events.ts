import { randomBytes } from 'node:crypto';

import type { OddEvents, ServerEvent } from './answer-stream.ts';
import type { MadeCall } from './call-memory.ts';
import type { ReasoningItem } from './responses-request.ts';
import type { Usage } from './usage.ts';

/** Makes the events of one streamed response, numbered in the order in which they are made. */
export class ResponseEvents {
  readonly #model: string;
  readonly #id = newId('resp');
  #sequence = 0;
  #outputIndex = 0;

  constructor(model: string) {
    this.#model = model;
  }

  /** The response as it stands. */
  response(status: 'created' | 'in_progress'): ServerEvent {
    return this.#event(`response.${status}`, { response: this.#response('in_progress') });
  }

  /** An item that comes as one. */
  item(item: ReasoningItem): ServerEvent[] {
    const output_index = this.#outputIndex;
    this.#outputIndex += 1;
    const { encrypted_content: _, ...bare } = item;
    return [
      this.#event('response.output_item.added', { output_index, item: bare }),
      this.#event('response.output_item.done', { output_index, item }),
    ];
  }

  /** A message, a few words at a time. */
  message(text: string, type: 'output_text' | 'refusal'): ServerEvent[][] {
    const output_index = this.#outputIndex;
    this.#outputIndex += 1;
    const id = newId('msg');
    const at = { item_id: id, output_index, content_index: 0 };
    const message = { type: 'message', id, role: 'assistant' };
    const field = type === 'refusal' ? 'refusal' : 'text';
    const begin = [
      this.#event('response.output_item.added', {
        output_index,
        item: { ...message, status: 'in_progress', content: [] },
      }),
      this.#event('response.content_part.added', { ...at, part: { type, [field]: '' } }),
    ];
    const units = (text.match(/(?:\S+\s*){1,3}/gu) ?? []).map((delta) => [
      this.#event(`response.${type}.delta`, { ...at, delta, obfuscation: 'x' }),
    ]);
    units[0]?.unshift(...begin);
    const part = { type, [field]: text };
    units.at(-1)?.push(
      this.#event(`response.${type}.done`, { ...at, [field]: text }),
      this.#event('response.content_part.done', { ...at, part }),
      this.#event('response.output_item.done', {
        output_index,
        item: { ...message, status: 'completed', content: [part] },
      }),
    );
    return units;
  }

  /** A call of a function: its name, then its arguments in two pieces. */
  call({ id: call_id, name, args }: MadeCall): ServerEvent[][] {
    const output_index = this.#outputIndex;
    this.#outputIndex += 1;
    const id = newId('fc');
    const at = { item_id: id, output_index };
    const item = { type: 'function_call', id, call_id, name };
    const half = Math.ceil(args.length / 2);
    const delta = 'response.function_call_arguments.delta';
    return [
      [
        this.#event('response.output_item.added', {
          output_index,
          item: { ...item, arguments: '', status: 'in_progress' },
        }),
        this.#event(delta, { ...at, delta: args.slice(0, half) }),
      ],
      [
        this.#event(delta, { ...at, delta: args.slice(half) }),
        this.#event('response.function_call_arguments.done', { ...at, arguments: args }),
        this.#event('response.output_item.done', {
          output_index,
          item: { ...item, arguments: args, status: 'completed' },
        }),
      ],
    ];
  }

  /** The last event, which tells the usage. */
  end(
    ending: 'refusal' | 'max-tokens' | 'content-filter' | undefined,
    { input, cached, output, reasoning }: Usage,
  ): ServerEvent {
    const usage = {
      input_tokens: input,
      input_tokens_details: { cached_tokens: cached, cache_write_tokens: 0 },
      output_tokens: output,
      output_tokens_details: { reasoning_tokens: reasoning },
      total_tokens: input + output,
    };
    if (ending === undefined || ending === 'refusal') {
      const response = { ...this.#response('completed'), usage };
      return this.#event('response.completed', { response });
    }
    const reason = ending === 'max-tokens' ? 'max_output_tokens' : 'content_filter';
    const response = {
      ...this.#response('incomplete'),
      incomplete_details: { reason },
      usage,
    };
    return this.#event('response.incomplete', { response });
  }

  /** What breaks a stream. */
  odd(asked: string): OddEvents {
    const message = `The server had an error while processing your request: ${asked}`;
    const error = { code: 'server_error', message };
    return {
      'error-event': this.#event('error', { ...error, param: null }),
      failed: this.#event('response.failed', {
        response: { ...this.#response('failed'), error, usage: null },
      }),
      'malformed-json': {
        name: 'response.output_text.delta',
        data: '{"type":"response.output_text.delta","delta":"Hel',
      },
      'wrong-types': this.#event('response.output_text.delta', { delta: 7 }),
      'unknown-type': this.#event('response.novelty.delta', { novelty: 'x' }),
    };
  }

  #response(status: string): object {
    return {
      id: this.#id,
      object: 'response',
      status,
      model: this.#model,
      error: null,
      incomplete_details: null,
      output: [],
      usage: null,
    };
  }

  #event(type: string, fields: object): ServerEvent {
    const sequence_number = this.#sequence;
    this.#sequence += 1;
    return { name: type, data: JSON.stringify({ type, sequence_number, ...fields }) };
  }
}

function newId(prefix: string): string {
  return `${prefix}_${randomBytes(12).toString('hex')}`;
}
