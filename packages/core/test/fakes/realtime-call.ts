import { onTestFinished } from 'vitest';

import type {
  AgentEvents,
  AgentState,
  Participant,
  RealtimeAgentOptions,
  RealtimeFact,
  SessionEndReason,
  TurnRecord,
} from '../../src/index.ts';
import { Agent, pcmBytes } from '../../src/index.ts';
import type {
  RealtimeOpening,
  ScriptedEdgeConnection,
  ScriptedRealtimeConnection,
} from '../../src/testing/index.ts';
import {
  ManualClock,
  RecordingLogger,
  ScriptedEdge,
  ScriptedRealtime,
  settled,
} from '../../src/testing/index.ts';
import { CALLER } from './test-call.ts';

/** What a test expects, and what it wants otherwise. */
export interface RealtimeScript {
  /** @default one that succeeds at once */
  readonly openings?: readonly RealtimeOpening[];
  /** @default the caller alone */
  readonly present?: readonly Participant[];
  readonly agent?: Partial<RealtimeAgentOptions>;
}

/** An agent with a realtime model that the test plays, on a clock that the test turns. */
export class RealtimeCall {
  readonly clock: ManualClock = new ManualClock();
  readonly edge: ScriptedEdge;
  readonly realtime: ScriptedRealtime;
  readonly logger: RecordingLogger = new RecordingLogger();
  readonly agent: Agent;
  readonly states: AgentState[] = [];
  readonly turns: TurnRecord[] = [];
  readonly errors: unknown[] = [];
  readonly endings: SessionEndReason[] = [];
  readonly deadAir: string[] = [];
  readonly userTranscripts: AgentEvents['user-transcript'][] = [];
  readonly agentTranscripts: AgentEvents['agent-transcript'][] = [];
  #heardMs = 0;

  constructor(script: RealtimeScript = {}) {
    const { clock, logger } = this;
    this.edge = new ScriptedEdge([{ present: script.present ?? [CALLER] }]);
    this.realtime = new ScriptedRealtime(script.openings ?? [{}]);
    const { edge, realtime } = this;
    const agentUser = { id: 'agent', name: 'Agent' };
    this.agent = new Agent({ edge, realtime, logger, clock, agentUser, ...script.agent });
    this.agent.on('state', ({ state }) => this.states.push(state));
    this.agent.on('turn', (turn) => this.turns.push(turn));
    this.agent.on('error', ({ error }) => this.errors.push(error));
    this.agent.on('ended', ({ reason }) => this.endings.push(reason));
    this.agent.on('dead-air', ({ turnId }) => this.deadAir.push(turnId));
    this.agent.on('user-transcript', (event) => this.userTranscripts.push(event));
    this.agent.on('agent-transcript', (event) => this.agentTranscripts.push(event));
    onTestFinished(() => this.verify());
  }

  /** The agent's place in the call. */
  get connection(): ScriptedEdgeConnection {
    return existing(this.edge.connections[0]);
  }

  /** The newest session with the model. */
  get model(): ScriptedRealtimeConnection {
    return existing(this.realtime.connections.at(-1));
  }

  /** How much audio the model was sent, in milliseconds. */
  get sentMs(): number {
    return this.model.sent.reduce((sum, samples) => sum + samples.length / 16, 0);
  }

  async join(): Promise<this> {
    await this.agent.join(await this.agent.createCall('default', 'test'));
    await settled();
    return this;
  }

  /** The model tells facts. */
  async report(...facts: RealtimeFact[]): Promise<void> {
    this.model.report(...facts);
    await settled();
  }

  /** A participant's microphone runs for a time, as loud as wanted. */
  async microphone(ms: number, level = 0, participant: Participant = CALLER): Promise<void> {
    for (let passed = 0; passed < ms; passed += 20) {
      await this.clock.advance(20);
      const samples = new Int16Array(320).fill(level);
      this.connection.hear(participant, { samples, sampleRateHz: 16_000 });
    }
    this.#heardMs += ms;
  }

  /** The caller says something for 400 ms; the model notices the end of it after `silenceMs`. */
  async userSays(text: string, silenceMs = 200): Promise<void> {
    await this.report({ type: 'user-speech-start', offsetMs: this.#heardMs });
    await this.microphone(400);
    const offsetMs = this.#heardMs;
    await this.microphone(silenceMs);
    await this.report({ type: 'user-speech-end', offsetMs });
    if (text !== '') await this.report({ type: 'user-transcript', text, final: true });
  }

  /** The model sends audio of so many milliseconds, and all of it is these words. */
  async modelSays(text: string, audioMs: number, final = true): Promise<void> {
    const bytes = pcmBytes(new Int16Array(audioMs * 24));
    await this.report({ type: 'audio', bytes }, { type: 'agent-transcript', text, final });
  }

  async modelEnds(outcome: 'completed' | 'interrupted' | 'error' = 'completed'): Promise<void> {
    await this.report({ type: 'response-end', outcome });
  }

  /** Time passes, and what follows from it happens. */
  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await settled();
  }

  /** Ends the call and checks that nothing is left. */
  async verify(): Promise<void> {
    await this.agent.close();
    await settled();
    for (const { script } of [this.edge, this.realtime]) script.verify();
    const left = {
      timers: this.clock.pendingTimers,
      sessions: this.agent.metrics.realtimeSessions.total,
      sockets: this.agent.metrics.providerConnections.total,
      edge: this.edge.connections.filter(({ closes }) => closes.length === 0).length,
    };
    const open = Object.entries(left).filter(([, count]) => count !== 0);
    if (open.length > 0) throw new Error(`left open: ${JSON.stringify(Object.fromEntries(open))}`);
  }
}

function existing<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('there is none yet');
  return value;
}
