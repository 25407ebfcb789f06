import assert from 'node:assert/strict';

import type { AudioFrame } from '../../audio/audio-frame.ts';
import { silence } from '../../audio/audio-frame.ts';
import type { TurnEvent } from '../../turn-detection/turn-detector-stream.ts';
import type { TurnDetectorStream } from '../../turn-detection/turn-detector-stream.ts';
import type { TurnDetector } from '../../turn-detection/turn-detector.ts';
import type { ContractHarness, ContractTests } from './contract.ts';
import { describeContract } from './contract.ts';
import { eventually, passing, soon } from './eventually.ts';
import type { Scene } from './scene.ts';
import type { SpokenAudio } from './spoken-audio.ts';
import { ODD_LENGTHS, speakInto, TOLERANCE_MS } from './spoken-audio.ts';
import type { TestRunner } from './test-runner.ts';

/** A turn detector and something for it to hear. */
export interface TurnDetectorSubject {
  readonly detector: TurnDetector;
  /** Something said in one turn, and the silence that ends it. */
  readonly speech: SpokenAudio;
  /** Ends what the harness has opened. */
  close?(): Promise<void> | void;
}

/** What the suite needs to know of a turn detector. */
export interface TurnDetectorHarness extends ContractHarness {
  /** A new detector. Called for each test. */
  create(): Promise<TurnDetectorSubject> | TurnDetectorSubject;
}

/**
 * Checks a turn detector against its contract: order and places of events, audio in pieces of any size,
 * several streams, closing, what is left, and its metrics.
 */
export function describeTurnDetector(
  name: string,
  runner: TestRunner,
  harness: TurnDetectorHarness,
): void {
  describeContract(name, runner, TESTS, harness);
}

/** A detector at work on one participant. */
interface Listening {
  readonly events: TurnEvent[];
  readonly stream: TurnDetectorStream;
}

async function listen(scene: Scene, detector: TurnDetector): Promise<Listening> {
  const events: TurnEvent[] = [];
  const opening = detector.open((event) => events.push(event), scene.context);
  return { events, stream: await soon('opening', opening) };
}

/** Hears something that ends so many turns. */
async function hear(
  scene: Scene,
  { events, stream }: Listening,
  frame: AudioFrame,
  lengths?: readonly number[],
  turns = 1,
): Promise<void> {
  await speakInto(scene, stream, frame, lengths);
  await eventually('the turn ends', () => events.filter(isTurnEnd).length >= turns);
}

function isTurnEnd(event: TurnEvent): boolean {
  return event.type === 'turn-end' && !event.eager;
}

/** Checks the places of one turn. `fromMs` is when its audio began. */
function expectTurn(events: readonly TurnEvent[], speech: SpokenAudio, fromMs: number): void {
  const [start] = events;
  const end = events.at(-1);
  assert.ok(start?.type === 'speech-start', 'it begins with the start of speech');
  assert.ok(end !== undefined && end.type === 'turn-end' && !end.eager, 'it ends with the turn');
  assert.equal(events.filter(({ type }) => type === 'speech-start').length, 1, 'one start');
  const startOffMs = Math.abs((start.startedAtMs ?? Infinity) - (fromMs + speech.startMs));
  const endOffMs = Math.abs((end.speechEndedAtMs ?? Infinity) - (fromMs + speech.endMs));
  assert.ok(startOffMs <= TOLERANCE_MS, `the start of the speech is ${startOffMs} ms off`);
  assert.ok(endOffMs <= TOLERANCE_MS, `the end of the speech is ${endOffMs} ms off`);
}

const TESTS: ContractTests<TurnDetectorHarness> = {
  async 'tells where speech starts and where the turn ends'(harness, scene) {
    const { detector, speech } = await scene.with(harness.create());
    const listening = await listen(scene, detector);
    const openedAtMs = scene.clock.now();
    await hear(scene, listening, speech.frame);
    await listening.stream.close();
    expectTurn(listening.events, speech, openedAtMs);
  },

  async 'measures a turn once'(harness, scene) {
    const { detector, speech } = await scene.with(harness.create());
    const listening = await listen(scene, detector);
    await hear(scene, listening, speech.frame);
    await listening.stream.close();
    const labels = { provider: detector.provider };
    scene.expectMeasured(labels, [{ key: 'turnDurationMs' }, { key: 'turnTrailingSilenceMs' }]);
    const [duration] = scene.measured('turnDurationMs');
    const offMs = Math.abs((duration?.value ?? Infinity) - (speech.endMs - speech.startMs));
    assert.ok(offMs <= 2 * TOLERANCE_MS, `the duration of the turn is ${offMs} ms off`);
  },

  async 'hears the same in pieces of any size'(harness, scene) {
    const { detector, speech } = await scene.with(harness.create());
    const listening = await listen(scene, detector);
    const openedAtMs = scene.clock.now();
    await hear(scene, listening, speech.frame, ODD_LENGTHS);
    await listening.stream.close();
    expectTurn(listening.events, speech, openedAtMs);
  },

  async 'tells one turn after another'(harness, scene) {
    const { detector, speech } = await scene.with(harness.create());
    const listening = await listen(scene, detector);
    await hear(scene, listening, speech.frame);
    const firstCount = listening.events.length;
    const fromMs = scene.clock.now();
    await hear(scene, listening, speech.frame, undefined, 2);
    await listening.stream.close();
    expectTurn(listening.events.slice(firstCount), speech, fromMs);
  },

  async 'hears nothing in silence'(harness, scene) {
    const { detector } = await scene.with(harness.create());
    const { events, stream } = await listen(scene, detector);
    await speakInto(scene, stream, silence(2000, detector.sampleRateHz));
    await passing(20);
    await soon('closing', stream.close());
    assert.deepEqual(events, []);
    scene.expectMeasured(detector, []);
  },

  async 'listens to two people at once without mixing them up'(harness, scene) {
    const { detector, speech } = await scene.with(harness.create());
    const talking = await listen(scene, detector);
    const silent = await listen(scene, detector);
    await hear(scene, talking, speech.frame);
    await Promise.all([talking.stream.close(), silent.stream.close()]);
    assert.deepEqual(silent.events, []);
  },

  async 'can be closed twice, in the middle of speech, and tells nothing afterwards'(
    harness,
    scene,
  ) {
    const { detector, speech } = await scene.with(harness.create());
    const before = scene.openHandles();
    const { events, stream } = await listen(scene, detector);
    const { samples, sampleRateHz } = speech.frame;
    const middle = Math.ceil(((speech.startMs + speech.endMs) / 2000) * sampleRateHz);
    await speakInto(scene, stream, { samples: samples.subarray(0, middle), sampleRateHz });
    await soon('closing', Promise.all([stream.close(), stream.close()]));
    const told = [...events];
    await soon('closing again', stream.close());
    stream.write({ samples: samples.subarray(middle), sampleRateHz });
    await scene.clock.advance(60_000);
    await passing(20);
    assert.deepEqual(events, told);
    await scene.expectReleased();
    await scene.expectNoMoreHandles(before);
  },
};
