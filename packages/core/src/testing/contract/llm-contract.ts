import assert from 'node:assert/strict';

import { ERROR_TYPES, type ErrorType } from '../../errors/error-type.ts';
import { InterruptedError } from '../../errors/interrupted-error.ts';
import type { LLMEvent, LLMUsage, ToolCall } from '../../llm/llm-events.ts';
import type { LLMRequest } from '../../llm/llm-request.ts';
import type { LLM } from '../../llm/llm.ts';
import { settled } from '../settled.ts';
import type { ContractHarness, ContractTests } from './contract.ts';
import { describeContract } from './contract.ts';
import { eventually, failureOf, passing, soon } from './eventually.ts';
import type { Expected, Scene } from './scene.ts';
import { countedAs, expectProviderError } from './scene.ts';
import type { TestRunner } from './test-runner.ts';

/**
 * What the far side does with one request: `answers` with {@link LLMSubject.text} in several pieces
 * and its usage; `calls-tools` twice in one answer, {@link LLM_TOOL} for Paris and for Rome; `refuses`
 * because it is overloaded; `rejects-key`; `hangs` after it has taken the request; `stalls` after some
 * text; `fails` after some text by saying that it cannot go on; `breaks-off` after some text, without
 * the event that ends an answer.
 */
export type LLMBehaviour =
  | 'answers'
  | 'calls-tools'
  | 'refuses'
  | 'rejects-key'
  | 'hangs'
  | 'stalls'
  | 'fails'
  | 'breaks-off';

/** A model and its far side. */
export interface LLMSubject {
  readonly llm: LLM;
  /** What the far side says when it answers. */
  readonly text: string;
  /** The tokens of all requests so far, as far as the far side has told; undefined where it has not. */
  served(): LLMUsage | undefined;
  /** Ends the far side. */
  close?(): Promise<void> | void;
}

/** What the suite needs to know of a model. */
export interface LLMHarness extends ContractHarness {
  /** A new model whose far side does these things, one a request. Called for each test. */
  create(behaviours: readonly LLMBehaviour[]): Promise<LLMSubject> | LLMSubject;
}

/** The tool that the far side calls; its input is an object with a `city`. */
export const LLM_TOOL = 'get_weather';

/**
 * Checks a language model against its contract, with whatever far side the harness gives it: order of
 * events, aborts at every stage, failures, time-outs, what is left, and every metric for each end.
 */
export function describeLLM(name: string, runner: TestRunner, harness: LLMHarness): void {
  describeContract(name, runner, TESTS, harness);
}

const REQUEST: LLMRequest = {
  instructions: 'Be brief.',
  messages: [{ role: 'user', text: 'Tell me something.' }],
  tools: [
    {
      name: LLM_TOOL,
      description: 'The present weather in a city.',
      inputSchema: {
        type: 'object',
        properties: { city: { type: 'string' } },
        required: ['city'],
      },
    },
  ],
};

/** An answer that is being read. */
class Reading {
  readonly events: LLMEvent[] = [];
  readonly ended: Promise<void>;

  constructor(
    { llm }: LLMSubject,
    scene: Scene,
    signal: AbortSignal = scene.call.signal,
    asked: LLMRequest = REQUEST,
  ) {
    this.ended = this.#read(llm.respond(asked, { ...scene.context, signal }));
    // Whoever waits for it hears of its failure; until then it is nobody's unhandled rejection.
    this.ended.catch(() => undefined);
  }

  get text(): string {
    return this.events.map((event) => (event.type === 'text' ? event.text : '')).join('');
  }

  async begun(): Promise<void> {
    await eventually('some text comes', () => this.text !== '');
    // What came with it, such as a usage, has to be read too.
    await passing(20);
  }

  async #read(answer: AsyncIterable<LLMEvent>): Promise<void> {
    for await (const event of answer) this.events.push(event);
  }
}

function request(outcome: string): Expected {
  return { key: 'llmRequests', attributes: { outcome } };
}

const FIRST_TOKEN: Expected = { key: 'llmTimeToFirstTokenMs' };

function tokens(usage: LLMUsage | undefined): Expected[] {
  if (usage === undefined) return [];
  return [
    { key: 'llmInputTokens', total: usage.inputTokens },
    { key: 'llmOutputTokens', total: usage.outputTokens },
    { key: 'llmCachedInputTokens', total: usage.cachedInputTokens ?? 0 },
    { key: 'llmReasoningTokens', total: usage.reasoningTokens ?? 0 },
  ];
}

