import { setImmediate as turn } from 'node:timers/promises';

import { describe, test } from 'vitest';

import type { ConnectContext } from '../../src/index.ts';
import type { TTSBehaviour } from '../../src/testing/index.ts';
import { describeTTS } from '../../src/testing/index.ts';
import { expectCaught, forgottenTimer } from './expect-caught.ts';
import { FakeTTS, ttsHarness } from './tts-fake.ts';

type Chunks = AsyncGenerator<Uint8Array, void, undefined>;

/** Keeps a heartbeat after its close. */
class KeepsSocket extends FakeTTS {
  protected override opened(context: ConnectContext): () => void {
    forgottenTimer();
    return context.socketOpened();
  }
}

class ForgetsToCount extends FakeTTS {
  protected override opened(context: ConnectContext): () => void {
    context.socketOpened();
    return () => undefined;
  }
}

class HalfSamples extends FakeTTS {
  protected override async *chunks(audio: Uint8Array, size: number): Chunks {
    yield* super.chunks(audio.subarray(0, -1), size);
  }
}

class RoundsChunks extends FakeTTS {
  protected override async *chunks(audio: Uint8Array, size: number): Chunks {
    for await (const chunk of super.chunks(audio, size)) {
      yield chunk.subarray(0, chunk.length - (chunk.length % 2));
    }
  }
}

class LosesFirst extends FakeTTS {
  protected override async *chunks(audio: Uint8Array, size: number): Chunks {
    let isFirst = true;
    for await (const chunk of super.chunks(audio, size)) {
      if (!isFirst) yield chunk;
      isFirst = false;
    }
  }
}

class DropsForSlow extends FakeTTS {
  protected override async *chunks(audio: Uint8Array, size: number): Chunks {
    const newest: Uint8Array[] = [];
    const state = { isReading: true };
    const read = async (): Promise<void> => {
      for await (const chunk of super.chunks(audio, size)) newest.splice(0, 1, chunk);
      state.isReading = false;
    };
    void read();
    do {
      await turn();
      yield* newest.splice(0);
    } while (state.isReading);
  }
}

class Swallowing extends FakeTTS {
  protected override brokenOff(): void {}
}

class Untyped extends FakeTTS {
  protected override refusal(status: number): Error {
    return new Error(`HTTP status ${status}`);
  }
}

class IgnoresAbort extends FakeTTS {
  protected override silence(): Promise<void> {
    forgottenTimer();
    return new Promise(() => undefined);
  }
}

/** What is left of one text is said with the next. */
class Leaks extends FakeTTS {
  #rest: Uint8Array = new Uint8Array();

  protected override async *chunks(audio: Uint8Array, size: number): Chunks {
    yield* super.chunks(this.#rest, size);
    this.#rest = audio.subarray(0, 640);
    yield* super.chunks(audio, size);
  }
}

/** One text at a time, and an abort ends them all. */
class OneForAll extends FakeTTS {
  #abort = new AbortController();

  protected override async *synthesize(text: string, signal: AbortSignal): Chunks {
    const { signal: all } = this.#abort;
    signal.addEventListener('abort', () => this.#abort.abort(), { once: true });
    for await (const chunk of super.synthesize(text, signal)) {
      if (all.aborted) throw this.refusal(500);
      yield chunk;
    }
  }
}

class WaitsForEver extends FakeTTS {
  protected override connecting({ signal }: ConnectContext): Promise<never> {
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }
}

class LeavesTimer extends FakeTTS {
  protected override connecting(context: ConnectContext): Promise<never> {
    context.clock.after(60_000, () => undefined);
    return super.connecting(context);
  }
}

class Breakable extends FakeTTS {
  #isBroken = false;

  protected override async *synthesize(text: string, signal: AbortSignal): Chunks {
    if (this.#isBroken) throw this.refusal(503);
    this.#isBroken = true;
    yield* super.synthesize(text, signal);
    this.#isBroken = false;
  }
}

const broken = (voice: new (behaviours: readonly TTSBehaviour[]) => FakeTTS) => ttsHarness(voice);

describeTTS('a sound voice', { describe, test }, broken(FakeTTS));

describe('the suite of voices', () => {
  expectCaught(describeTTS, [
    [
      'keeps a timer after its close',
      'leaves no handle open once it is closed',
      /handles that are left open: Timeout/,
      broken(KeepsSocket),
    ],
    [
      'does not count its sockets down',
      'leaves no handle open once it is closed',
      /no socket is counted as open/,
      broken(ForgetsToCount),
    ],
    [
      'yields half a sample at the end',
      'speaks a text',
      /the audio ends in half a sample/,
      broken(HalfSamples),
    ],
    [
      'cuts chunks to whole samples',
      'puts samples together that come in halves',
      /The sun is far away/,
      broken(RoundsChunks),
    ],
    ['loses the first chunk', 'speaks a text', /The sun is far away/, broken(LosesFirst)],
    [
      'drops audio for a slow reader',
      'gives a slow reader all of the audio',
      /The sun is far away/,
      broken(DropsForSlow),
    ],
    [
      'takes a lost connection for the end of the audio',
      'fails when the audio breaks off',
      /it failed with undefined/,
      broken(Swallowing),
    ],
    [
      'does not type its errors',
      'fails as a matter of authentication when its key is',
      /its type is unknown, not authentication/,
      broken(Untyped),
    ],
    [
      'ignores an abort',
      'stops at once when it is aborted in the middle',
      /handles that are left open: Timeout/,
      broken(IgnoresAbort),
    ],
    [
      'says the rest of one text with the next',
      'speaks the next text, and only that, after an abort',
      /Good night/,
      broken(Leaks),
    ],
    [
      'ends all texts when one is aborted',
      'goes on with one text when another is aborted',
      /fake: the request was refused/,
      broken(OneForAll),
    ],
    [
      'waits for a connection for ever',
      'times out when a connection does not open',
      /opening ends within a minute/,
      broken(WaitsForEver),
    ],
    [
      'leaves a timer of an opening that was aborted',
      'stops connecting when the call is aborted',
      /no timer is left/,
      broken(LeavesTimer),
    ],
    [
      'does not recover from a failure',
      'speaks again after a failure',
      /fake: the request was refused/,
      broken(Breakable),
    ],
  ]);
});
