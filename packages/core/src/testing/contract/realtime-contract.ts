import assert from 'node:assert/strict';

import { silence } from '../../audio/audio-frame.ts';
import type { ErrorType } from '../../errors/error-type.ts';
import type { LLMUsage } from '../../llm/llm-events.ts';
import type { RealtimeEvent } from '../../realtime/realtime-events.ts';
import type { RealtimeSession } from '../../realtime/realtime-session.ts';
import type { ModalityTokens } from '../../realtime/realtime-usage.ts';
import type { Realtime, RealtimeRequest } from '../../realtime/realtime.ts';
import type { ContractHarness, ContractTests } from './contract.ts';
import { describeContract } from './contract.ts';
import { eventually, failureOf, passing, soon } from './eventually.ts';
import { LLM_TOOL } from './llm-contract.ts';
import type { Expected, Scene } from './scene.ts';
import { countedAs, expectProviderError } from './scene.ts';
import type { SpokenAudio } from './spoken-audio.ts';
import { ODD_LENGTHS, speakInto } from './spoken-audio.ts';
import type { TestRunner } from './test-runner.ts';

/**
 * What the far side does with one session: `answers` what is said or sent, in words and audio, with its
 * usage; `answers-oddly`, the same in chunks of audio that cut samples in half; `calls-tool`
 * {@link LLM_TOOL} for Paris when a text is sent, and answers when it has the result; `goes-on` with an
 * answer until it is interrupted; `refuses`; `rejects-key`; `hangs-connecting`; `breaks-off` in the
 * middle of an answer.
 */
export type RealtimeBehaviour =
  | 'answers'
  | 'answers-oddly'
  | 'calls-tool'
  | 'goes-on'
  | 'refuses'
  | 'rejects-key'
  | 'hangs-connecting'
  | 'breaks-off';

/** A speech-to-speech model and its far side. */
export interface RealtimeSubject {
  readonly model: Realtime;
  /** Something said in one turn, and the silence that ends it. */
  readonly speech: SpokenAudio & { readonly text: string };
  /** What the far side says when it answers. */
  readonly text: string;
  /** The tokens of all answers so far. */
  readonly served: () => Pick<LLMUsage, 'inputTokens' | 'outputTokens'>;
  /** How much audio the far side has sent so far, in bytes. */
  readonly servedBytes: () => number;
  /** Ends the far side. */
  close?(): Promise<void> | void;
}

/** What the suite needs to know of a speech-to-speech model. */
export interface RealtimeHarness extends ContractHarness {
  /** A new model whose far side does these things, one a session. Called for each test. */
  create(behaviours: readonly RealtimeBehaviour[]): Promise<RealtimeSubject> | RealtimeSubject;
}

/**
 * Checks a speech-to-speech model against its contract: order of events, audio both ways, tools,
 * interruption, aborts, failures, what is left, and every metric for each end.
 */
export function describeRealtime(name: string, runner: TestRunner, harness: RealtimeHarness): void {
  describeContract(name, runner, TESTS, harness);
}

const REQUEST: RealtimeRequest = {
  instructions: 'Be brief.',
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

/** An open session and all that happens in it. */
class Conversing {
  readonly events: RealtimeEvent[] = [];
  readonly session: RealtimeSession;
  readonly ended: Promise<void>;

  constructor(session: RealtimeSession) {
    this.session = session;
    this.ended = this.#read();
    // Whoever waits for it hears of its failure; until then it is nobody's unhandled rejection.
    this.ended.catch(() => undefined);
  }

  static async open({ model }: RealtimeSubject, scene: Scene): Promise<Conversing> {
    return new Conversing(await soon('opening', model.open(REQUEST, scene.context)));
  }

  of<T extends RealtimeEvent['type']>(type: T): Extract<RealtimeEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<RealtimeEvent, { type: T }> => {
      return event.type === type;
    });
  }

  get audioBytes(): number {
    return this.of('audio').reduce((sum, { frame }) => sum + frame.samples.byteLength, 0);
  }

  async until(type: RealtimeEvent['type'], count = 1): Promise<void> {
    await eventually(`"${type}" is told`, () => this.of(type).length >= count);
  }

  async close(): Promise<void> {
    await soon('closing', this.session.close());
    await soon('the events', this.ended);
  }

  async #read(): Promise<void> {
    for await (const event of this.session) this.events.push(event);
  }
}