/** Aborts an answer once it is as far as `ready` says, and checks how that ends. */
async function abortWhen(
  scene: Scene,
  subject: LLMSubject,
  ready: (reading: Reading) => Promise<void>,
  reason: Error = new InterruptedError(),
): Promise<void> {
  const before = scene.openHandles();
  const controller = new AbortController();
  const reading = new Reading(subject, scene, controller.signal);
  await ready(reading);
  controller.abort(reason);
  const error = await soon('an aborted request', failureOf(reading.ended));
  assert.equal(error, reason, 'it throws the reason of the abort');
  // Nobody closes a model: what an abort leaves behind would stay.
  await scene.expectNoMoreHandles(before);
}

/** Has a request fail, and checks that it is typed and counted once, beside what was measured before. */
async function failWith(
  scene: Scene,
  subject: LLMSubject,
  types: readonly ErrorType[],
  expected: readonly Expected[] = [],
  reading: Reading = new Reading(subject, scene),
): Promise<void> {
  const error = await soon('a request that fails', failureOf(reading.ended));
  expectProviderError(error, subject.llm, types);
  assert.ok(!reading.events.some(({ type }) => type === 'end'), 'a failed answer has no end');
  scene.expectMeasured(subject.llm, [
    request('error'),
    countedAs('llmErrors', error),
    ...expected,
    ...tokens(subject.served()),
  ]);
}

