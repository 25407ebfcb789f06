import assert from 'node:assert/strict';

import type { AudioFrame } from '../../audio/audio-frame.ts';
import { frameDurationMs } from '../../audio/audio-frame.ts';
import type { ErrorType } from '../../errors/error-type.ts';
import { ERROR_TYPES } from '../../errors/error-type.ts';
import { InterruptedError } from '../../errors/interrupted-error.ts';
import type { TTSStream } from '../../tts/tts-stream.ts';
import type { TTS } from '../../tts/tts.ts';
import type { ContractHarness, ContractTests } from './contract.ts';
import { describeContract } from './contract.ts';
import { eventually, failureOf, passing, soon } from './eventually.ts';
import type { Expected, Scene } from './scene.ts';
import { countedAs, expectProviderError } from './scene.ts';
import type { TestRunner } from './test-runner.ts';

/**
 * What the far side does with one text: `speaks` it, in several chunks; `speaks-oddly`, in chunks that
 * cut samples in half; `refuses` because it is overloaded; `rejects-key`; `hangs` without any audio;
 * `stalls` after some audio; `fails` after some audio by saying that it cannot go on; `breaks-off` after
 * some audio by ending the connection. `hangs-connecting` accepts a connection and never opens it.
 * What concerns a connection may strike when that is opened.
 */
export type TTSBehaviour =
  | 'speaks'
  | 'speaks-oddly'
  | 'refuses'
  | 'rejects-key'
  | 'hangs'
  | 'stalls'
  | 'fails'
  | 'breaks-off'
  | 'hangs-connecting';

/** A voice and its far side. */
export interface TTSSubject {
  readonly tts: TTS;
  /** What a listener understands of audio: the text, when all of it is there and in order. */
  readonly heard: (frames: readonly AudioFrame[]) => string;
  /** Ends the far side. */
  close?(): Promise<void> | void;
}

/** What the suite needs to know of a voice. */
export interface TTSHarness extends ContractHarness {
  /** A new voice whose far side does these things, one a text. Called for each test. */
  create(behaviours: readonly TTSBehaviour[]): Promise<TTSSubject> | TTSSubject;
}

/**
 * Checks a voice against its contract, with whatever far side the harness gives it: whole audio,
 * aborts at every stage, failures, time-outs, what is left, and every metric for each end.
 */
export function describeTTS(name: string, runner: TestRunner, harness: TTSHarness): void {
  describeContract(name, runner, TESTS, harness);
}

const TEXT = 'The sun is far away';
const OTHER_TEXT = 'Good night';

/** One text that is being spoken. */
class Reading {
  readonly frames: AudioFrame[] = [];
  readonly ended: Promise<void>;

  constructor(stream: TTSStream, text: string = TEXT, signal?: AbortSignal) {
    this.ended = this.#read(stream.synthesize(text, signal));
    // Whoever waits for it hears of its failure; until then it is nobody's unhandled rejection.
    this.ended.catch(() => undefined);
  }

  async begun(): Promise<void> {
    await eventually('some audio comes', () => this.frames.length > 0);
    // What came with it has to be read too.
    await passing(20);
  }

  async #read(audio: AsyncIterable<AudioFrame>): Promise<void> {
    for await (const frame of audio) this.frames.push(frame);
  }
}

function request(outcome: string, text: string = TEXT): Expected[] {
  return [
    { key: 'ttsRequests', attributes: { outcome } },
    { key: 'ttsCharacters', total: Array.from(text).length },
  ];
}

/** What has been measured of audio that came, but for the latency of a whole text. */
const SOME_AUDIO: readonly Expected[] = [
  { key: 'ttsAudioDurationMs' },
  { key: 'ttsTimeToFirstAudioMs' },
];

