import { setImmediate as turn } from 'node:timers/promises';

import type { AudioFrame, ConnectContext, TTSConnection } from '../../src/index.ts';
import { pcmBytes, ProviderError, TTS } from '../../src/index.ts';
import type { TTSBehaviour, TTSHarness } from '../../src/testing/index.ts';

/** How many samples a character sounds. */
const CHARACTER_SAMPLES = 160;

/** A voice that says each character as a steady sample of its code. Broken ones override a part. */
export class FakeTTS extends TTS {
  readonly provider: string = 'fake';
  readonly model: string = 'fake-tts';
  readonly #behaviours: TTSBehaviour[];

  constructor(behaviours: readonly TTSBehaviour[]) {
    super();
    this.#behaviours = [...behaviours];
  }

  protected async connect(context: ConnectContext): Promise<TTSConnection> {
    await turn();
    if (this.#behaviours[0] === 'hangs-connecting') await this.connecting(context);
    const closed = this.opened(context);
    return {
      sampleRateHz: 16_000,
      synthesize: (text, signal) => this.synthesize(text, signal),
      close: async () => closed(),
    };
  }

  protected opened(context: ConnectContext): () => void {
    return context.socketOpened();
  }

  protected connecting({ clock, signal }: ConnectContext): Promise<never> {
    const { promise, reject } = Promise.withResolvers<never>();
    const cancel = clock.after(5000, () => {
      const message = 'no connection within 5000 ms';
      reject(new ProviderError({ provider: this.provider, type: 'timeout', message }));
    });
    const abort = (): void => {
      cancel();
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    return promise;
  }

  protected async *synthesize(
    text: string,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const behaviour = this.#behaviours.shift();
    await turn();
    const audio = bytesOf(text);
    switch (behaviour) {
      case 'speaks':
        return yield* this.chunks(audio, 640);
      case 'speaks-oddly':
        return yield* this.chunks(audio, 333);
      case 'refuses':
        throw this.refusal(503);
      case 'rejects-key':
        throw this.refusal(401);
      case 'hangs':
        return this.silence(signal);
      case 'stalls':
        yield* this.chunks(audio.subarray(0, 1280), 640);
        return this.silence(signal);
      case 'fails':
        yield* this.chunks(audio.subarray(0, 1280), 640);
        throw this.refusal(500);
      case 'breaks-off':
        yield* this.chunks(audio.subarray(0, 1280), 640);
        return this.brokenOff();
      case 'hangs-connecting':
      case undefined:
        throw new Error('nothing more was expected');
    }
  }

  protected async *chunks(
    audio: Uint8Array,
    size: number,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = 0; at < audio.length; at += size) {
      await turn();
      yield audio.subarray(at, at + size);
    }
  }

  protected refusal(status: number): Error {
    return ProviderError.fromStatus(this.provider, status);
  }

  protected brokenOff(): void {
    throw Object.assign(new Error('the socket was reset'), { code: 'ECONNRESET' });
  }

  protected silence(signal: AbortSignal): Promise<void> {
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      // Whoever has left may have done so before there was nothing more to say.
      if (signal.aborted) reject(signal.reason);
    });
  }
}

function bytesOf(text: string): Uint8Array {
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const samples = Int16Array.from({ length: codes.length * CHARACTER_SAMPLES }, (_, index) => {
    return codes[Math.floor(index / CHARACTER_SAMPLES)] ?? 0;
  });
  return pcmBytes(samples);
}

/** The text of audio that is whole; what a broken one has said otherwise. */
function heard(frames: readonly AudioFrame[]): string {
  const samples = frames.flatMap((frame) => [...frame.samples]);
  let text = '';
  for (let at = 0; at < samples.length; at += CHARACTER_SAMPLES) {
    const character = samples.slice(at, at + CHARACTER_SAMPLES);
    const [code = 0] = character;
    const isWhole =
      character.length === CHARACTER_SAMPLES && character.every((one) => one === code);
    text += isWhole && code > 0 ? String.fromCodePoint(code) : '?';
  }
  return text;
}

/** The harness of a voice of this kind. */
export function ttsHarness(
  voice: new (behaviours: readonly TTSBehaviour[]) => FakeTTS,
): TTSHarness {
  return { create: (behaviours) => ({ tts: new voice(behaviours), heard }) };
}
