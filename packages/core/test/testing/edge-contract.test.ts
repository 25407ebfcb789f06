import { describe, test } from 'vitest';

import type { AudioFrame, Call } from '../../src/index.ts';
import { describeEdge } from '../../src/testing/index.ts';
import type { Connection } from './edge-fake.ts';
import { edgeHarness, FakeEdge, FakeEdgeConnection } from './edge-fake.ts';
import { expectCaught, forgottenTimer } from './expect-caught.ts';

/** Holds audio back for 300 ms, and sends it whatever happens. */
class Buffering extends FakeEdgeConnection {
  protected override send(samples: Int16Array): void {
    this.context.clock.after(300, () => super.send(samples));
  }
}

class SendsAtOnce extends FakeEdgeConnection {
  protected override send(samples: Int16Array): void {
    super.send(samples);
    super.send(samples);
  }
}

class HearsTheDead extends FakeEdgeConnection {
  protected override ended(): void {
    super.ended();
    this.isOver = false;
  }
}

class EndsTwice extends FakeEdgeConnection {
  protected override ended(): void {
    super.ended();
    super.ended();
  }
}

class TellsOnClose extends FakeEdgeConnection {
  override async close(): Promise<void> {
    await super.close();
    this.ended();
  }
}

class OverlooksThem extends FakeEdgeConnection {
  protected override greet(): void {}
}

class WholeFrames extends FakeEdgeConnection {
  override hear(...[caller, frame]: Parameters<FakeEdgeConnection['hear']>): void {
    const length = frame.samples.length - (frame.samples.length % 10);
    super.hear(caller, { ...frame, samples: frame.samples.subarray(0, length) });
  }
}

/** Uses one buffer for what everybody says, and hands it on twice. */
class Stutters extends FakeEdgeConnection {
  override hear(...[caller, frame]: Parameters<FakeEdgeConnection['hear']>): void {
    super.hear(caller, frame);
    const rest: AudioFrame = { ...frame, samples: frame.samples.subarray(0, 1) };
    super.hear(caller, rest);
  }
}

class ForgetsTimer extends FakeEdgeConnection {
  constructor(...parts: ConstructorParameters<typeof FakeEdgeConnection>) {
    super(...parts);
    forgottenTimer();
  }
}

/** Ends with the first who leaves. */
class EndsEarly extends FakeEdgeConnection {
  override left(caller: Parameters<FakeEdgeConnection['left']>[0]): void {
    super.left(caller);
    if (this.isOver) return;
    this.finish();
    this.ended();
  }
}

/** Plays on when the call has ended. */
class PlaysOn extends FakeEdgeConnection {
  protected override finish(): void {
    this.isOver = true;
  }
}

class OneRoom extends FakeEdge {
  override async createCall(type: string, id: string): Promise<Call> {
    const [room] = this.rooms.values();
    if (room === undefined) return super.createCall(type, id);
    this.rooms.set(id, room);
    return { type, id };
  }
}

class Deaf extends FakeEdge {
  protected override check(): void {}
}

function broken(connection: Connection) {
  return edgeHarness(() => new FakeEdge(connection));
}

const ENDING = 'tells that the last caller has left, then that the call is over, and nothing more';
const CLOSING = 'can be closed twice, in the middle of a sentence, and tells nothing afterwards';

describeEdge('a sound edge', { describe, test }, broken(FakeEdgeConnection));

describe('the suite of edges', () => {
  expectCaught(describeEdge, [
    [
      'plays on after a flush',
      'sends nothing more after a flush',
      /nothing comes after a flush/,
      broken(Buffering),
    ],
    [
      'sends faster than real time',
      'carries what the agent says, in real time',
      /ms have come after 190 ms/,
      broken(SendsAtOnce),
    ],
    ['calls back after the end', ENDING, /audio/, broken(HearsTheDead)],
    ['ends twice', ENDING, /ended: hangup/, broken(EndsTwice)],
    ['tells of an end that the agent has made', CLOSING, /ended: hangup/, broken(TellsOnClose)],
    [
      'overlooks who was there before',
      'tells of those who come before the agent and of those who come after',
      /the first is there/,
      broken(OverlooksThem),
    ],
    [
      'loses audio in odd pieces',
      'carries what a caller says, whole and in order',
      /all of it is heard/,
      broken(WholeFrames),
    ],
    ['repeats audio', 'carries what a caller says, whole and in order', /deep/, broken(Stutters)],
    [
      'forgets a timer',
      'can be closed twice itself, and lets go of everything',
      /handles that are left open: Timeout/,
      broken(ForgetsTimer),
    ],
    [
      'ends with the first who leaves',
      'goes on with those who stay',
      /is heard/,
      broken(EndsEarly),
    ],
    ['does not stop with the call', CLOSING, /the utterance hangs/, broken(PlaysOn)],
    [
      'mixes calls up',
      'keeps two calls apart',
      /the caller is heard|joined/,
      edgeHarness(() => new OneRoom(FakeEdgeConnection)),
    ],
    [
      'joins though it is no longer wanted',
      'does not join when it is aborted before',
      /not wanted/,
      edgeHarness(() => new Deaf(FakeEdgeConnection)),
    ],
  ]);
});
