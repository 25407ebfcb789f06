import { startSandbox, type Sandbox } from '@vision-agents/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import {
  ask,
  chunksOf,
  fieldOf,
  isJson,
  itemsOf,
  parse,
  post,
  request,
  textOf,
  tools,
  user,
  type Json,
} from './openai-requests.ts';

const encrypted = { store: false, include: ['reasoning.encrypted_content'] };

let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await startSandbox({
    delays: { firstTokenMs: 5, completeMs: 20, firstAudioMs: 5, lastAudioMs: 20 },
  });
});

afterEach(() => sandbox.close());

/** The events of a completion, as they are on the wire. */
async function read(text: string): Promise<string[]> {
  const asked = request('chat/completions', [user(text)]);
  const response = await post(sandbox, 'chat/completions', asked);
  return parse(await response.text()).map(({ data }) => data);
}

describe('a response', () => {
  const question = user("What's the weather in New York?");
  const weather = { tools: tools.responses };

  test('names and numbers its events', async () => {
    const body = await (
      await post(sandbox, 'responses', request('responses', [user('Hi')]))
    ).text();
    const names = parse(body).map(({ name }) => name);
    const events = chunksOf(body);
    expect(names).toEqual(events.map(({ type }) => type));
    expect(events.map((event) => event['sequence_number'])).toEqual([...events.keys()]);
    expect(names).toEqual(
      expect.arrayContaining(['response.created', 'response.output_text.done']),
    );
    expect(names.at(-1)).toBe('response.completed');
  });

  test('calls a tool after a thought, and tells its answer when both come back', async () => {
    const items = itemsOf(
      await ask(sandbox, 'responses', [question], { ...weather, ...encrypted }),
    );
    expect(items.map(({ type }) => type)).toEqual(['reasoning', 'function_call']);
    const [, call = {}] = items;
    expect(call).toMatchObject({ name: 'get_weather', arguments: '{"city":"New York"}' });
    const answer = {
      type: 'function_call_output',
      call_id: call['call_id'],
      output: '{"temperature":21}',
    };
    const messages = [question, ...items, answer];
    const told = await ask(sandbox, 'responses', messages, { ...weather, ...encrypted });
    expect(textOf(told)).toBe('Here is the answer for New York: temperature 21.');
    expect(sandbox.truth()).toMatchObject({ counts: { 'llm.tool_calls': 1 }, problems: [] });
  });

  test.each([
    ['without its thought', ([, call]: Json[]) => [call], 'required reasoning item'],
    [
      'with another thought',
      ([thought, call]: Json[]) => [{ ...thought, encrypted_content: 'x' }, call],
      'changed',
    ],
    [
      'with a thought that was never had',
      ([, call]: Json[]) => [{ type: 'reasoning', id: 'rs_0', encrypted_content: 'x' }, call],
      'not found',
    ],
    [
      'with other arguments',
      ([thought, call]: Json[]) => [thought, { ...call, arguments: '{}' }],
      'never made',
    ],
    ['with nothing after the thought', ([thought]: Json[]) => [thought], 'required following item'],
  ])('is refused %s', async (_name, change, problem) => {
    const items = itemsOf(
      await ask(sandbox, 'responses', [question], { ...weather, ...encrypted }),
    );
    const changed = change(items);
    const call = changed.find((item) => item?.['type'] === 'function_call');
    const answer = { type: 'function_call_output', call_id: call?.['call_id'], output: 'ok' };
    const given = changed.filter((item) => item !== undefined);
    const messages = [question, ...given, ...(call ? [answer] : [])];
    const more = { ...weather, ...encrypted };
    const response = await post(sandbox, 'responses', request('responses', messages, more));
    expect(response.status).toBe(400);
    expect(sandbox.truth().problems).toEqual([expect.stringContaining(problem)]);
  });

  test('is refused when a call has no output, or an output no call', async () => {
    const items = itemsOf(await ask(sandbox, 'responses', [question], weather));
    const noOutput = request('responses', [question, ...items], weather);
    expect((await post(sandbox, 'responses', noOutput)).status).toBe(400);
    const output = { type: 'function_call_output', call_id: 'call_0', output: 'ok' };
    expect((await post(sandbox, 'responses', request('responses', [output], weather))).status).toBe(
      400,
    );
  });

  test('is refused for a strict function that is none', async () => {
    const lax = { ...tools.responses[0], strict: undefined };
    const asked = request('responses', [user('Hi')], { tools: [lax] });
    expect((await post(sandbox, 'responses', asked)).status).toBe(400);
  });

  test('has no encrypted thoughts of a model that has none', async () => {
    const asked = request('responses', [user('Hi')], { ...encrypted, model: 'gpt-4.1' });
    expect((await post(sandbox, 'responses', asked)).status).toBe(400);
    await ask(sandbox, 'responses', [user('Hi')], { model: 'gpt-4.1' });
    expect(sandbox.truth().counts['llm.tokens.output.reasoning']).toBe(0);
  });

  test('can fail, as an event', async () => {
    sandbox.inject({ provider: 'openai', fault: 'failed', times: 1 });
    const events = await ask(sandbox, 'responses', [user('Tell me')]);
    expect(events.at(-1)).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'server_error' } },
    });
  });
});

describe('a completion', () => {
  test('ends with the usage and [DONE], unless told not to', async () => {
    expect((await read('One')).slice(-2)).toEqual([expect.stringContaining('"usage":{'), '[DONE]']);
    sandbox.inject({ provider: 'openai', fault: 'no-usage', times: 1 });
    expect((await read('Two')).join('')).not.toContain('usage');
    sandbox.inject({ provider: 'openai', fault: 'no-done', times: 1 });
    expect((await read('Three')).at(-1)).toContain('"usage":{');
    expect(sandbox.truth().problems).toEqual([]);
  });

  test('has no usage where none is asked for, which is a problem', async () => {
    const events = await ask(sandbox, 'chat/completions', [user('Hi')], { stream_options: {} });
    expect(JSON.stringify(events)).not.toContain('usage');
    expect(sandbox.truth().problems).toEqual(['openai: usage was not asked for']);
  });

  test('calls a tool in pieces, and tells its answer', async () => {
    const question = user('What is the weather in Rome?');
    const more = { tools: tools['chat/completions'] };
    const events = await ask(sandbox, 'chat/completions', [question], more);
    const pieces = events.flatMap((event) => {
      const piece = fieldOf(event, 'choices', 0, 'delta', 'tool_calls', 0);
      return isJson(piece) ? [piece] : [];
    });
    expect(pieces).toHaveLength(3);
    const id = pieces[0]?.['id'];
    const args = pieces.map((piece) => fieldOf(piece, 'function', 'arguments')).join('');
    expect(args).toBe('{"city":"Rome"}');
    const tool_calls = [
      { id, type: 'function', function: { name: 'get_weather', arguments: args } },
    ];
    const told = await ask(
      sandbox,
      'chat/completions',
      [
        question,
        { role: 'assistant', content: null, tool_calls },
        { role: 'tool', tool_call_id: id, content: 'sunny' },
      ],
      more,
    );
    expect(textOf(told)).toBe('Here is the answer for Rome: sunny.');
    expect(sandbox.truth()).toMatchObject({ counts: { 'llm.tool_calls': 1 }, problems: [] });
  });
});
