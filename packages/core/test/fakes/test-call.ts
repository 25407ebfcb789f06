import { onTestFinished } from 'vitest';

import type {
  AgentEvents,
  PipelineAgentOptions,
  AgentState,
  JoinOptions,
  Participant,
  SessionEndReason,
  TurnRecord,
} from '../../src/index.ts';
import { Agent, silence } from '../../src/index.ts';
import {
  ManualClock,
  RecordingLogger,
  ScriptedEdge,
  ScriptedLLM,
  ScriptedSTT,
  ScriptedTTS,
  settled,
} from '../../src/testing/index.ts';
import type {
  EdgeJoin,
  LLMStep,
  ScriptedEdgeConnection,
  ScriptedSpeech,
  ScriptedSTTConnection,
  STTOpening,
  TTSOpening,
} from '../../src/testing/index.ts';

/** The caller of the tests that need one. */
export const CALLER: Participant = { id: 'caller', name: 'Caller' };

/** The level of a voice. */
const LOUD = 3000;

/** What a test expects of each component, and what it wants otherwise. */
export interface CallScript {
  readonly rounds?: readonly (readonly LLMStep[])[];
  readonly speeches?: readonly ScriptedSpeech[];
  /** @default one that succeeds at once */
  readonly openings?: readonly STTOpening[];
  readonly ttsOpening?: TTSOpening;
  readonly ttsSampleRateHz?: number;
  /** @default one that succeeds at once with {@link CALLER} in the call */
  readonly join?: EdgeJoin;
  /** @default true */
  readonly detectsTurns?: boolean;
  readonly clock?: ManualClock;
  readonly agent?: Partial<PipelineAgentOptions>;
}

/** An agent made of fakes on a clock that the test turns. */
export class TestCall {
  readonly clock: ManualClock;
  readonly edge: ScriptedEdge;
  readonly stt: ScriptedSTT;
  readonly llm: ScriptedLLM;
  readonly tts: ScriptedTTS;
  readonly logger: RecordingLogger = new RecordingLogger();
  readonly agent: Agent;
  /** What the agent told, by event, in order. */
  readonly states: AgentState[] = [];
  readonly turns: TurnRecord[] = [];
  readonly errors: unknown[] = [];
  readonly endings: SessionEndReason[] = [];
  readonly reconnects: AgentEvents['reconnect'][] = [];
  readonly userTranscripts: AgentEvents['user-transcript'][] = [];
  readonly agentTranscripts: AgentEvents['agent-transcript'][] = [];
  readonly arrivals: string[] = [];
  readonly departures: string[] = [];
  readonly #heardMs = new Map<string, number>();

  constructor(script: CallScript = {}) {
    this.clock = script.clock ?? new ManualClock();
    this.edge = new ScriptedEdge([script.join ?? { present: [CALLER] }]);
    this.stt = new ScriptedSTT(script.openings ?? [{}], { detectsTurns: script.detectsTurns });
    this.llm = new ScriptedLLM(script.rounds ?? [], { clock: this.clock });
    this.tts = new ScriptedTTS(script.speeches ?? [], {
      opening: script.ttsOpening,
      sampleRateHz: script.ttsSampleRateHz,
    });
    const { edge, stt, llm, tts, logger, clock } = this;
    const agentUser = { id: 'agent', name: 'Agent' };
    // Apologies have tests of their own; in the others they would be speech that nobody scripted.
    const apology = '';
    const parts = { edge, stt, llm, tts, logger, clock, agentUser, apology };
    this.agent = new Agent({ ...parts, ...script.agent });
    this.agent.on('state', ({ state }) => this.states.push(state));
    this.agent.on('turn', (turn) => this.turns.push(turn));
    this.agent.on('error', ({ error }) => this.errors.push(error));
    this.agent.on('ended', ({ reason }) => this.endings.push(reason));
    this.agent.on('reconnect', (event) => this.reconnects.push(event));
    this.agent.on('user-transcript', (event) => this.userTranscripts.push(event));
    this.agent.on('agent-transcript', (event) => this.agentTranscripts.push(event));
    this.agent.on('participant-joined', ({ participant }) => this.arrivals.push(participant.id));
    this.agent.on('participant-left', ({ participant }) => this.departures.push(participant.id));
    onTestFinished(() => this.verify());
  }

