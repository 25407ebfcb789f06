/** The counters that the servers keep. */
export type CountName =
  | 'llm.requests'
  | 'llm.tokens.input'
  | 'llm.tokens.output'
  | 'llm.tokens.input.cached'
  | 'llm.tokens.output.reasoning'
  | 'llm.tool_calls'
  | 'llm.errors'
  | 'stt.transcripts'
  | 'stt.audio_duration.ms'
  | 'stt.errors'
  | 'tts.characters'
  | 'tts.requests'
  | 'tts.audio_duration.ms'
  | 'tts.errors'
  | 'realtime.responses'
  | 'realtime.tokens.input'
  | 'realtime.tokens.output'
  | 'realtime.audio.input.bytes'
  | 'realtime.audio.input.duration.ms'
  | 'realtime.audio.output.bytes'
  | 'realtime.audio.output.duration.ms'
  | 'realtime.transcriptions.user'
  | 'realtime.transcriptions.agent'
  | 'realtime.errors';

/** The latencies that the servers keep. */
export type LatencyName =
  | 'llm.latency.ms'
  | 'llm.time_to_first_token.ms'
  | 'stt.latency.ms'
  | 'tts.latency.ms'
  | 'tts.time_to_first_audio.ms'
  | 'realtime.time_to_first_audio.ms'
  | 'turn.trailing_silence.ms'
  | 'turn.duration.ms';

/** How a request ended, as its server saw it: all was sent, the client wanted no more, or something went wrong. */
export type RequestOutcome = 'completed' | 'aborted' | 'failed';

type RequestName = 'llm.requests' | 'tts.requests' | 'realtime.responses';

/** What really happened, for metrics to be compared with. */
export interface SandboxTruth {
  /** By metric name; every counter is there from the start, at 0. */
  counts: Record<string, number>;
  /**
   * What part of the counts was sent to clients that left right after: they may not have got it, so
   * theirs may be so much less. By the same names; only what is not 0.
   */
  inFlight: Record<string, number>;
  /** Requests that are over, by how they ended. */
  outcomes: Record<RequestName, Record<RequestOutcome, number>>;
  /** By metric name: what was configured and drawn for the operations that got so far, not what was measured. */
  latencies: Record<string, { count: number; meanMs: number }>;
  /** What the clients did wrong, in plain words, without keys or transcripts. */
  problems: string[];
}

/** Collects the truth. */
export class TruthLedger {
  readonly #counts: Record<CountName, number> = {
    'llm.requests': 0,
    'llm.tokens.input': 0,
    'llm.tokens.output': 0,
    'llm.tokens.input.cached': 0,
    'llm.tokens.output.reasoning': 0,
    'llm.tool_calls': 0,
    'llm.errors': 0,
    'stt.transcripts': 0,
    'stt.audio_duration.ms': 0,
    'stt.errors': 0,
    'tts.characters': 0,
    'tts.requests': 0,
    'tts.audio_duration.ms': 0,
    'tts.errors': 0,
    'realtime.responses': 0,
    'realtime.tokens.input': 0,
    'realtime.tokens.output': 0,
    'realtime.audio.input.bytes': 0,
    'realtime.audio.input.duration.ms': 0,
    'realtime.audio.output.bytes': 0,
    'realtime.audio.output.duration.ms': 0,
    'realtime.transcriptions.user': 0,
    'realtime.transcriptions.agent': 0,
    'realtime.errors': 0,
  };
  readonly #latencies: Record<LatencyName, { count: number; sumMs: number }> = {
    'llm.latency.ms': { count: 0, sumMs: 0 },
    'llm.time_to_first_token.ms': { count: 0, sumMs: 0 },
    'stt.latency.ms': { count: 0, sumMs: 0 },
    'tts.latency.ms': { count: 0, sumMs: 0 },
    'tts.time_to_first_audio.ms': { count: 0, sumMs: 0 },
    'realtime.time_to_first_audio.ms': { count: 0, sumMs: 0 },
    'turn.trailing_silence.ms': { count: 0, sumMs: 0 },
    'turn.duration.ms': { count: 0, sumMs: 0 },
  };
  readonly #outcomes: SandboxTruth['outcomes'] = {
    'llm.requests': { completed: 0, aborted: 0, failed: 0 },
    'tts.requests': { completed: 0, aborted: 0, failed: 0 },
    'realtime.responses': { completed: 0, aborted: 0, failed: 0 },
  };
  readonly #inFlight: Partial<Record<CountName, number>> = {};
  readonly #problems: string[] = [];

  /** Adds to a counter. */
  count(name: CountName, by = 1): void {
    this.#counts[name] += by;
  }

  /** Notes how much of a counter its client may not have got. */
  inFlight(name: CountName, by: number): void {
    if (by > 0) this.#inFlight[name] = (this.#inFlight[name] ?? 0) + by;
  }

  /** Notes how a request ended. */
  outcome(name: RequestName, outcome: RequestOutcome, by = 1): void {
    this.#outcomes[name][outcome] += by;
  }

  /** Adds one latency, as it was told to the client. */
  latency(name: LatencyName, ms: number): void {
    this.#latencies[name].count += 1;
    this.#latencies[name].sumMs += ms;
  }

  /** Notes what a client did wrong. */
  problem(text: string): void {
    this.#problems.push(text);
  }

  /** All of it so far, as a copy. */
  read(): SandboxTruth {
    const latencies: SandboxTruth['latencies'] = {};
    for (const [name, { count, sumMs }] of Object.entries(this.#latencies)) {
      latencies[name] = { count, meanMs: count === 0 ? 0 : sumMs / count };
    }
    return {
      counts: { ...this.#counts },
      inFlight: { ...this.#inFlight },
      outcomes: structuredClone(this.#outcomes),
      latencies,
      problems: [...this.#problems],
    };
  }
}
