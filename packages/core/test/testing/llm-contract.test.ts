import { setImmediate as turn } from 'node:timers/promises';

import { describe, test } from 'vitest';

import type { LLMEvent } from '../../src/index.ts';
import type { LLMBehaviour } from '../../src/testing/index.ts';
import { describeLLM } from '../../src/testing/index.ts';
import { expectCaught, forgottenTimer } from './expect-caught.ts';
import { FakeLLM, llmHarness } from './llm-fake.ts';

type Events = AsyncGenerator<LLMEvent, void, undefined>;

class SummedUsage extends FakeLLM {
  protected override async *end(reason: 'stop' | 'tool-calls'): Events {
    for await (const event of super.end(reason)) {
      if (event.type === 'usage') {
        const { inputTokens, outputTokens } = event.usage;
        yield { type: 'usage', usage: { inputTokens, outputTokens: 0 } };
        yield { type: 'usage', usage: { inputTokens: 0, outputTokens } };
      } else {
        yield event;
      }
    }
  }
}

class LateUsage extends FakeLLM {
  protected override async *end(reason: 'stop' | 'tool-calls'): Events {
    const events: LLMEvent[] = [];
    for await (const event of super.end(reason)) events.unshift(event);
    yield* events;
  }
}

class AllAtOnce extends FakeLLM {
  protected override async *text(text: string): Events {
    yield { type: 'text', text };
  }
}

class Forgetful extends FakeLLM {
  protected override async *text(text: string): Events {
    const newest: LLMEvent[] = [];
    const state = { isReading: true };
    const read = async (): Promise<void> => {
      for await (const event of super.text(text)) newest.splice(0, 1, event);
      state.isReading = false;
    };
    void read();
    do {
      await turn();
      yield* newest.splice(0);
    } while (state.isReading);
  }
}

class OneId extends FakeLLM {
  protected override toolCall(city: string): LLMEvent {
    this.callCount = 0;
    return super.toolCall(city);
  }
}

class RawArguments extends FakeLLM {
  protected override toolCall(city: string): LLMEvent {
    const event = super.toolCall(city);
    if (event.type !== 'tool-call') return event;
    const call = { ...event.call, arguments: JSON.stringify(event.call.arguments) };
    return { type: 'tool-call', call };
  }
}

class Untyped extends FakeLLM {
  protected override refusal(status: number): Error {
    return new Error(`HTTP status ${status}`);
  }
}

class Swallowing extends FakeLLM {
  protected override async *answer(behaviour: LLMBehaviour, signal: AbortSignal): Events {
    try {
      yield* super.answer(behaviour, signal);
    } catch {
      yield { type: 'end', reason: 'other' };
    }
  }
}

class Optimistic extends FakeLLM {
  protected override async *brokenOff(): Events {
    yield { type: 'end', reason: 'stop' };
  }
}

/** Asks again and again whether there is more, whether or not anybody still wants it. */
class Polling extends FakeLLM {
  protected override silence(): Promise<void> {
    forgottenTimer();
    return new Promise(() => undefined);
  }
}

class Breakable extends FakeLLM {
  #isBroken = false;

  protected override async *answer(behaviour: LLMBehaviour, signal: AbortSignal): Events {
    if (this.#isBroken) throw this.refusal(503);
    this.#isBroken = true;
    yield* super.answer(behaviour, signal);
    this.#isBroken = false;
  }

  protected override brokenOff(): Events {
    throw this.refusal(500);
  }
}

function broken(model: new (behaviours: readonly LLMBehaviour[]) => FakeLLM) {
  return llmHarness((behaviours) => new model(behaviours));
}

describeLLM('a sound model', { describe, test }, broken(FakeLLM));

describe('the suite of language models', () => {
  expectCaught(describeLLM, [
    [
      'reports its usage in parts',
      'measures an answer once, with the tokens that were served',
      /llm\.tokens\.input .*= 12/,
      broken(SummedUsage),
    ],
    [
      'reports its usage after the end',
      'answers in pieces of text, then tells its usage, then ends',
      /the usage is told/,
      broken(LateUsage),
    ],
    [
      'waits for the whole answer',
      'answers in pieces of text, then tells its usage, then ends',
      /the text comes in pieces/,
      broken(AllAtOnce),
    ],
    [
      'forgets what a slow reader has not read',
      'gives a slow reader every event',
      /The sun is a star/,
      broken(Forgetful),
    ],
    [
      'gives all calls one id',
      'asks for tools with arguments that are parsed and ids that differ',
      /ids that differ/,
      broken(OneId),
    ],
    [
      'hands on arguments as they come',
      'asks for tools with arguments that are parsed and ids that differ',
      /Paris/,
      broken(RawArguments),
    ],
    [
      'does not type its errors',
      'fails as unavailable when it is refused',
      /its type is unknown, not unavailable/,
      broken(Untyped),
    ],
    [
      'swallows an error in the middle',
      'fails when the provider says in the middle that it cannot go on',
      /it failed with undefined/,
      broken(Swallowing),
    ],
    [
      'takes the end of the stream for the end of the answer',
      'fails when the answer breaks off',
      /it failed with undefined/,
      broken(Optimistic),
    ],
    [
      'goes on asking after an abort',
      'stops at once when it is aborted in the middle',
      /handles that are left open: Timeout/,
      broken(Polling),
    ],
    [
      'does not recover from a failure',
      'answers again after a failure',
      /fake: the request was refused/,
      broken(Breakable),
    ],
    [
      'has one state for all requests',
      'answers two requests side by side',
      /fake: the request was refused/,
      broken(Breakable),
    ],
  ]);
});