const TESTS: ContractTests<LLMHarness> = {
  async 'answers in pieces of text, then tells its usage, then ends'(harness, scene) {
    const subject = await scene.with(harness.create(['answers']));
    const reading = new Reading(subject, scene);
    await soon('an answer', reading.ended);
    const { events } = reading;
    assert.equal(reading.text, subject.text);
    assert.ok(events.filter(({ type }) => type === 'text').length > 1, 'the text comes in pieces');
    assert.deepEqual(events.at(-1), { type: 'end', reason: 'stop' });
    assert.ok(
      events.some(({ type }) => type === 'usage'),
      'the usage is told',
    );
  },

  async 'measures an answer once, with the tokens that were served'(harness, scene) {
    const subject = await scene.with(harness.create(['answers']));
    await soon('an answer', new Reading(subject, scene).ended);
    scene.expectMeasured(subject.llm, [
      request('completed'),
      { key: 'llmLatencyMs' },
      FIRST_TOKEN,
      ...tokens(subject.served()),
    ]);
  },

  async 'gives a slow reader every event'(harness, scene) {
    const subject = await scene.with(harness.create(['answers']));
    const events: LLMEvent[] = [];
    for await (const event of subject.llm.respond(REQUEST, scene.context)) {
      events.push(event);
      await settled();
      await scene.clock.advance(1000);
    }
    const text = events.map((event) => (event.type === 'text' ? event.text : '')).join('');
    assert.equal(text, subject.text);
  },

  async 'asks for tools with arguments that are parsed and ids that differ'(harness, scene) {
    const subject = await scene.with(harness.create(['calls-tools']));
    const reading = new Reading(subject, scene);
    await soon('an answer', reading.ended);
    const calls = toolCallsOf(reading.events);
    assert.deepEqual(
      calls.map((call) => [call.name, call.arguments]),
      ['Paris', 'Rome'].map((city) => [LLM_TOOL, { city }]),
    );
    assert.equal(new Set(calls.map(({ id }) => id)).size, 2, 'ids that differ');
    assert.ok(calls.every(({ id }) => id !== ''));
    assert.deepEqual(reading.events.at(-1), { type: 'end', reason: 'tool-calls' });
    scene.expectMeasured(subject.llm, [
      request('completed'),
      { key: 'llmLatencyMs' },
      FIRST_TOKEN,
      ...tokens(subject.served()),
    ]);
  },

  async 'goes on with the results of tools'(harness, scene) {
    const subject = await scene.with(harness.create(['calls-tools', 'answers']));
    const asking = new Reading(subject, scene);
    await soon('an answer', asking.ended);
    const toolCalls = toolCallsOf(asking.events);
    const results = toolCalls.map(({ id, name }) => {
      return { callId: id, name, output: '{"celsius":21}', success: true };
    });
    const messages: LLMRequest['messages'] = [
      ...REQUEST.messages,
      { role: 'assistant', text: '', toolCalls, interrupted: false },
      { role: 'tool', results },
    ];
    const reading = new Reading(subject, scene, undefined, { ...REQUEST, messages });
    await soon('an answer', reading.ended);
    assert.equal(reading.text, subject.text);
  },

  async 'asks for nothing when it is aborted before'(harness, scene) {
    const subject = await scene.with(harness.create([]));
    const reason = new Error('not wanted');
    const reading = new Reading(subject, scene, AbortSignal.abort(reason));
    assert.equal(await soon('a request', failureOf(reading.ended)), reason);
    scene.expectMeasured(subject.llm, []);
  },

  async 'stops at once when it is aborted before the first event'(harness, scene) {
    const subject = await scene.with(harness.create(['hangs']));
    await abortWhen(scene, subject, () => passing(20));
    scene.expectMeasured(subject.llm, [request('interrupted'), ...tokens(subject.served())]);
  },

  async 'stops at once when it is aborted in the middle'(harness, scene) {
    const subject = await scene.with(harness.create(['stalls']));
    await abortWhen(scene, subject, (reading) => reading.begun());
    scene.expectMeasured(subject.llm, [
      request('interrupted'),
      FIRST_TOKEN,
      ...tokens(subject.served()),
    ]);
  },

  async 'counts what is not used as discarded'(harness, scene) {
    const subject = await scene.with(harness.create(['stalls']));
    const reason = new InterruptedError('discarded');
    await abortWhen(scene, subject, (reading) => reading.begun(), reason);
    scene.expectMeasured(subject.llm, [
      request('discarded'),
      FIRST_TOKEN,
      ...tokens(subject.served()),
    ]);
  },

  async 'stops when its reader leaves'(harness, scene) {
    const subject = await scene.with(harness.create(['stalls']));
    const before = scene.openHandles();
    for await (const event of subject.llm.respond(REQUEST, scene.context)) {
      if (event.type === 'text') break;
    }
    await scene.expectNoMoreHandles(before);
    const [measured] = scene.measured('llmRequests');
    assert.deepEqual(measured?.attributes['outcome'], 'interrupted');
  },

  async 'fails as unavailable when it is refused'(harness, scene) {
    const subject = await scene.with(harness.create(['refuses']));
    await failWith(scene, subject, ['unavailable']);
  },

  async 'fails as a matter of authentication when its key is'(harness, scene) {
    const subject = await scene.with(harness.create(['rejects-key']));
    await failWith(scene, subject, ['authentication']);
  },

  async 'fails when the answer breaks off'(harness, scene) {
    const subject = await scene.with(harness.create(['breaks-off']));
    await failWith(scene, subject, ['protocol', 'network', 'aborted_by_provider'], [FIRST_TOKEN]);
  },

  async 'fails when the provider says in the middle that it cannot go on'(harness, scene) {
    const subject = await scene.with(harness.create(['fails']));
    const types = ERROR_TYPES.filter((type) => type !== 'unknown' && type !== 'timeout');
    await failWith(scene, subject, types, [FIRST_TOKEN]);
  },

  async 'times out when nothing comes'(harness, scene) {
    const subject = await scene.with(harness.create(['hangs']));
    const reading = new Reading(subject, scene);
    await passing(20);
    await scene.waitFor('the request', reading.ended);
    await failWith(scene, subject, ['timeout'], [], reading);
  },

  async 'times out when the answer stalls'(harness, scene) {
    const subject = await scene.with(harness.create(['stalls']));
    const reading = new Reading(subject, scene);
    await reading.begun();
    await scene.waitFor('the request', reading.ended);
    await failWith(scene, subject, ['timeout'], [FIRST_TOKEN], reading);
  },

  async 'answers again after a failure'(harness, scene) {
    const subject = await scene.with(harness.create(['breaks-off', 'answers']));
    await failureOf(soon('an answer', new Reading(subject, scene).ended));
    const reading = new Reading(subject, scene);
    await soon('an answer', reading.ended);
    assert.equal(reading.text, subject.text);
    assert.equal(scene.collector.metrics.llmErrors.total, 1);
    assert.equal(scene.collector.metrics.llmRequests.total, 2);
  },

  async 'answers two requests side by side'(harness, scene) {
    const subject = await scene.with(harness.create(['answers', 'answers']));
    const readings = [new Reading(subject, scene), new Reading(subject, scene)];
    await soon('two answers', Promise.all(readings.map(({ ended }) => ended)));
    assert.deepEqual(
      readings.map(({ text }) => text),
      [subject.text, subject.text],
    );
    assert.equal(scene.collector.metrics.llmLatencyMs.count, 2);
  },
};

function toolCallsOf(events: readonly LLMEvent[]): ToolCall[] {
  return events.flatMap((event) => (event.type === 'tool-call' ? event.call : []));
}
