import assert from 'node:assert/strict';

import { frameDurationMs, silence } from '../../audio/audio-frame.ts';
import type { ErrorType } from '../../errors/error-type.ts';
import type { STTEvent } from '../../stt/stt-events.ts';
import type { STTStream } from '../../stt/stt-stream.ts';
import type { STT } from '../../stt/stt.ts';
import type { ContractHarness, ContractTests } from './contract.ts';
import { describeContract } from './contract.ts';
import { eventually, failureOf, passing, soon } from './eventually.ts';
import type { Expected, Scene } from './scene.ts';
import { countedAs, expectProviderError } from './scene.ts';
import type { SpokenAudio } from './spoken-audio.ts';
import { ODD_LENGTHS, speakInto, TOLERANCE_MS } from './spoken-audio.ts';
import type { TestRunner } from './test-runner.ts';

/**
 * What the far side does with one connection: `hears` what is said; `hears-no-words` in it, and ends
 * the turn without any; `refuses` because it is overloaded; `rejects-key`; `hangs-connecting` without
 * opening it; `stalls`: takes audio and tells nothing; `breaks-off` in the middle of speech.
 */
export type STTBehaviour =
  | 'hears'
  | 'hears-no-words'
  | 'refuses'
  | 'rejects-key'
  | 'hangs-connecting'
  | 'stalls'
  | 'breaks-off';

/** Speech to text and its far side. */
export interface STTSubject {
  readonly stt: STT;
  /** Something said in one turn, of one second or more, and the silence that ends the turn. */
  readonly speech: SpokenAudio & { readonly text: string };
  /** Ends the far side. */
  close?(): Promise<void> | void;
}

/** What the suite needs to know of a speech to text. */
export interface STTHarness extends ContractHarness {
  /** A new one whose far side does these things, one a connection. Called for each test. */
  create(behaviours: readonly STTBehaviour[]): Promise<STTSubject> | STTSubject;
}

/**
 * Checks a speech to text against its contract, with whatever far side the harness gives it: order and
 * times of events, audio in pieces of any size, closing, aborts, failures, time-outs, what is left, and
 * every metric for each end.
 */
export function describeSTT(name: string, runner: TestRunner, harness: STTHarness): void {
  describeContract(name, runner, TESTS, harness);
}

/** A stream that is being listened to. */
class Listening {
  readonly events: STTEvent[] = [];
  readonly ended: Promise<void>;
  hasEnded = false;

  constructor(stream: AsyncIterable<STTEvent>) {
    const note = (): void => {
      this.hasEnded = true;
    };
    this.ended = this.#read(stream);
    // Whoever waits for it hears of its failure; until then it is nobody's unhandled rejection.
    this.ended.then(note, note);
  }

  get finals(): string[] {
    return this.events.flatMap((event) =>
      event.type === 'transcript' && event.final && event.text !== '' ? event.text : [],
    );
  }

  /** All that was said finally, as one. */
  get text(): string {
    return this.finals.join(' ');
  }

  async #read(stream: AsyncIterable<STTEvent>): Promise<void> {
    for await (const event of stream) this.events.push(event);
  }
}

function isTurnEnd(event: STTEvent): boolean {
  return event.type === 'turn-end' && !event.eager;
}

/** Says something, and waits until the last thing about it has been told. */
async function sayAll(
  scene: Scene,
  { stt, speech }: STTSubject,
  stream: STTStream,
  listening: Listening,
  lengths?: readonly number[],
): Promise<void> {
  await speakInto(scene, stream, speech.frame, lengths);
  // Whoever finds the turns asks for the words of one that is over.
  if (!stt.detectsTurns) stream.flush();
  await eventually(`"${speech.text}" is heard`, () =>
    stt.detectsTurns ? listening.events.some(isTurnEnd) : listening.finals.length > 0,
  );
}

function audio(times = 1): Expected {
  return { key: 'sttAudioDurationMs', times };
}

/** Checks that all of the audio that was written was measured, and nothing twice. */
function expectAudio(scene: Scene, durationMs: number): void {
  const { sum } = scene.collector.metrics.sttAudioDurationMs;
  assert.ok(Math.abs(sum - durationMs) < 1, `${sum} ms of audio are measured, not ${durationMs}`);
}

/** Has the opening fail, and checks that it is typed and counted once. */
async function failToOpen(
  scene: Scene,
  { stt }: STTSubject,
  types: readonly ErrorType[],
): Promise<void> {
  const opening = failureOf(stt.open(scene.context));
  if (types.includes('timeout')) {
    await passing(20);
    await scene.waitFor('opening', opening);
  }
  const error = await soon('opening', opening);
  expectProviderError(error, stt, types);
  scene.expectMeasured(stt, [countedAs('sttErrors', error)]);
}