/** Has a text fail, and checks that it is typed and counted once, beside the audio that came. */
async function failWith(
  scene: Scene,
  { tts }: TTSSubject,
  stream: TTSStream,
  reading: Reading,
  types: readonly ErrorType[],
): Promise<void> {
  const error = await soon('a text that fails', failureOf(reading.ended));
  expectProviderError(error, tts, types);
  // What comes after the end is measured too, until the stream is closed.
  await soon('closing', stream.close());
  // A connection that is reset takes with it what had come and was not read yet.
  const audio = reading.frames.length > 0 ? SOME_AUDIO : [];
  scene.expectMeasured(tts, [...request('error'), countedAs('ttsErrors', error), ...audio]);
}

/** Has the opening of a connection or the first text fail, whichever it concerns. */
async function failAtFirst(
  scene: Scene,
  subject: TTSSubject,
  types: readonly ErrorType[],
): Promise<void> {
  const { tts } = subject;
  const opening = tts.open(scene.context);
  const refusal = await soon('opening', failureOf(opening));
  if (refusal === undefined) {
    const stream = await opening;
    await failWith(scene, subject, stream, new Reading(stream), types);
  } else {
    expectProviderError(refusal, tts, types);
    scene.expectMeasured(tts, [countedAs('ttsErrors', refusal)]);
  }
}

/** Aborts a text once it is as far as `ready` says, and checks how that ends. */
async function abortWhen(
  stream: TTSStream,
  ready: (reading: Reading) => Promise<void>,
  reason: Error = new InterruptedError(),
): Promise<void> {
  const controller = new AbortController();
  const reading = new Reading(stream, TEXT, controller.signal);
  await ready(reading);
  controller.abort(reason);
  const error = await soon('an aborted text', failureOf(reading.ended));
  assert.equal(error, reason, 'it throws the reason of the abort');
}

