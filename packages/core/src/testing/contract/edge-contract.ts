import assert from 'node:assert/strict';

import type { AudioFrame } from '../../audio/audio-frame.ts';
import { frameDurationMs, pcmBytes } from '../../audio/audio-frame.ts';
import type { Call, Edge, EdgeConnection, Participant } from '../../edge/edge.ts';
import { Recorder } from '../../metrics/recorder.ts';
import { connectContext } from '../../stream/component-context.ts';
import { tone } from '../tone.ts';
import type { ContractHarness, ContractTests } from './contract.ts';
import { describeContract } from './contract.ts';
import { eventually, failureOf, passing, soon } from './eventually.ts';
import type { Scene } from './scene.ts';
import { ODD_LENGTHS } from './spoken-audio.ts';
import type { TestRunner } from './test-runner.ts';

/** Somebody who calls. */
export interface EdgeCaller {
  /** Sends a frame of 24 kHz, of any length, at once. */
  say(frame: AudioFrame): void;
  /** How much of the agent's voice has come so far, in milliseconds. */
  heardMs(): number;
  /** Hangs up. */
  leave(): void;
}

/** An edge and its callers. */
export interface EdgeSubject {
  readonly edge: Edge;
  /** Has somebody enter a call that was created; resolves when they are in. */
  enter(call: Call): Promise<EdgeCaller>;
  /** Ends what the harness has opened; the edge is closed by the suite. */
  close?(): Promise<void> | void;
}

/** What the suite needs to know of an edge. */
export interface EdgeHarness extends ContractHarness {
  /** A new edge. Called for each test. */
  create(): Promise<EdgeSubject> | EdgeSubject;
}

/**
 * Checks an edge against its contract: who is there, audio both ways, flushing, hanging up, closing,
 * nothing told after the end, what is left, and its metrics.
 */
export function describeEdge(name: string, runner: TestRunner, harness: EdgeHarness): void {
  describeContract(name, runner, TESTS, harness);
}

/** The agent in one call, and all that it is told. */
interface Joined {
  readonly connection: EdgeConnection;
  readonly told: string[];
  readonly heard: Int16Array[];
  readonly participants: Participant[];
}

const CALL_RATE_HZ = 24_000;

async function createCall(scene: Scene, { edge }: EdgeSubject, id = 'a call'): Promise<Call> {
  await scene.with({ close: () => soon('closing the edge', edge.close()) });
  return soon('creating a call', edge.createCall('default', id));
}

async function join(scene: Scene, { edge }: EdgeSubject, call: Call): Promise<Joined> {
  const told: string[] = [];
  const heard: Int16Array[] = [];
  const participants: Participant[] = [];
  const recorder = new Recorder({ provider: edge.provider }, scene.collector);
  const joining = edge.join(call, {
    ...connectContext(scene.context, recorder, scene.call.signal),
    agentUser: { id: 'agent', name: 'Agent' },
    metrics: scene.collector,
    handlers: {
      participantJoined(participant) {
        told.push('joined');
        participants.push(participant);
      },
      participantLeft: ({ id }) => {
        told.push(participants.some((one) => one.id === id) ? 'left' : 'left without joining');
      },
      audio(_participant, { samples }) {
        if (told.at(-1) !== 'audio') told.push('audio');
        // A copy: an edge may use its buffers again.
        heard.push(samples.slice());
      },
      ended: (reason) => told.push(`ended: ${reason}`),
    },
  });
  return { connection: await soon('joining', joining), told, heard, participants };
}

/** Whoever joins a new call, with somebody in it. */
async function callWith(
  scene: Scene,
  harness: EdgeHarness,
): Promise<Joined & { readonly subject: EdgeSubject; readonly caller: EdgeCaller }> {
  const subject = await scene.with(harness.create());
  const call = await createCall(scene, subject);
  const joined = await join(scene, subject, call);
  const caller = await subject.enter(call);
  await eventually('the caller is there', () => joined.told.includes('joined'));
  return { ...joined, subject, caller };
}

/** Lets real sockets carry what has been sent. */
function carried(): Promise<void> {
  return passing(50);
}