const TESTS: ContractTests<STTHarness> = {
  async 'tells the start of speech, its words and its end in this order'(harness, scene) {
    const subject = await scene.with(harness.create(['hears']));
    await using stream = await subject.stt.open(scene.context);
    const listening = new Listening(stream);
    await sayAll(scene, subject, stream, listening);
    assert.equal(listening.text, subject.speech.text);
    const { events } = listening;
    const lastFinal = events.findLastIndex((event) => event.type === 'transcript' && event.final);
    if (!subject.stt.detectsTurns) return;
    const start = events.findIndex(({ type }) => type === 'speech-start');
    const words = events.findIndex((event) => event.type === 'transcript' && event.text !== '');
    assert.ok(start !== -1 && start < words, 'speech starts before its words');
    assert.ok(lastFinal < events.findIndex(isTurnEnd), 'the turn ends after its last words');
    assert.equal(events.filter(isTurnEnd).length, 1, 'one end of the turn');
  },

  async 'tells when it was spoken'(harness, scene) {
    const subject = await scene.with(harness.create(['hears']));
    await using stream = await subject.stt.open(scene.context);
    const listening = new Listening(stream);
    const openedAtMs = scene.clock.now();
    await sayAll(scene, subject, stream, listening);
    const final = listening.events.findLast((one) => one.type === 'transcript' && one.final);
    assert.ok(final?.type === 'transcript');
    const { startMs, endMs } = subject.speech;
    const told = { start: final.speechStartedAtMs, end: final.speechEndedAtMs };
    for (const [what, atMs, trueMs] of [
      ['start', told.start, openedAtMs + startMs],
      ['end', told.end, openedAtMs + endMs],
    ] as const) {
      assert.ok(atMs !== undefined, `the ${what} of the speech is told`);
      const offMs = Math.abs(atMs - trueMs);
      assert.ok(offMs <= TOLERANCE_MS, `the ${what} of the speech is ${offMs} ms off`);
    }
  },

  async 'measures an utterance once'(harness, scene) {
    const subject = await scene.with(harness.create(['hears']));
    const { stt, speech } = subject;
    const stream = await stt.open(scene.context);
    const listening = new Listening(stream);
    await sayAll(scene, subject, stream, listening);
    await soon('closing', stream.close());
    const turn: Expected[] = [{ key: 'turnDurationMs' }, { key: 'turnTrailingSilenceMs' }];
    scene.expectMeasured(stt, [
      { key: 'sttTranscripts' },
      { key: 'sttLatencyMs' },
      // What follows the last transcript is measured with the close.
      audio(scene.measured('sttAudioDurationMs').length),
      ...(stt.detectsTurns ? turn : []),
    ]);
    expectAudio(scene, frameDurationMs(speech.frame));
  },

  async 'hears the same in pieces of any size'(harness, scene) {
    const subject = await scene.with(harness.create(['hears']));
    const stream = await subject.stt.open(scene.context);
    const listening = new Listening(stream);
    await sayAll(scene, subject, stream, listening, ODD_LENGTHS);
    assert.equal(listening.text, subject.speech.text);
    await soon('closing', stream.close());
    expectAudio(scene, frameDurationMs(subject.speech.frame));
  },

  async 'keeps what it has heard for a slow reader'(harness, scene) {
    const subject = await scene.with(harness.create(['hears']));
    await using stream = await subject.stt.open(scene.context);
    await speakInto(scene, stream, subject.speech.frame);
    if (!subject.stt.detectsTurns) stream.flush();
    await passing(50);
    const listening = new Listening(stream);
    await eventually('it is heard', () => listening.text === subject.speech.text);
  },

  async 'hears nothing in silence'(harness, scene) {
    const { stt } = await scene.with(harness.create(['hears']));
    const stream = await stt.open(scene.context);
    const listening = new Listening(stream);
    await speakInto(scene, stream, silence(1000, stt.sampleRateHz));
    stream.flush();
    await passing(20);
    await soon('closing', stream.close());
    await soon('the events', listening.ended);
    assert.deepEqual(listening.finals, []);
    scene.expectMeasured(stt, [audio()]);
    expectAudio(scene, 1000);
  },

  async 'does not count a transcript without words'(harness, scene) {
    const subject = await scene.with(harness.create(['hears-no-words']));
    const { stt, speech } = subject;
    const stream = await stt.open(scene.context);
    const listening = new Listening(stream);
    await speakInto(scene, stream, speech.frame);
    await passing(50);
    await soon('closing', stream.close());
    await soon('the events', listening.ended);
    assert.deepEqual(listening.finals, []);
    assert.equal(scene.collector.metrics.sttTranscripts.total, 0);
    assert.equal(scene.collector.metrics.sttLatencyMs.count, 0);
  },

  async 'tells the last words when it is closed in the middle of speech'(harness, scene) {
    const { stt, speech } = await scene.with(harness.create(['hears']));
    const stream = await stt.open(scene.context);
    const listening = new Listening(stream);
    const { samples, sampleRateHz } = speech.frame;
    const end = Math.ceil((speech.endMs / 1000) * sampleRateHz);
    await speakInto(scene, stream, { samples: samples.subarray(0, end), sampleRateHz });
    await passing(20);
    await soon('closing', stream.close());
    await soon('the events', listening.ended);
    assert.equal(listening.text, speech.text);
    assert.equal(scene.collector.metrics.sttTranscripts.total, 1);
  },

  async 'can be closed twice, and tells nothing afterwards'(harness, scene) {
    const { stt, speech } = await scene.with(harness.create(['hears']));
    const before = scene.openHandles();
    const stream = await stt.open(scene.context);
    const listening = new Listening(stream);
    await soon('closing', Promise.all([stream.close(), stream.close()]));
    await soon('closing again', stream.close());
    await soon('the events', listening.ended);
    stream.write(speech.frame);
    stream.flush();
    await passing(20);
    assert.deepEqual(listening.events, []);
    scene.expectMeasured(stt, []);
    await scene.expectReleased();
    await scene.expectNoMoreHandles(before);
  },

  async 'does not connect when it is aborted before'(harness, scene) {
    const { stt } = await scene.with(harness.create([]));
    const reason = new Error('not wanted');
    scene.call.abort(reason);
    assert.equal(await soon('opening', failureOf(stt.open(scene.context))), reason);
    scene.expectMeasured(stt, []);
  },

  async 'stops connecting when the call is aborted'(harness, scene) {
    const { stt } = await scene.with(harness.create(['hangs-connecting']));
    const before = scene.openHandles();
    const opening = failureOf(stt.open(scene.context));
    await passing(20);
    const reason = new Error('hung up');
    scene.call.abort(reason);
    assert.equal(await soon('opening', opening), reason);
    scene.expectMeasured(stt, []);
    await scene.expectNoMoreHandles(before);
  },

  async 'ends without an error when the call is aborted in the middle'(harness, scene) {
    const { stt, speech } = await scene.with(harness.create(['hears']));
    const before = scene.openHandles();
    const stream = await stt.open(scene.context);
    const listening = new Listening(stream);
    await speakInto(scene, stream, {
      ...speech.frame,
      samples: speech.frame.samples.subarray(0, speech.frame.sampleRateHz / 2),
    });
    scene.call.abort();
    await soon('the events', listening.ended);
    assert.equal(scene.collector.metrics.sttErrors.total, 0);
    expectAudio(scene, 500);
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
    const subject = await scene.with(harness.create(['breaks-off', 'hears']));
    const { stt, speech } = subject;
    const stream = await stt.open(scene.context);
    const listening = new Listening(stream);
    await speakInto(scene, stream, speech.frame);
    const error = await soon('the events', failureOf(listening.ended));
    expectProviderError(error, stt, ['network', 'protocol', 'aborted_by_provider', 'unavailable']);
    await soon('closing', stream.close());
    const { length } = scene.measured('sttAudioDurationMs');
    scene.expectMeasured(stt, [countedAs('sttErrors', error), audio(length)]);

    await using again = await stt.open(scene.context);
    const heard = new Listening(again);
    await sayAll(scene, subject, again, heard);
    assert.equal(heard.text, speech.text);
  },

  async 'times out when nothing is told of what is said'(harness, scene) {
    const { stt } = await scene.with(harness.create(['stalls']));
    const stream = await stt.open(scene.context);
    const listening = new Listening(stream);
    const frame = silence(20, stt.sampleRateHz);
    for (let waitedMs = 0; waitedMs < 60_000 && !listening.hasEnded; waitedMs += 500) {
      await scene.clock.advance(500);
      stream.write(frame);
    }
    const error = await soon('the events', failureOf(listening.ended));
    expectProviderError(error, stt, ['timeout']);
    await soon('closing', stream.close());
    scene.expectMeasured(stt, [countedAs('sttErrors', error), audio()]);
  },

  async 'listens to two people at once without mixing them up'(harness, scene) {
    const subject = await scene.with(harness.create(['hears', 'hears']));
    await using talking = await subject.stt.open(scene.context);
    await using silent = await subject.stt.open(scene.context);
    const [heard, unheard] = [new Listening(talking), new Listening(silent)];
    await sayAll(scene, subject, talking, heard);
    assert.equal(heard.text, subject.speech.text);
    assert.deepEqual(unheard.events, []);
  },
};