function response(outcome: string): Expected {
  return { key: 'realtimeResponses', attributes: { outcome } };
}

const SESSION: Expected = { key: 'realtimeSessionDurationMs' };

function tokens({ served }: RealtimeSubject): Expected[] {
  const { inputTokens, outputTokens } = served();
  return [
    { key: 'realtimeInputTokens', total: inputTokens },
    { key: 'realtimeOutputTokens', total: outputTokens },
  ];
}

/** What is told of a total is counts, and not more than it. */
function expectPartOf(total: number, split: ModalityTokens = {}): void {
  const counts = Object.values(split);
  const told = counts.reduce((a, b) => a + b, 0);
  const isPart = counts.every((count) => count >= 0) && told <= total;
  assert.ok(isPart, `tokens by modality, ${JSON.stringify(split)}, are part of ${total}`);
}

async function failToOpen(
  scene: Scene,
  { model }: RealtimeSubject,
  types: readonly ErrorType[],
): Promise<void> {
  const opening = failureOf(model.open(REQUEST, scene.context));
  if (types.includes('timeout')) {
    await passing(20);
    await scene.waitFor('opening', opening);
  }
  const error = await soon('opening', opening);
  expectProviderError(error, model, types);
  scene.expectMeasured(model, [countedAs('realtimeErrors', error)]);
}