const TESTS: ContractTests<EdgeHarness> = {
  async 'tells of those who come before the agent and of those who come after'(harness, scene) {
    const subject = await scene.with(harness.create());
    const call = await createCall(scene, subject);
    await subject.enter(call);
    const { connection, told, participants } = await join(scene, subject, call);
    await eventually('the first is there', () => told.length === 1);
    await subject.enter(call);
    await eventually('the second is there', () => told.length === 2);
    assert.deepEqual(told, ['joined', 'joined']);
    assert.equal(new Set(participants.map(({ id }) => id)).size, 2, 'ids that differ');
    await soon('closing', connection.close('closed'));
  },

  async 'carries what a caller says, whole and in order'(harness, scene) {
    const { connection, caller, heard } = await callWith(scene, harness);
    const { samples } = tone({ durationMs: 500, sampleRateHz: CALL_RATE_HZ });
    for (let at = 0, piece = 0; at < samples.length; piece++) {
      const length = ODD_LENGTHS[piece % ODD_LENGTHS.length] ?? 1;
      caller.say({ samples: samples.subarray(at, at + length), sampleRateHz: CALL_RATE_HZ });
      at += length;
    }
    const count = (): number => heard.reduce((sum, { length }) => sum + length, 0);
    await eventually('all of it is heard', () => count() >= samples.length);
    assert.deepEqual(Buffer.concat(heard.map(pcmBytes)), Buffer.from(pcmBytes(samples)));
    await soon('closing', connection.close('closed'));
    scene.expectMeasured({ provider: 'none' }, []);
  },

  async 'carries what the agent says, in real time'(harness, scene) {
    const { connection, caller } = await callWith(scene, harness);
    const frame = tone({ durationMs: 400, sampleRateHz: 16_000 });
    const utterance = connection.playout.begin();
    utterance.play(frame);
    utterance.end();
    await scene.clock.advance(190);
    await carried();
    const early = caller.heardMs();
    assert.ok(early > 0 && early <= 220, `${early} ms have come after 190 ms`);
    await scene.clock.advance(400);
    assert.equal(await soon('the utterance', utterance.done), 'played');
    const durationMs = frameDurationMs(frame);
    await eventually('all of it has come', () => caller.heardMs() >= durationMs - 20);
    assert.ok(caller.heardMs() <= durationMs + 20, `${caller.heardMs()} ms have come`);
    await soon('closing', connection.close('closed'));
    scene.expectMeasured({ provider: 'none' }, []);
  },

  async 'sends nothing more after a flush'(harness, scene) {
    const { connection, caller } = await callWith(scene, harness);
    const utterance = connection.playout.begin();
    utterance.play(tone({ durationMs: 3000 }));
    utterance.end();
    await scene.clock.advance(200);
    connection.playout.flush();
    assert.equal(await soon('the utterance', utterance.done), 'flushed');
    await carried();
    const heardMs = caller.heardMs();
    assert.ok(heardMs <= 240, `${heardMs} ms have come after 200 ms`);
    await scene.clock.advance(3000);
    await carried();
    assert.equal(caller.heardMs(), heardMs, 'nothing comes after a flush');
    await soon('closing', connection.close('closed'));
  },

  async 'counts once that it had nothing to send'(harness, scene) {
    const { connection, subject } = await callWith(scene, harness);
    const utterance = connection.playout.begin();
    utterance.play(tone({ durationMs: 100 }));
    await scene.clock.advance(500);
    utterance.play(tone({ durationMs: 100 }));
    utterance.end();
    await scene.clock.advance(500);
    await soon('the utterance', utterance.done);
    await soon('closing', connection.close('closed'));
    const { provider } = subject.edge;
    scene.expectMeasured({ provider }, [{ key: 'edgeAudioUnderruns' }]);
  },

  async 'tells that the last caller has left, then that the call is over, and nothing more'(
    harness,
    scene,
  ) {
    const { connection, caller, told } = await callWith(scene, harness);
    caller.leave();
    await eventually('the caller has left', () => told.includes('left'));
    // An edge may wait for somebody to come back.
    await scene.clock.advance(60_000);
    await eventually('the call is over', () => told.some((one) => one.startsWith('ended')));
    caller.say(tone({ durationMs: 20, sampleRateHz: CALL_RATE_HZ }));
    await carried();
    await soon('closing', connection.close('hangup'));
    await carried();
    assert.deepEqual(told, ['joined', 'left', 'ended: hangup']);
  },

  async 'goes on with those who stay'(harness, scene) {
    const subject = await scene.with(harness.create());
    const call = await createCall(scene, subject);
    const { connection, told, heard } = await join(scene, subject, call);
    const first = await subject.enter(call);
    const second = await subject.enter(call);
    await eventually('both are there', () => told.length === 2);
    first.leave();
    await eventually('one has left', () => told.includes('left'));
    await scene.clock.advance(60_000);
    second.say(tone({ durationMs: 20, sampleRateHz: CALL_RATE_HZ }));
    await eventually('the other is heard', () => heard.length > 0);
    assert.deepEqual(told, ['joined', 'joined', 'left', 'audio']);
    await soon('closing', connection.close('closed'));
  },

  async 'keeps two calls apart'(harness, scene) {
    const subject = await scene.with(harness.create());
    const calls = [
      await createCall(scene, subject, 'one'),
      await createCall(scene, subject, 'two'),
    ];
    const [talking, silent] = [
      await join(scene, subject, calls[0] ?? assert.fail()),
      await join(scene, subject, calls[1] ?? assert.fail()),
    ];
    const caller = await subject.enter(calls[0] ?? assert.fail());
    caller.say(tone({ durationMs: 20, sampleRateHz: CALL_RATE_HZ }));
    await eventually('the caller is heard', () => talking.heard.length > 0);
    await carried();
    assert.deepEqual(silent.told, []);
    for (const { connection } of [talking, silent]) {
      await soon('closing', connection.close('closed'));
    }
  },

  async 'can be closed twice, in the middle of a sentence, and tells nothing afterwards'(
    harness,
    scene,
  ) {
    const { connection, caller, told } = await callWith(scene, harness);
    connection.caption({ speaker: 'agent', text: 'Hello', final: true });
    const utterance = connection.playout.begin();
    utterance.play(tone({ durationMs: 3000 }));
    await scene.clock.advance(100);
    await soon('closing', Promise.all([connection.close('closed'), connection.close('closed')]));
    await soon('closing again', connection.close('closed'));
    assert.equal(await soon('the utterance', utterance.done), 'flushed');
    await carried();
    const heardMs = caller.heardMs();
    caller.say(tone({ durationMs: 20, sampleRateHz: CALL_RATE_HZ }));
    caller.leave();
    await scene.clock.advance(60_000);
    await carried();
    assert.equal(caller.heardMs(), heardMs, 'nothing comes after the end');
    assert.deepEqual(told, ['joined']);
    await scene.expectReleased();
  },

  async 'leaves the call when its signal is aborted'(harness, scene) {
    const { connection, told } = await callWith(scene, harness);
    connection.playout.begin().play(tone({ durationMs: 3000 }));
    scene.call.abort();
    await scene.clock.advance(60_000);
    await eventually('no socket is counted', () => {
      return scene.collector.metrics.providerConnections.total === 0;
    });
    assert.deepEqual(told, ['joined']);
    await soon('closing', connection.close('closed'));
  },

  async 'does not join when it is aborted before'(harness, scene) {
    const subject = await scene.with(harness.create());
    const call = await createCall(scene, subject);
    const reason = new Error('not wanted');
    scene.call.abort(reason);
    assert.equal(await failureOf(join(scene, subject, call)), reason);
  },

  async 'can be closed twice itself, and lets go of everything'(harness, scene) {
    const { connection, subject } = await callWith(scene, harness);
    await soon('closing', connection.close('closed'));
    await soon('closing the edge', Promise.all([subject.edge.close(), subject.edge.close()]));
    await subject.close?.();
    await scene.expectNoMoreHandles(new Set());
  },
};