const TESTS: ContractTests<TTSHarness> = {
  async 'speaks a text'(harness, scene) {
    const { tts, heard } = await scene.with(harness.create(['speaks']));
    await using stream = await tts.open(scene.context);
    const { frames, ended } = new Reading(stream);
    await soon('a text', ended);
    assert.equal(heard(frames), TEXT);
    assert.ok(frames.every(({ samples }) => samples.length > 0));
  },

  async 'measures a text once'(harness, scene) {
    const { tts } = await scene.with(harness.create(['speaks']));
    await using stream = await tts.open(scene.context);
    const { frames, ended } = new Reading(stream);
    await soon('a text', ended);
    scene.expectMeasured(tts, [...request('completed'), ...SOME_AUDIO, { key: 'ttsLatencyMs' }]);
    const durationMs = frames.reduce((sum, frame) => sum + frameDurationMs(frame), 0);
    assert.equal(
      Math.round(scene.measured('ttsAudioDurationMs')[0]?.value ?? 0),
      Math.round(durationMs),
    );
  },

  async 'puts samples together that come in halves'(harness, scene) {
    const { tts, heard } = await scene.with(harness.create(['speaks-oddly']));
    await using stream = await tts.open(scene.context);
    const { frames, ended } = new Reading(stream);
    await soon('a text', ended);
    assert.equal(heard(frames), TEXT);
  },

  async 'gives a slow reader all of the audio'(harness, scene) {
    const { tts, heard } = await scene.with(harness.create(['speaks']));
    await using stream = await tts.open(scene.context);
    const frames: AudioFrame[] = [];
    for await (const frame of stream.synthesize(TEXT)) {
      frames.push(frame);
      await passing(1);
      await scene.clock.advance(1000);
    }
    assert.equal(heard(frames), TEXT);
  },

  async 'says nothing of a text without words'(harness, scene) {
    const { tts } = await scene.with(harness.create([]));
    await using stream = await tts.open(scene.context);
    for (const text of ['', ' \n']) {
      const { frames, ended } = new Reading(stream, text);
      await soon('a text', ended);
      assert.deepEqual(frames, []);
    }
    scene.expectMeasured(tts, []);
  },

  async 'speaks two texts side by side'(harness, scene) {
    const { tts, heard } = await scene.with(harness.create(['speaks', 'speaks']));
    await using stream = await tts.open(scene.context);
    const readings = [new Reading(stream), new Reading(stream, OTHER_TEXT)];
    await soon('two texts', Promise.all(readings.map(({ ended }) => ended)));
    assert.deepEqual(
      readings.map(({ frames }) => heard(frames)),
      [TEXT, OTHER_TEXT],
    );
    assert.equal(scene.collector.metrics.ttsLatencyMs.count, 2);
  },

  async 'asks for nothing when it is aborted before'(harness, scene) {
    const { tts } = await scene.with(harness.create([]));
    const reason = new Error('not wanted');
    const signal = AbortSignal.abort(reason);
    const opening = failureOf(tts.open({ ...scene.context, signal }));
    assert.equal(await soon('opening', opening), reason);
    await using stream = await tts.open(scene.context);
    const { ended } = new Reading(stream, TEXT, signal);
    assert.equal(await soon('a text', failureOf(ended)), reason);
    scene.expectMeasured(tts, []);
  },

  async 'stops at once when it is aborted before any audio'(harness, scene) {
    const { tts } = await scene.with(harness.create(['hangs']));
    const before = scene.openHandles();
    const stream = await tts.open(scene.context);
    await abortWhen(stream, () => passing(20));
    await soon('closing', stream.close());
    scene.expectMeasured(tts, request('interrupted'));
    await scene.expectNoMoreHandles(before);
  },

  async 'stops at once when it is aborted in the middle'(harness, scene) {
    const { tts } = await scene.with(harness.create(['stalls']));
    const before = scene.openHandles();
    const stream = await tts.open(scene.context);
    await abortWhen(stream, (reading) => reading.begun());
    await soon('closing', stream.close());
    scene.expectMeasured(tts, [...request('interrupted'), ...SOME_AUDIO]);
    await scene.expectNoMoreHandles(before);
  },

  async 'counts what is not used as discarded'(harness, scene) {
    const { tts } = await scene.with(harness.create(['stalls']));
    const stream = await tts.open(scene.context);
    const reason = new InterruptedError('discarded');
    await abortWhen(stream, (reading) => reading.begun(), reason);
    await soon('closing', stream.close());
    scene.expectMeasured(tts, [...request('discarded'), ...SOME_AUDIO]);
  },

  async 'stops when its reader leaves'(harness, scene) {
    const { tts } = await scene.with(harness.create(['stalls']));
    const stream = await tts.open(scene.context);
    for await (const frame of stream.synthesize(TEXT)) {
      assert.ok(frame.samples.length > 0);
      break;
    }
    await soon('closing', stream.close());
    scene.expectMeasured(tts, [...request('interrupted'), ...SOME_AUDIO]);
  },

  async 'speaks the next text, and only that, after an abort'(harness, scene) {
    const { tts, heard } = await scene.with(harness.create(['stalls', 'speaks']));
    await using stream = await tts.open(scene.context);
    await abortWhen(stream, (reading) => reading.begun());
    const { frames, ended } = new Reading(stream, OTHER_TEXT);
    await soon('a text', ended);
    assert.equal(heard(frames), OTHER_TEXT);
  },

  async 'goes on with one text when another is aborted'(harness, scene) {
    const { tts, heard } = await scene.with(harness.create(['hangs', 'speaks']));
    await using stream = await tts.open(scene.context);
    const controller = new AbortController();
    const aborted = new Reading(stream, TEXT, controller.signal);
    await passing(20);
    const kept = new Reading(stream, OTHER_TEXT);
    controller.abort();
    await soon('an aborted text', failureOf(aborted.ended));
    await soon('the other text', kept.ended);
    assert.equal(heard(kept.frames), OTHER_TEXT);
  },

  async 'fails as unavailable when it is refused'(harness, scene) {
    const subject = await scene.with(harness.create(['refuses']));
    await failAtFirst(scene, subject, ['unavailable']);
  },

  async 'fails as a matter of authentication when its key is'(harness, scene) {
    const subject = await scene.with(harness.create(['rejects-key']));
    await failAtFirst(scene, subject, ['authentication']);
  },

  async 'fails when the audio breaks off'(harness, scene) {
    const subject = await scene.with(harness.create(['breaks-off']));
    const stream = await subject.tts.open(scene.context);
    const types = ['network', 'protocol', 'aborted_by_provider'] as const;
    await failWith(scene, subject, stream, new Reading(stream), types);
  },

  async 'fails when the provider says in the middle that it cannot go on'(harness, scene) {
    const subject = await scene.with(harness.create(['fails']));
    const stream = await subject.tts.open(scene.context);
    const types = ERROR_TYPES.filter((type) => type !== 'unknown' && type !== 'timeout');
    await failWith(scene, subject, stream, new Reading(stream), types);
  },

  async 'times out when no audio comes'(harness, scene) {
    const subject = await scene.with(harness.create(['hangs']));
    const stream = await subject.tts.open(scene.context);
    const reading = new Reading(stream);
    await passing(20);
    await scene.waitFor('the text', reading.ended);
    await failWith(scene, subject, stream, reading, ['timeout']);
  },

  async 'times out when the audio stalls'(harness, scene) {
    const subject = await scene.with(harness.create(['stalls']));
    const stream = await subject.tts.open(scene.context);
    const reading = new Reading(stream);
    await reading.begun();
    await scene.waitFor('the text', reading.ended);
    await failWith(scene, subject, stream, reading, ['timeout']);
  },

  async 'speaks again after a failure'(harness, scene) {
    const { tts, heard } = await scene.with(harness.create(['breaks-off', 'speaks']));
    await using stream = await tts.open(scene.context);
    await soon('a text that fails', failureOf(new Reading(stream).ended));
    const { frames, ended } = new Reading(stream);
    await soon('a text', ended);
    assert.equal(heard(frames), TEXT);
    assert.equal(scene.collector.metrics.ttsErrors.total, 1);
    assert.equal(scene.collector.metrics.ttsRequests.total, 2);
  },

  async 'times out when a connection does not open'(harness, scene) {
    const { tts } = await scene.with(harness.create(['hangs-connecting']));
    const opening = tts.open(scene.context);
    const failure = failureOf(opening);
    await passing(20);
    await scene.waitFor('opening', failure);
    const error = await failure;
    expectProviderError(error, tts, ['timeout']);
    scene.expectMeasured(tts, [countedAs('ttsErrors', error)]);
  },

  async 'stops connecting when the call is aborted'(harness, scene) {
    const { tts } = await scene.with(harness.create(['hangs-connecting']));
    const before = scene.openHandles();
    const failure = failureOf(tts.open(scene.context));
    await passing(20);
    const reason = new Error('hung up');
    scene.call.abort(reason);
    assert.equal(await soon('opening', failure), reason);
    scene.expectMeasured(tts, []);
    await scene.expectNoMoreHandles(before);
  },

  async 'is closed by the end of the call, in the middle of a text'(harness, scene) {
    const { tts } = await scene.with(harness.create(['stalls']));
    const stream = await tts.open(scene.context);
    const reading = new Reading(stream);
    await reading.begun();
    scene.call.abort(new InterruptedError());
    const error = await soon('the text', failureOf(reading.ended));
    assert.ok(error instanceof InterruptedError, String(error));
    await soon('closing', stream.close());
    scene.expectMeasured(tts, [...request('interrupted'), ...SOME_AUDIO]);
  },

  async 'can be closed twice, and speaks no more'(harness, scene) {
    const { tts } = await scene.with(harness.create(['speaks']));
    const stream = await tts.open(scene.context);
    await soon('a text', new Reading(stream).ended);
    await soon('closing', Promise.all([stream.close(), stream.close()]));
    await soon('closing again', stream.close());
    const late = await soon('a text', failureOf(new Reading(stream, OTHER_TEXT).ended));
    assert.ok(late instanceof InterruptedError, String(late));
    assert.equal(scene.collector.metrics.ttsRequests.total, 1);
  },

  async 'leaves no handle open once it is closed'(harness, scene) {
    const { tts } = await scene.with(harness.create(['speaks']));
    const before = scene.openHandles();
    const stream = await tts.open(scene.context);
    await soon('a text', new Reading(stream).ended);
    await soon('closing', stream.close());
    await scene.expectReleased();
    await scene.expectNoMoreHandles(before);
  },
};
