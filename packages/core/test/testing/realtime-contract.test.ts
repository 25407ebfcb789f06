import { describe, test } from 'vitest';

import type { RealtimeUsage } from '../../src/index.ts';
import { describeRealtime } from '../../src/testing/index.ts';
import { expectCaught, forgottenTimer } from './expect-caught.ts';
import { FakeRealtimeConnection, realtimeHarness } from './realtime-fake.ts';

/** Tells all tokens of the session each time, not those since the last report. */
class SessionTotals extends FakeRealtimeConnection {
  protected override tellUsage(): void {
    const { inputTokens, outputTokens } = this.served;
    super.tellUsage({ inputTokens, outputTokens });
  }
}

class ForgetsUsage extends FakeRealtimeConnection {
  protected override tellUsage(_usage: RealtimeUsage): void {}
}

/** Counts thoughts in that are not in the total. */
class SplitsTooMuch extends FakeRealtimeConnection {
  protected override tellUsage(usage: RealtimeUsage): void {
    super.tellUsage({ ...usage, outputByModality: { text: 10, audio: 15 } });
  }
}

class SplitsBelowZero extends FakeRealtimeConnection {
  protected override tellUsage(usage: RealtimeUsage): void {
    super.tellUsage({ ...usage, inputByModality: { text: -10, audio: 40 } });
  }
}

class EndsTwice extends FakeRealtimeConnection {
  protected override end(): void {
    super.end();
    super.end();
  }
}

class WordByWord extends FakeRealtimeConnection {
  protected override heard(): void {
    for (const text of ['hello', 'there']) {
      this.facts.push({ type: 'user-transcript', text, final: true });
    }
  }
}

class RoundsChunks extends FakeRealtimeConnection {
  protected override chunk(bytes: Uint8Array): void {
    super.chunk(bytes.subarray(0, bytes.length - (bytes.length % 2)));
  }
}

class WholeFrames extends FakeRealtimeConnection {
  override send(samples: Int16Array): boolean {
    return super.send(samples.subarray(0, samples.length - (samples.length % 320)));
  }
}

/** Says that it has stopped, and goes on. */
class GoesOn extends FakeRealtimeConnection {
  protected override stop(): void {}
}

class NeverEnds extends FakeRealtimeConnection {
  override async close(): Promise<void> {
    this.stop();
  }
}

class Heartbeat extends FakeRealtimeConnection {
  constructor(...parts: ConstructorParameters<typeof FakeRealtimeConnection>) {
    super(...parts);
    forgottenTimer();
  }
}

const CLOSING = 'can be closed twice, in the middle of an answer, and tells nothing afterwards';
const MEASURED = 'measures an answer once, with what was served';

describeRealtime('a sound model', { describe, test }, realtimeHarness(FakeRealtimeConnection));

describe('the suite of speech-to-speech models', () => {
  expectCaught(describeRealtime, [
    [
      'tells the totals of the session',
      'counts each of two answers',
      /tokens in/,
      realtimeHarness(SessionTotals),
    ],
    [
      'tells more of the parts than of the whole',
      'counts each of two answers',
      /\{"text":10,"audio":15\}, are part of 20/,
      realtimeHarness(SplitsTooMuch),
    ],
    [
      'makes up what is missing',
      'counts each of two answers',
      /\{"text":-10,"audio":40\}, are part of 30/,
      realtimeHarness(SplitsBelowZero),
    ],
    ['forgets its usage', MEASURED, /realtime\.tokens\.input/, realtimeHarness(ForgetsUsage)],
    ['ends an answer twice', MEASURED, /realtime\.responses .*: 2 ×/, realtimeHarness(EndsTwice)],
    [
      'takes pieces for utterances',
      MEASURED,
      /realtime\.transcriptions\.user .*: 2 ×/,
      realtimeHarness(WordByWord),
    ],
    [
      'cuts chunks to whole samples',
      'puts samples together that come in halves',
      /strictly equal/,
      realtimeHarness(RoundsChunks),
    ],
    [
      'loses audio in odd pieces',
      'hears the same in pieces of any size',
      /"response-end" is told/,
      realtimeHarness(WholeFrames),
    ],
    [
      'goes on after an interruption',
      'stops an answer that is interrupted, and counts it so',
      /no audio comes after the end/,
      realtimeHarness(GoesOn),
    ],
    ['does not end its events', CLOSING, /the events hangs/, realtimeHarness(NeverEnds)],
    [
      'leaves a heartbeat',
      CLOSING,
      /handles that are left open: Timeout/,
      realtimeHarness(Heartbeat),
    ],
  ]);
});
