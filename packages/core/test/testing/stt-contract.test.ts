import { describe, test } from 'vitest';

import type { ConnectContext, STTConnection, STTFact } from '../../src/index.ts';
import { AsyncQueue, ProviderError } from '../../src/index.ts';
import type { STTBehaviour, STTHarness } from '../../src/testing/index.ts';
import { describeSTT } from '../../src/testing/index.ts';
import { expectCaught, forgottenTimer } from './expect-caught.ts';
import { FakeSTT, FakeSTTConnection, sttHarness } from './stt-fake.ts';

/** Sends whole frames of 20 ms, and loses the rest of each piece. */
class WholeFrames extends FakeSTTConnection {
  override send(samples: Int16Array): boolean {
    return super.send(samples.subarray(0, samples.length - (samples.length % 320)));
  }
}

/** Goes on telling after its close. */
class Talkative extends FakeSTTConnection {
  override async close(): Promise<void> {
    setImmediate(() => {
      this.facts.push({ type: 'transcript', text: 'and', final: false });
      void super.close();
    });
  }
}

class NeverEnds extends FakeSTTConnection {
  override [Symbol.asyncIterator](): AsyncIterator<STTFact> {
    return new AsyncQueue<STTFact>()[Symbol.asyncIterator]();
  }
}

class ForgetsLastWords extends FakeSTTConnection {
  override async close(): Promise<void> {
    this.facts.end();
    await super.close();
  }
}

class WordsTwice extends FakeSTTConnection {
  protected override tellWords(): void {
    super.tellWords();
    this.facts.push({ type: 'transcript', text: 'hello there', final: true });
  }
}

/** Takes the provider's seconds for milliseconds. */
class Seconds extends FakeSTTConnection {
  override [Symbol.asyncIterator](): AsyncIterator<STTFact> {
    return inSeconds(this.facts)[Symbol.asyncIterator]();
  }
}

async function* inSeconds(facts: AsyncIterable<STTFact>): AsyncGenerator<STTFact> {
  for await (const fact of facts) {
    if (fact.type === 'transcript') yield { ...fact, speechEndMs: (fact.speechEndMs ?? 0) / 1000 };
    else yield fact;
  }
}

class NoOffsets extends FakeSTTConnection {
  override [Symbol.asyncIterator](): AsyncIterator<STTFact> {
    return withoutOffsets(this.facts)[Symbol.asyncIterator]();
  }
}

async function* withoutOffsets(facts: AsyncIterable<STTFact>): AsyncGenerator<STTFact> {
  for await (const fact of facts) {
    if (fact.type !== 'transcript') yield fact;
    else yield { type: 'transcript', text: fact.text, final: fact.final };
  }
}

/** Leaves the ends of turns to others, and tells its words when it is asked for them. */
class Committing extends FakeSTTConnection {
  protected override endTurn(): void {}

  override flush(): void {
    if (this.isSpeaking) this.tellWords();
  }
}

/** Leaves the ends of turns to others, and does not hear of them. */
class Unasked extends Committing {
  override flush(): void {}
}

class Swallowing extends FakeSTTConnection {
  protected override lose(): void {
    this.facts.end();
  }
}

class Patient extends FakeSTTConnection {
  protected override checkStall(): void {}
}

class Heartbeat extends FakeSTTConnection {
  constructor(behaviour: STTBehaviour, context: ConnectContext) {
    super(behaviour, context);
    forgottenTimer();
  }
}

type Connection = new (behaviour: STTBehaviour, context: ConnectContext) => STTConnection;

function broken(connection: Connection): STTHarness {
  class Broken extends FakeSTT {
    protected override connected(behaviour: STTBehaviour, context: ConnectContext): STTConnection {
      return new connection(behaviour, context);
    }
  }
  return sttHarness((behaviours) => new Broken(behaviours));
}

/** One that detects no turns. */
function committing(connection: Connection): STTHarness {
  class WithoutTurns extends FakeSTT {
    override readonly detectsTurns = false;

    protected override connected(behaviour: STTBehaviour, context: ConnectContext): STTConnection {
      return new connection(behaviour, context);
    }
  }
  return sttHarness((behaviours) => new WithoutTurns(behaviours));
}

/** One connection for everybody. */
class Shared extends FakeSTT {
  #connection: STTConnection | undefined;

  protected override connected(behaviour: STTBehaviour, context: ConnectContext): STTConnection {
    this.#connection ??= super.connected(behaviour, context);
    return this.#connection;
  }
}

class LateTimeout extends FakeSTT {
  protected override connecting({ clock }: ConnectContext): Promise<never> {
    return new Promise((_resolve, reject) => {
      const message = 'no connection within 5000 ms';
      const error = new ProviderError({ provider: 'fake', type: 'timeout', message });
      clock.after(5000, () => reject(error));
    });
  }
}

describeSTT(
  'a sound speech to text',
  { describe, test },
  sttHarness((behaviours) => new FakeSTT(behaviours)),
);

describeSTT(
  'a sound speech to text that leaves turns to others',
  { describe, test },
  committing(Committing),
);

describe('the suite of speech to text', () => {
  expectCaught(describeSTT, [
    [
      'loses audio in odd pieces',
      'hears the same in pieces of any size',
      /hello there/,
      broken(WholeFrames),
    ],
    [
      'tells something after its close',
      'can be closed twice, and tells nothing afterwards',
      /and/,
      broken(Talkative),
    ],
    [
      'does not end its events',
      'can be closed twice, and tells nothing afterwards',
      /the events hangs/,
      broken(NeverEnds),
    ],
    [
      'forgets the last words',
      'tells the last words when it is closed in the middle of speech',
      /hello there/,
      broken(ForgetsLastWords),
    ],
    [
      'tells the same words twice',
      'measures an utterance once',
      /stt\.transcripts .*: 2 ×/,
      broken(WordsTwice),
    ],
    [
      'takes seconds for milliseconds',
      'tells when it was spoken',
      /the end of the speech is \d+/,
      broken(Seconds),
    ],
    [
      'does not tell where words lie',
      'measures an utterance once',
      /stt\.latency\.ms/,
      broken(NoOffsets),
    ],
    [
      'does not tell its words when it is asked for them',
      'tells the start of speech, its words and its end in this order',
      /"hello there" is heard/,
      committing(Unasked),
    ],
    [
      'takes a lost connection for the end',
      'fails when the connection breaks off, and can be opened again',
      /it failed with undefined/,
      broken(Swallowing),
    ],
    [
      'waits for ever',
      'times out when nothing is told of what is said',
      /the events hangs/,
      broken(Patient),
    ],
    [
      'leaves a heartbeat',
      'can be closed twice, and tells nothing afterwards',
      /handles that are left open: Timeout/,
      broken(Heartbeat),
    ],
    [
      'has one connection for all',
      'listens to two people at once without mixing them up',
      /"hello there" is heard/,
      sttHarness((behaviours) => new Shared(behaviours)),
    ],
    [
      'does not look at the signal while it connects',
      'stops connecting when the call is aborted',
      /opening hangs/,
      sttHarness((behaviours) => new LateTimeout(behaviours)),
    ],
  ]);
});