const TESTS: ContractTests<RealtimeHarness> = {
  async 'tells what was said, what it answers, and the end of the answer'(harness, scene) {
    const subject = await scene.with(harness.create(['answers']));
    const conversing = await Conversing.open(subject, scene);
    await speakInto(scene, conversing.session, subject.speech.frame);
    await conversing.until('response-end');
    await conversing.close();
    const { events } = conversing;
    const first = (type: RealtimeEvent['type']): number =>
      events.findIndex((event) => event.type === type);
    const order = ['user-speech-start', 'user-speech-end', 'audio', 'response-end'] as const;
    const places = order.map(first);
    assert.ok(!places.includes(-1), `all of ${order.join(', ')} are told`);
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
      'their order',
    );
    const finals = (type: 'user-transcript' | 'agent-transcript'): string[] =>
      conversing.of(type).flatMap(({ text, final }) => (final ? text : []));
    assert.deepEqual(finals('user-transcript'), [subject.speech.text]);
    assert.deepEqual(finals('agent-transcript'), [subject.text]);
    assert.deepEqual(
      conversing.of('response-end').map(({ outcome }) => outcome),
      ['completed'],
    );
  },

  async 'measures an answer once, with what was served'(harness, scene) {
    const subject = await scene.with(harness.create(['answers']));
    const conversing = await Conversing.open(subject, scene);
    await speakInto(scene, conversing.session, subject.speech.frame);
    await conversing.until('response-end');
    await passing(20);
    assert.equal(scene.collector.metrics.realtimeSessions.total, 1, 'one session is open');
    await conversing.close();
    scene.expectMeasured(subject.model, [
      response('completed'),
      SESSION,
      { key: 'realtimeTimeToFirstAudioMs' },
      { key: 'realtimeUserTranscriptions' },
      { key: 'realtimeAgentTranscriptions' },
      ...tokens(subject),
    ]);
    const { metrics } = scene.collector;
    assert.equal(metrics.realtimeAudioOutputBytes.total, subject.servedBytes());
    assert.equal(conversing.audioBytes, subject.servedBytes());
    const { samples, sampleRateHz } = subject.speech.frame;
    const inputMs = metrics.realtimeAudioInputDurationMs.total;
    assert.ok(Math.abs(inputMs - (samples.length / sampleRateHz) * 1000) < 20, `${inputMs} ms in`);
  },

  async 'counts each of two answers'(harness, scene) {
    const subject = await scene.with(harness.create(['answers']));
    const conversing = await Conversing.open(subject, scene);
    for (const count of [1, 2]) {
      conversing.session.sendText('Tell me something.');
      await conversing.until('response-end', count);
    }
    await passing(20);
    await conversing.close();
    const { metrics } = scene.collector;
    assert.equal(metrics.realtimeResponses.total, 2);
    assert.equal(metrics.realtimeAgentTranscriptions.total, 2);
    const { inputTokens, outputTokens } = subject.served();
    assert.equal(metrics.realtimeInputTokens.total, inputTokens, 'tokens in');
    assert.equal(metrics.realtimeOutputTokens.total, outputTokens, 'tokens out');
    for (const { usage } of conversing.of('usage')) {
      expectPartOf(usage.inputTokens, usage.inputByModality);
      expectPartOf(usage.cachedInputTokens ?? 0, usage.cachedInputByModality);
      expectPartOf(usage.outputTokens, usage.outputByModality);
    }
  },

  async 'puts samples together that come in halves'(harness, scene) {
    const subject = await scene.with(harness.create(['answers-oddly']));
    const conversing = await Conversing.open(subject, scene);
    conversing.session.sendText('Tell me something.');
    await conversing.until('response-end');
    await conversing.close();
    assert.equal(conversing.audioBytes, subject.servedBytes());
  },

  async 'hears the same in pieces of any size'(harness, scene) {
    const subject = await scene.with(harness.create(['answers']));
    const conversing = await Conversing.open(subject, scene);
    await speakInto(scene, conversing.session, subject.speech.frame, ODD_LENGTHS);
    await conversing.until('response-end');
    await conversing.close();
    const heard = conversing.of('user-transcript').find(({ final }) => final);
    assert.equal(heard?.text, subject.speech.text);
  },

  async 'says nothing to silence'(harness, scene) {
    const subject = await scene.with(harness.create(['answers']));
    const conversing = await Conversing.open(subject, scene);
    const frame = silence(1000, subject.speech.frame.sampleRateHz);
    await speakInto(scene, conversing.session, frame);
    await passing(20);
    await conversing.close();
    assert.deepEqual(conversing.of('audio'), []);
    scene.expectMeasured(subject.model, [SESSION]);
  },

  async 'asks for a tool, and goes on with its result'(harness, scene) {
    const subject = await scene.with(harness.create(['calls-tool']));
    const conversing = await Conversing.open(subject, scene);
    conversing.session.sendText('How is the weather in Paris?');
    await conversing.until('tool-call');
    const [{ call } = assert.fail()] = conversing.of('tool-call');
    assert.deepEqual([call.name, call.arguments], [LLM_TOOL, { city: 'Paris' }]);
    assert.notEqual(call.id, '');
    const { id: callId, name } = call;
    conversing.session.sendToolResults([{ callId, name, output: '21', success: true }]);
    await eventually('it answers', () =>
      conversing.of('agent-transcript').some(({ text, final }) => final && text === subject.text),
    );
    await conversing.until('response-end');
    await passing(20);
    await conversing.close();
    const ends = conversing.of('response-end').map(({ outcome }) => outcome);
    assert.deepEqual(ends, ['completed'], 'an answer with a tool is one answer');
  },

  async 'stops an answer that is interrupted, and counts it so'(harness, scene) {
    const subject = await scene.with(harness.create(['goes-on']));
    const conversing = await Conversing.open(subject, scene);
    conversing.session.sendText('Tell me everything.');
    await conversing.until('audio');
    conversing.session.interrupt(40);
    await conversing.until('response-end');
    await passing(20);
    const { audioBytes } = conversing;
    await scene.clock.advance(5000);
    await passing(20);
    assert.equal(conversing.audioBytes, audioBytes, 'no audio comes after the end');
    await conversing.close();
    assert.deepEqual(
      conversing.of('response-end').map(({ outcome }) => outcome),
      ['interrupted'],
    );
    const [measured, ...others] = scene.measured('realtimeResponses');
    assert.equal(measured?.attributes['outcome'], 'interrupted');
    assert.deepEqual(others, []);
  },

  async 'can be closed twice, in the middle of an answer, and tells nothing afterwards'(
    harness,
    scene,
  ) {
    const subject = await scene.with(harness.create(['goes-on']));
    const before = scene.openHandles();
    const conversing = await Conversing.open(subject, scene);
    const { session, events } = conversing;
    session.sendText('Tell me everything.');
    await conversing.until('audio');
    await soon('closing', Promise.all([session.close(), session.close()]));
    await conversing.close();
    const told = events.length;
    session.write(subject.speech.frame);
    session.sendText('Go on.');
    session.interrupt(0);
    await scene.clock.advance(60_000);
    await passing(20);
    assert.equal(events.length, told, 'nothing is told after the close');
    assert.equal(scene.measured('realtimeSessionDurationMs').length, 1);
    await scene.expectReleased();
    await scene.expectNoMoreHandles(before);
  },

  async 'does not connect when it is aborted before'(harness, scene) {
    const { model } = await scene.with(harness.create([]));
    const reason = new Error('not wanted');
    scene.call.abort(reason);
    assert.equal(await soon('opening', failureOf(model.open(REQUEST, scene.context))), reason);
    scene.expectMeasured(model, []);
  },

  async 'stops connecting when the call is aborted'(harness, scene) {
    const { model } = await scene.with(harness.create(['hangs-connecting']));
    const before = scene.openHandles();
    const opening = failureOf(model.open(REQUEST, scene.context));
    await passing(20);
    const reason = new Error('hung up');
    scene.call.abort(reason);
    assert.equal(await soon('opening', opening), reason);
    scene.expectMeasured(model, []);
    await scene.expectNoMoreHandles(before);
  },

  async 'ends without an error when the call is aborted in the middle'(harness, scene) {
    const subject = await scene.with(harness.create(['goes-on']));
    const before = scene.openHandles();
    const conversing = await Conversing.open(subject, scene);
    conversing.session.sendText('Tell me everything.');
    await conversing.until('audio');
    scene.call.abort();
    await soon('the events', conversing.ended);
    assert.equal(scene.collector.metrics.realtimeErrors.total, 0);
    assert.equal(scene.measured('realtimeSessionDurationMs').length, 1);
    await scene.expectNoMoreHandles(before);
  },

  async 'fails as unavailable when it is refused'(harness, scene) {
    const subject = await scene.with(harness.create(['refuses']));
    await failToOpen(scene, subject, ['unavailable']);
  },

  async 'fails as a matter of authentication when its key is'(harness, scene) {
    const subject = await scene.with(harness.create(['rejects-key']));
    await failToOpen(scene, subject, ['authentication']);
  },

  async 'times out when a connection does not open'(harness, scene) {
    const subject = await scene.with(harness.create(['hangs-connecting']));
    await failToOpen(scene, subject, ['timeout']);
  },

  async 'fails when the connection breaks off, and can be opened again'(harness, scene) {
    const subject = await scene.with(harness.create(['breaks-off', 'answers']));
    const conversing = await Conversing.open(subject, scene);
    conversing.session.sendText('Tell me something.');
    const error = await soon('the events', failureOf(conversing.ended));
    const types = ['network', 'protocol', 'aborted_by_provider', 'unavailable'] as const;
    expectProviderError(error, subject.model, types);
    await soon('closing', conversing.session.close());
    assert.equal(scene.collector.metrics.realtimeErrors.total, 1);
    assert.equal(scene.measured('realtimeSessionDurationMs').length, 1);
    const again = await Conversing.open(subject, scene);
    again.session.sendText('Tell me something.');
    await again.until('response-end');
    await again.close();
  },
};
