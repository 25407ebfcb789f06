import type { Backstage } from './backstage.ts';
import { controlRoute } from './control-route.ts';
import { deepgramRoute } from './deepgram/deepgram-route.ts';
import { DelaySource, seededRandom, type Delays } from './delays.ts';
import { elevenLabsRoute } from './elevenlabs/elevenlabs-route.ts';
import { FaultBox } from './fault-box.ts';
import type { Fault } from './faults.ts';
import type { ReplyHook } from './gemini/brain.ts';
import { geminiRoute } from './gemini/gemini-route.ts';
import { listen } from './loopback-server.ts';
import { openAIRoute } from './openai/openai-route.ts';
import { TruthLedger, type SandboxTruth } from './truth.ts';
import { defaultChordMs } from './voice/chord.ts';

/** How a sandbox is set up. */
export interface SandboxOptions {
  /** Default 0: any free port. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** How long the providers take; see {@link Delays} for what applies where nothing is said. */
  delays?: Partial<Delays>;
  /** Scripts the model's answers. */
  reply?: ReplyHook;
  /** Of everything random. Default 1. */
  seed?: number;
  /** Length of a chord of the voice in ms, for hearing and speaking. Default 80. */
  chordMs?: number;
  /**
   * How many times faster than documented the providers hang up on who says nothing, and take signs of
   * life: for clients whose clock goes as fast. Default 1.
   */
  hurry?: number;
}

/** Running servers. */
export interface Sandbox extends AsyncDisposable {
  /** `http://host:port` */
  readonly url: string;
  /** Base URL for Deepgram's SDK. */
  readonly deepgramUrl: string;
  /** Base URL for ElevenLabs' SDK; replace `http` by `ws` for its sockets. */
  readonly elevenlabsUrl: string;
  /** Base URL for Gemini's SDK. */
  readonly geminiUrl: string;
  /** Base URL for OpenAI's SDK, with the version. */
  readonly openaiUrl: string;
  /**
   * How many of its clients' requests have no whole answer yet, and how many sockets are open that were or
   * want to be upgraded: 0 once all clients are closed.
   */
  readonly busy: number;
  /** What really happened so far. */
  truth(): SandboxTruth;
  /** Throws a switch. */
  inject(fault: Fault): void;
  /** Turns all switches off. */
  clearFaults(): void;
  /** Changes delays for what begins from now on. */
  configure(delays: Partial<Delays>): void;
  /** Cuts every connection and frees the port. Idempotent, never throws. */
  close(): Promise<void>;
}

/** Starts the servers in this process. Rejects when the port is taken. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { port = 0, host = '127.0.0.1', seed = 1, chordMs = defaultChordMs, reply } = options;
  const { hurry = 1 } = options;
  const truth = new TruthLedger();
  const random = seededRandom(seed);
  const faults = new FaultBox(truth);
  const delays = new DelaySource(options.delays ?? {}, random);
  const backstage: Backstage = { truth, faults, delays, random, chordMs, hurry };
  const server = await listen(host, port, hurry, [
    deepgramRoute(backstage),
    elevenLabsRoute(backstage),
    geminiRoute(backstage, reply),
    openAIRoute(backstage, reply),
    controlRoute(backstage),
  ]);
  return {
    url: server.url,
    deepgramUrl: `${server.url}/deepgram`,
    elevenlabsUrl: `${server.url}/elevenlabs`,
    geminiUrl: `${server.url}/gemini`,
    openaiUrl: `${server.url}/openai/v1`,
    get busy() {
      return server.busy;
    },
    truth: () => truth.read(),
    inject: (fault) => faults.inject(fault),
    clearFaults: () => faults.clear(),
    configure: (changed) => delays.configure(changed),
    close: () => server.close(),
    [Symbol.asyncDispose]: () => server.close(),
  };
}
