import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import type { ToolCall } from '../../src/index.ts';
import { ProviderError, tool } from '../../src/index.ts';
import type { LLMStep, TestSessionOptions } from '../../src/testing/index.ts';
import {
  asksFor,
  RecordingLogger,
  says,
  ScriptedLLM,
  TestSession,
} from '../../src/testing/index.ts';
import { CITY_INPUT } from '../fakes/city-input.ts';

const getWeather = tool({
  description: 'The present weather in a city.',
  input: CITY_INPUT,
  execute: ({ city }) => ({ city, celsius: 21 }),
});

function call(city: unknown, id = 'call-1', name = 'get_weather'): ToolCall {
  return { id, name, arguments: { city } };
}

function session(
  rounds: readonly (readonly LLMStep[])[],
  options: Partial<TestSessionOptions> = {},
): { readonly session: TestSession; readonly llm: ScriptedLLM } {
  const llm = new ScriptedLLM(rounds);
  const tools = { get_weather: getWeather };
  return {
    llm,
    session: new TestSession({ llm, tools, logger: new RecordingLogger(), ...options }),
  };
}

describe('a session', () => {
  test('gives the whole answer, and what was said before with the next', async () => {
    const { session: talk, llm } = session([says(['Hello. ', 'How are you?']), says('Good.')], {
      instructions: 'Be brief.',
    });
    expect((await talk.userSays('Hi')).text).toBe('Hello. How are you?');
    const reply = await talk.userSays('Fine');
    expect(reply.text).toBe('Good.');
    reply.expectNoToolCall();
    expect(llm.requests[1]?.instructions).toBe('Be brief.');
    expect(llm.requests[1]?.messages).toMatchObject([
      { role: 'user', text: 'Hi' },
      { role: 'assistant', text: 'Hello. How are you?' },
      { role: 'user', text: 'Fine' },
    ]);
    expect(talk.metrics.llmRequests.total).toBe(2);
    llm.script.verify();
  });

  test('runs the tools that the model asks for, and tells what came of each', async () => {
    const { session: talk, llm } = session([
      asksFor([call('Paris'), call('Rome', 'call-2')]),
      says('Warm.'),
    ]);
    const reply = await talk.userSays('How is the weather?');
    expect(reply.text).toBe('Warm.');
    expect(reply.toolCalls).toEqual(
      ['Paris', 'Rome'].map((city) => ({
        name: 'get_weather',
        input: { city },
        output: JSON.stringify({ city, celsius: 21 }),
        success: true,
      })),
    );
    expect(reply.expectToolCall('get_weather', { city: 'Rome' })).toBe(reply.toolCalls[1]);
    expect(talk.metrics.llmToolCalls.total).toBe(2);
    llm.script.verify();
  });

  test('does what a mock does in the place of a tool', async () => {
    const { session: talk } = session([asksFor([call('Paris')]), says('Cold.')], {
      mocks: { get_weather: () => 'snow' },
    });
    const reply = await talk.userSays('How is the weather?');
    expect(reply.expectToolCall('get_weather')).toMatchObject({ output: 'snow', success: true });
  });

  test('does not let a mock take what the tool would refuse', async () => {
    let mocked = 0;
    const mocks = { get_weather: () => (mocked += 1) };
    const { session: talk } = session([asksFor([call(7)]), says('Sorry.')], { mocks });
    const reply = await talk.userSays('How is the weather?');
    const { output, success } = reply.expectToolCall('get_weather', { city: 7 });
    expect(success).toBe(false);
    expect(output).toMatch(/bad input/);
    expect(mocked).toBe(0);
  });

  test('reads the files that the instructions mention', async () => {
    const instructionsDirectory = join(import.meta.dirname, '../../../..');
    const { session: talk, llm } = session([says('Yes.')], {
      instructions: 'You know @CONTRIBUTING.md',
      instructionsDirectory,
    });
    await talk.userSays('Do you?');
    expect(llm.requests[0]?.instructions).toContain('# Contributing');
  });

  test('fails as a call would, and goes on', async () => {
    const refused = ProviderError.fromStatus('scripted', 503);
    const { session: talk, llm } = session([
      [{ type: 'throw', error: refused }],
      [{ type: 'end', reason: 'stop' }],
      says('Back.'),
    ]);
    await expect(talk.userSays('Hi')).rejects.toBe(refused);
    await expect(talk.userSays('Hi')).rejects.toMatchObject({ code: 'empty_answer' });
    expect((await talk.userSays('Hi')).text).toBe('Back.');
    llm.script.verify();
  });

  test('fails when the model only ever asks for tools', async () => {
    const rounds = [asksFor([call('Paris')]), asksFor([call('Rome', 'call-2')])];
    const { session: talk } = session(rounds, { maxToolRounds: 1 });
    await expect(talk.userSays('Hi')).rejects.toMatchObject({ code: 'tool_rounds' });
  });

  test('stops what is at work when it is closed', async () => {
    const started = Promise.withResolvers<AbortSignal>();
    const slow = tool({
      description: 'Takes for ever.',
      input: CITY_INPUT,
      execute: (_input, { signal }) => {
        started.resolve(signal);
        return new Promise(() => undefined);
      },
    });
    const { session: talk } = session([asksFor([call('Paris', 'call-1', 'slow')])], {
      tools: { slow },
    });
    const failure = talk.userSays('Hi').catch((error: unknown) => error);
    const signal = await started.promise;
    await talk.close();
    expect(await failure).toBeInstanceOf(Error);
    expect(signal.aborted).toBe(true);
  });

  test('has no mock of a tool that there is not', () => {
    expect(() => session([], { mocks: { get_time: () => 'noon' } })).toThrow(
      'the option `mocks` of TestSession has "get_time", which is no tool',
    );
  });
});

describe('a failed check says what was called instead:', () => {
  test('another input', async () => {
    const { session: talk } = session([asksFor([call('Rome')]), says('Warm.')]);
    const reply = await talk.userSays('How is the weather?');
    expect(() => reply.expectToolCall('get_weather', { city: 'Paris' })).toThrow(
      'expected a call of get_weather({"city":"Paris"}); the calls were get_weather({"city":"Rome"})',
    );
    expect(() => reply.expectNoToolCall('get_weather')).toThrow(
      'expected no call of get_weather; the calls were get_weather({"city":"Rome"})',
    );
    reply.expectNoToolCall('get_time');
  });

  test('nothing', async () => {
    const { session: talk } = session([says('No idea.')]);
    const reply = await talk.userSays('How is the weather?');
    expect(() => reply.expectToolCall('get_weather')).toThrow(
      'expected a call of get_weather; no tool was called, and the reply is "No idea."',
    );
  });
});
