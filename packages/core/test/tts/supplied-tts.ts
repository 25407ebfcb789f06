import type {
  AudioFrame,
  ConnectContext,
  TTSConnection,
  TTSStream,
  TTSTimeouts,
} from '../../src/index.ts';
import { AsyncQueue, MetricsCollector, TTS } from '../../src/index.ts';
import { ManualClock, settled } from '../../src/testing/index.ts';

/** One text handed to the provider, and the audio that the test answers it with. */
export interface Synthesis {
  readonly text: string;
  readonly signal: AbortSignal;
  readonly audio: AsyncQueue<Uint8Array>;
}

/** A connection at 16 kHz that notes what it is given. */
export class SuppliedTTSConnection implements TTSConnection {
  readonly sampleRateHz = 16_000;
  readonly syntheses: Synthesis[] = [];
  closes = 0;

  synthesize(text: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const audio = new AsyncQueue<Uint8Array>();
    this.syntheses.push({ text, signal, audio });
    return audio;
  }

  close(): Promise<void> {
    this.closes += 1;
    for (const { audio } of this.syntheses) audio.end();
    return Promise.resolve();
  }
}

/** Text to speech that opens the connection which the test supplies. */
export class SuppliedTTS extends TTS {
  readonly provider: string;
  readonly model = 'supplied-1';
  readonly contexts: ConnectContext[] = [];
  readonly #connect: () => Promise<TTSConnection>;

  constructor(
    connect: () => Promise<TTSConnection>,
    options: { provider?: string; timeouts?: TTSTimeouts } = {},
  ) {
    super(options.timeouts);
    this.provider = options.provider ?? 'supplied';
    this.#connect = connect;
  }

  protected connect(context: ConnectContext): Promise<TTSConnection> {
    this.contexts.push(context);
    return this.#connect();
  }
}

/** An open stream with everything around it that a test turns or looks at. */
export class Speaking {
  readonly clock: ManualClock = new ManualClock();
  readonly collector: MetricsCollector = new MetricsCollector();
  readonly call: AbortController = new AbortController();
  readonly connection: SuppliedTTSConnection = new SuppliedTTSConnection();
  #stream: TTSStream | undefined;

  static async start(
    options: { provider?: string; timeouts?: TTSTimeouts } = {},
  ): Promise<Speaking> {
    const speaking = new Speaking();
    const { clock, collector, call, connection } = speaking;
    const tts = new SuppliedTTS(() => Promise.resolve(connection), options);
    speaking.#stream = await tts.open({ clock, metrics: collector, signal: call.signal });
    return speaking;
  }

  get stream(): TTSStream {
    if (this.#stream === undefined) throw new Error('not open');
    return this.#stream;
  }

  get metrics(): MetricsCollector['metrics'] {
    return this.collector.metrics;
  }

  /** Hands a text over and reads its audio. */
  say(text: string, signal?: AbortSignal): Reading {
    return new Reading(this.stream.synthesize(text, signal));
  }

  /** The newest text that the provider was given. */
  get newest(): Synthesis {
    const newest = this.connection.syntheses.at(-1);
    if (newest === undefined) throw new Error('nothing was handed over');
    return newest;
  }

  /** The provider answers the newest text with a chunk of audio, some time later. */
  async audio(chunk: Uint8Array, afterMs = 0): Promise<void> {
    await this.clock.advance(afterMs);
    this.newest.audio.push(chunk);
    await settled();
  }

  /** The provider has sent all audio of the newest text. */
  async audioEnd(afterMs = 0): Promise<void> {
    await this.clock.advance(afterMs);
    this.newest.audio.end();
    await settled();
  }
}

/** The audio of one text as it comes. */
export class Reading {
  readonly frames: AudioFrame[] = [];
  /** What the reading ended with: undefined, or what it threw. */
  readonly ended: Promise<unknown>;

  constructor(audio: AsyncIterable<AudioFrame>) {
    this.ended = this.#read(audio);
  }

  get samples(): number[] {
    return this.frames.flatMap(({ samples }) => [...samples]);
  }

  async #read(audio: AsyncIterable<AudioFrame>): Promise<unknown> {
    try {
      for await (const frame of audio) this.frames.push(frame);
    } catch (error) {
      return error;
    }
    return undefined;
  }
}

/** Little-endian PCM of so many milliseconds at 16 kHz. */
export function pcm(durationMs: number): Uint8Array {
  return new Uint8Array(durationMs * 32);
}