  /** The agent's place in the call. */
  get connection(): ScriptedEdgeConnection {
    return existing(this.edge.connections[0]);
  }

  /** The newest connection to the speech to text. */
  get ears(): ScriptedSTTConnection {
    return existing(this.stt.connections.at(-1));
  }

  /** When each frame left. */
  get frameTimes(): number[] {
    return this.connection.frames.map(({ atMs }) => atMs);
  }

  /** The loudness of each frame that left: which sentence it is of. */
  get frameLevels(): (number | undefined)[] {
    return this.connection.frames.map(({ samples }) => samples[0]);
  }

  /** Joins, and somebody is there. */
  async join(): Promise<this> {
    const joining = this.startJoining();
    await settled();
    await joining;
    await settled();
    return this;
  }

  /** Joins a call with nobody in it, and does not wait for anybody. */
  async joinAlone(): Promise<this> {
    await this.startJoining({ participantTimeoutMs: 0 });
    return this;
  }

  /** Asks to join; the test sees to it that it can go on. */
  async startJoining(options?: JoinOptions): Promise<AsyncDisposable> {
    return this.agent.join(await this.agent.createCall('default', 'test'), options);
  }

  /** A participant's microphone runs in silence for a time; the ears get frames of 20 ms. */
  microphone(ms: number, participant: Participant = CALLER): Promise<void> {
    return this.sound(ms, participant, 0);
  }

  /** A participant is heard for a time. */
  async sound(ms: number, participant: Participant = CALLER, level: number = LOUD): Promise<void> {
    for (let passed = 0; passed < ms; passed += 20) {
      await this.clock.advance(20);
      const { samples, sampleRateHz } = silence(20, 16_000);
      this.connection.hear(participant, { samples: samples.fill(level), sampleRateHz });
    }
    this.#heardMs.set(participant.id, this.heardMs(participant) + ms);
  }

  /** How much audio of a participant there was. */
  heardMs({ id }: Participant = CALLER): number {
    return this.#heardMs.get(id) ?? 0;
  }

  /**
   * The caller says something for 400 ms and falls silent for `silenceMs`, after which the speech to
   * text has the words and declares the turn over.
   */
  async userSays(text: string, silenceMs = 200): Promise<void> {
    const speechStartMs = this.heardMs();
    this.ears.report({ type: 'speech-start', offsetMs: speechStartMs });
    await this.microphone(400);
    const speechEndMs = this.heardMs();
    await this.microphone(silenceMs);
    this.ears.report({ type: 'transcript', text, final: true, speechStartMs, speechEndMs });
    this.ears.report({ type: 'turn-end', eager: false });
    await settled();
  }

  /** The caller begins to speak, and its first words are known at once. */
  async bargeIn(text = 'Wait'): Promise<void> {
    this.ears.report({ type: 'speech-start' }, { type: 'transcript', text, final: false });
    await settled();
  }

  /** Ends the call and checks that nothing is left: neither timers nor connections nor steps. */
  async verify(): Promise<void> {
    await this.agent.close();
    await settled();
    for (const { script } of [this.edge, this.stt, this.llm, this.tts]) script.verify();
    const left = {
      timers: this.clock.pendingTimers,
      stt: this.stt.openConnections,
      tts: this.tts.openConnections,
      edge: this.edge.connections.filter(({ closes }) => closes.length === 0).length,
    };
    const open = Object.entries(left).filter(([, count]) => count > 0);
    if (open.length > 0) throw new Error(`left open: ${JSON.stringify(Object.fromEntries(open))}`);
  }
}

function existing<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('there is none yet');
  return value;
}
