import { randomBytes } from 'node:crypto';

import type { GeminiRequest } from '../gemini/gemini-request.ts';
import { objectOf } from '../gemini/live-setup.ts';
import { brainRequest, type Entry } from './brain-request.ts';
import type { ClientError } from './realtime-channel.ts';
import type { RealtimeSetup } from './realtime-setup.ts';

/** One thing in a conversation. */
export type RealtimeItem = { id: string } & (
  | { type: 'message'; role: 'user' | 'assistant' | 'system'; text: string; spokenMs: number }
  | { type: 'function_call'; callId: string; name: string; args: string }
  | { type: 'function_call_output'; callId: string; output: string }
);

/** Something that a model says. */
export type SpokenItem = RealtimeItem & { type: 'message' };

/** A new id, as the service makes them. */
export function newId(kind: 'item' | 'resp' | 'call' | 'sess'): string {
  return `${kind}_${randomBytes(10).toString('hex')}`;
}

/** What was said in a session, and which calls of functions are open. */
export class RealtimeItems {
  #items: RealtimeItem[] = [];

  /** The item before the next one. */
  get lastId(): string | null {
    return this.#items.at(-1)?.id ?? null;
  }

  /** The calls that have no result. */
  get openCalls(): string[] {
    const answered = new Set(this.#items.map((item) => outputOf(item)?.callId));
    return this.#items.flatMap((item) =>
      item.type === 'function_call' && !answered.has(item.callId) ? item.callId : [],
    );
  }

  /** Notes what a user said or a model is about to say. */
  message(role: 'user' | 'assistant', text: string, id: string = newId('item')): SpokenItem {
    const item: SpokenItem = { id, type: 'message', role, text, spokenMs: 0 };
    this.#items.push(item);
    return item;
  }

  /** Notes a call that the model makes. */
  call(name: string, args: Record<string, unknown>): RealtimeItem & { type: 'function_call' } {
    const callId = newId('call');
    const item = { id: newId('item'), type: 'function_call' as const, callId, name };
    const call = { ...item, args: JSON.stringify(args) };
    this.#items.push(call);
    return call;
  }

  /** Takes an item of a client, or says what is wrong with it. */
  create(value: unknown): RealtimeItem | ClientError {
    const { type, role, content, call_id: callId, output, name, arguments: args } = objectOf(value);
    const id = newId('item');
    if (type === 'function_call_output') {
      if (typeof callId !== 'string' || typeof output !== 'string') return wrong('item');
      if (!this.openCalls.includes(callId)) {
        return { code: 'invalid_tool_call_id', message: 'A result that nobody waits for.' };
      }
      return this.#added({ id, type, callId, output });
    }
    if (type === 'function_call') {
      if (![callId, name, args].every((field) => typeof field === 'string')) return wrong('item');
      return this.#added({
        id,
        type,
        callId: String(callId),
        name: String(name),
        args: String(args),
      });
    }
    if (type !== 'message' || !isRole(role)) return wrong('item');
    const text = textIn(content, role);
    if (text === undefined) return wrong('item.content');
    return this.#added({ id, type, role, text, spokenMs: 0 });
  }

  /** Forgets what was not heard of an item. */
  truncate(id: unknown, index: unknown, endMs: unknown): ClientError | undefined {
    const item = this.#items.find((one) => one.id === id);
    if (item === undefined) {
      return { code: 'item_truncate_invalid_item_id', message: 'No such item to truncate.' };
    }
    if (item.type !== 'message' || item.role !== 'assistant' || item.spokenMs === 0) {
      const message = 'Only model output audio messages can be truncated.';
      return { code: 'unsupported_content_type', message };
    }
    if (index !== 0) return wrong('content_index');
    if (typeof endMs !== 'number' || !Number.isInteger(endMs) || endMs < 0) {
      return wrong('audio_end_ms');
    }
    if (endMs > item.spokenMs) {
      const message = `Audio content of ${Math.floor(item.spokenMs)}ms is already shorter than ${endMs}ms.`;
      return { code: 'invalid_value', message, param: 'audio_end_ms' };
    }
    const words = item.text.match(/\S+\s*/gu) ?? [];
    const kept = Math.floor((words.length * endMs) / item.spokenMs);
    item.text = words.slice(0, kept).join('').trim();
    item.spokenMs = endMs;
    return undefined;
  }

  /** Forgets an item. */
  delete(id: unknown): ClientError | undefined {
    const left = this.#items.filter((item) => item.id !== id);
    if (left.length === this.#items.length) {
      return { code: 'item_delete_invalid_item_id', message: 'No such item to delete.' };
    }
    this.#items = left;
    return undefined;
  }

  /** What the model is asked. */
  request({ instructions, functions }: RealtimeSetup): GeminiRequest {
    return brainRequest(instructions, this.#entries(), functions);
  }

  /** All of it as JSON, to be paid for. */
  toJson(): string {
    return JSON.stringify(this.#entries());
  }

  #added(item: RealtimeItem): RealtimeItem {
    this.#items.push(item);
    return item;
  }

  /** With results after the calls that were made together, wherever they came. */
  #entries(): Entry[] {
    const entries: Entry[] = [];
    let calls: string[] = [];
    const settle = (): void => {
      for (const item of this.#items) {
        const result = outputOf(item);
        if (result === undefined || !calls.includes(result.callId)) continue;
        entries.push({ role: 'result', id: result.callId, output: result.output });
      }
      calls = [];
    };
    for (const item of this.#items) {
      if (item.type === 'function_call') {
        calls.push(item.callId);
        entries.push({ role: 'call', id: item.callId, name: item.name, args: item.args });
      } else if (item.type === 'message') {
        settle();
        const role = item.role === 'assistant' ? 'model' : 'user';
        if (item.text !== '') entries.push({ role, text: item.text });
      }
    }
    settle();
    return entries;
  }
}

function outputOf(
  item: RealtimeItem,
): (RealtimeItem & { type: 'function_call_output' }) | undefined {
  return item.type === 'function_call_output' ? item : undefined;
}

function isRole(role: unknown): role is SpokenItem['role'] {
  return role === 'user' || role === 'assistant' || role === 'system';
}

function textIn(content: unknown, role: SpokenItem['role']): string | undefined {
  const wanted = role === 'assistant' ? 'output_text' : 'input_text';
  const parts = (Array.isArray(content) ? content : []).map(objectOf);
  const isRight = parts.every(({ type, text }) => type === wanted && typeof text === 'string');
  return isRight && parts.length > 0 ? parts.map(({ text }) => text).join('') : undefined;
}

function wrong(param: string): ClientError {
  return { code: 'invalid_value', message: `Invalid value: '${param}'.`, param };
}
