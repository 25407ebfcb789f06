import type { Agent, AgentEvents, LLMEvent, LLMRequest, Logger, Tool } from '@vision-agents/core';
import { LLM, tool } from '@vision-agents/core';
import * as gemini from '@vision-agents/plugin-gemini';
import { z } from 'zod';

import { answerTo } from '../fault-call.ts';
import type { ProgramCase } from './program-case.ts';

const EVENTS: Readonly<Record<keyof AgentEvents, true>> = {
  'participant-joined': true,
  'participant-left': true,
  state: true,
  'user-transcript': true,
  'agent-transcript': true,
  turn: true,
  'dead-air': true,
  usage: true,
  error: true,
  reconnect: true,
  ended: true,
};

function isEventName(name: string): name is keyof AgentEvents {
  return name in EVENTS;
}

function mistake(): never {
  throw new Error('a mistake of the program');
}

function rejection(): unknown {
  return Promise.reject(new Error('a mistake of the program'));
}

/** Listens to everything. */
function listening(listener: () => void): (agent: Agent) => void {
  return (agent) => {
    for (const name of Object.keys(EVENTS).filter(isEventName)) agent.on(name, listener);
  };
}

function logger(write: () => void, child?: () => Logger): Logger {
  return { debug: write, info: write, warn: write, error: write, ...(child && { child }) };
}

const HARMLESS = { errors: [], failedToolCalls: 0, second: 'completed' } as const;

function logging(name: string, value: Logger): ProgramCase {
  return { ...HARMLESS, mistake: name, parts: (parts) => ({ ...parts, logger: value }) };
}

/** The model asks for a tool at the second line. */
function working(name: string, broken: Tool, failedToolCalls = 1): ProgramCase {
  return {
    ...HARMLESS,
    mistake: name,
    parts: (parts) => ({ ...parts, tools: { broken } }),
    reply: { toolCalls: [{ name: 'broken', args: {} }] },
    failedToolCalls,
  };
}

function circle(): object {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value;
}

/** A model of the program's own, which is at a loss with the second request. */
class OwnLLM extends LLM {
  readonly provider = 'own';
  readonly model: string;
  readonly #fail: () => AsyncIterable<LLMEvent>;
  #requests = 0;

  constructor(model: string, fail: () => AsyncIterable<LLMEvent>) {
    super({ firstEventTimeoutMs: 1000, stallTimeoutMs: 1000 });
    this.model = model;
    this.#fail = fail;
  }

  protected stream({ messages }: LLMRequest): AsyncIterable<LLMEvent> {
    this.#requests += 1;
    const last = messages.at(-1);
    return this.#requests === 2 ? this.#fail() : answer(last?.role === 'user' ? last.text : '');
  }
}

async function* answer(line: string): AsyncGenerator<LLMEvent> {
  yield { type: 'text', text: answerTo(line) };
  yield { type: 'end', reason: 'stop' };
}

async function* tooLittle(): AsyncGenerator<LLMEvent> {
  yield { type: 'text', text: 'You said' };
}

async function* untilTheEndOfTime(): AsyncGenerator<LLMEvent> {
  await new Promise(() => undefined);
  yield { type: 'end', reason: 'stop' };
}

function thinking(name: string, fail: () => AsyncIterable<LLMEvent>, error: string): ProgramCase {
  return {
    ...HARMLESS,
    mistake: `a model of its own ${name}`,
    parts: (parts, model) => ({ ...parts, llm: new OwnLLM(model, fail) }),
    errors: [`own ${error}`],
    second: 'error',
  };
}

/** Requests are sent by the program, the second in a wrong way. */
function sending(name: string, send: () => Promise<Response>, error: string): ProgramCase {
  return {
    ...HARMLESS,
    mistake: `a \`fetch\` of its own ${name}`,
    parts: (parts, model, baseUrl) => {
      let requests = 0;
      const own: typeof fetch = (...request) => {
        requests += 1;
        return requests === 2 ? send() : fetch(...request);
      };
      return { ...parts, llm: new gemini.LLM({ apiKey: 'sandbox', baseUrl, model, fetch: own }) };
    },
    errors: [`gemini ${error}`],
    second: 'error',
  };
}

/** Mistakes of programs. */
export const PROGRAM_CASES: readonly ProgramCase[] = [
  { ...HARMLESS, mistake: 'every listener throws', attend: listening(mistake) },
  { ...HARMLESS, mistake: 'every listener is async and rejects', attend: listening(rejection) },
  logging('every method of the logger throws', logger(mistake)),
  logging('every method of the logger is async and rejects', logger(rejection)),
  logging(
    '`child` of the logger throws',
    logger(() => undefined, mistake),
  ),
  logging(
    'the children of the logger throw',
    logger(
      () => undefined,
      () => logger(mistake),
    ),
  ),
  working('a tool throws', tool({ description: 'Breaks.', input: z.object({}), execute: mistake })),
  working(
    'a tool rejects',
    tool({ description: 'Breaks.', input: z.object({}), execute: rejection }),
  ),
  working(
    'a tool throws what is no error',
    tool({
      description: 'Breaks.',
      input: z.object({}),
      execute: () => Promise.reject<void>('words'),
    }),
  ),
  working(
    'a tool never ends',
    tool({
      description: 'Hangs.',
      input: z.object({}),
      timeoutMs: 100,
      execute: () => new Promise(() => undefined),
    }),
  ),
  working(
    'the check of a tool throws',
    tool({
      description: 'Breaks.',
      input: z.object({}).refine(mistake),
      execute: () => 'done',
    }),
  ),
  working(
    'what a tool gives is a circle',
    tool({ description: 'Turns.', input: z.object({}), execute: circle }),
  ),
  working(
    'what a tool gives has a getter that throws',
    tool({
      description: 'Breaks.',
      input: z.object({}),
      execute: () => ({
        get value() {
          return mistake();
        },
      }),
    }),
  ),
  thinking('throws at once', mistake, 'unknown -'),
  thinking('throws what is no error', () => failing('words'), 'unknown -'),
  thinking('ends without an end', tooLittle, 'protocol truncated'),
  thinking('never answers', untilTheEndOfTime, 'timeout -'),
  sending('throws', mistake, 'unknown -'),
  sending('rejects', () => Promise.reject(new TypeError('fetch failed')), 'unknown -'),
  sending(
    'answers with nothing',
    () => Promise.resolve(new Response()),
    'protocol malformed_answer',
  ),
];

async function* failing(reason: string): AsyncGenerator<LLMEvent> {
  yield await Promise.reject<LLMEvent>(reason);
}
