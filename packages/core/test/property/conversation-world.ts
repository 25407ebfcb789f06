import type { AgentState, AudioFrame, TurnRecord } from '../../src/index.ts';
import { Agent, ProviderError, silence } from '../../src/index.ts';
import type { ScriptedEdgeConnection } from '../../src/testing/index.ts';
import { ManualClock, RecordingLogger, settled } from '../../src/testing/index.ts';
import { Caller } from './caller.ts';
import type { ConversationPlan } from './conversation-plan.ts';
import { CountedTools } from './counted-tools.ts';
import { GenerativeLLM } from './generative-llm.ts';
import { GenerativeSTT } from './generative-stt.ts';
import { GenerativeTTS } from './generative-tts.ts';
import { GenerativeTurnDetector } from './generative-turn-detector.ts';
import { GivingWay } from './giving-way.ts';
import type {
  PlayedConversation,
  ReportedWords,
  ToldState,
  ToldTurn,
} from './played-conversation.ts';
import { UniqueWords } from './unique-words.ts';
import { WatchedEdge } from './watched-edge.ts';

/** What the agent says of its own accord: the words are their own, too. */
const APOLOGY = 'Zapologies zfrom zme.';
const FILLER = 'Zone zmoment.';

/** Audio of the callers comes in pieces of this length at most. */
const MICROPHONE_MS = 100;

/** An agent in a call of which everything is made up, and the books that are kept on it. */
export class ConversationWorld {
  readonly clock: ManualClock = new ManualClock();
  readonly edge: WatchedEdge;
  readonly llm: GenerativeLLM;
  readonly tts: GenerativeTTS;
  readonly stt: GenerativeSTT;
  readonly detector: GenerativeTurnDetector | undefined;
  readonly tools: CountedTools;
  readonly agent: Agent;
  readonly callers: readonly Caller[];
  readonly programWords: UniqueWords = new UniqueWords('v');
  readonly turns: ToldTurn[] = [];
  readonly states: ToldState[] = [];
  readonly reported: ReportedWords[] = [];
  readonly prompts: string[] = [];
  readonly problems: string[] = [];
  readonly seen: Record<keyof PlayedConversation['seen'], number> = {
    deadAir: 0,
    endings: 0,
    sttErrorFacts: 0,
    promises: 0,
    settledPromises: 0,
  };
  /** Final words that the agent took, as it told of them. */
  taken = 0;
  /** How much the agent is saying that must not be cut off. */
  uninterruptible = 0;
  readonly givingWay: GivingWay;
  /** What the world is doing to the agent at this very moment. */
  during: ToldTurn['during'] = 'conversation';

  constructor({ agent, rounds, voices, openings, runs }: ConversationPlan) {
    const { clock } = this;
    const error = ProviderError.fromStatus('generative', 503);
    this.edge = new WatchedEdge([agent.brokenPart === 'edge' ? { error, delayMs: 7 } : {}]);
    this.llm = new GenerativeLLM(rounds, clock, () => ({
      isSpeculation: this.state === 'speculating',
      frames: this.frameCount,
    }));
    this.tts = new GenerativeTTS(voices, clock, agent.brokenPart !== 'voice');
    this.stt = new GenerativeSTT(agent.turnEnds === 'stt', openings, clock);
    this.detector = agent.turnEnds === 'detector' ? new GenerativeTurnDetector() : undefined;
    this.tools = new CountedTools(runs, clock);
    const { edge, llm, tts, stt } = this;
    const { unfinishedDelayMs, fillerAfterMs } = agent;
    const logger = new RecordingLogger();
    this.agent = new Agent({
      edge,
      llm,
      tts,
      stt,
      clock,
      logger,
      agentUser: { id: 'agent' },
      tools: this.tools.tools,
      speculation: agent.speculation,
      interruption: agent.interruption,
      crossTalk: agent.crossTalk,
      apology: agent.apologises ? APOLOGY : '',
      maxToolRounds: agent.maxToolRounds,
      ...(this.detector && { turnDetector: this.detector, endpointing: { unfinishedDelayMs } }),
      ...(fillerAfterMs !== undefined && { toolFiller: { text: FILLER, afterMs: fillerAfterMs } }),
    });
    const words = new UniqueWords('q');
    this.callers = ['ann', 'bob'].map((id) => new Caller(id, words));
    this.givingWay = new GivingWay(this, agent);
    this.#listen();
  }

  get state(): AgentState | undefined {
    return this.states.at(-1)?.state;
  }

  get connection(): ScriptedEdgeConnection | undefined {
    return this.edge.connections[0];
  }

  get frameCount(): number {
    return this.connection?.frames.length ?? 0;
  }

  /** Does something to the agent, and says so to whoever is told of its turns meanwhile. */
  doing(during: ToldTurn['during'], work: () => void): void {
    this.during = during;
    try {
      work();
    } finally {
      this.during = 'conversation';
    }
  }

  /** Has the program say or ask something; it must be told the end. */
  speak(work: () => Promise<TurnRecord>, interruptible: boolean): void {
    this.seen.promises += 1;
    const weight = interruptible ? 0 : 1;
    this.uninterruptible += weight;
    const told = (): void => {
      this.seen.settledPromises += 1;
      this.uninterruptible -= weight;
    };
    this.doing('program', () => {
      work().then(told, told);
    });
  }

  /** Time passes, and the microphones of those who are there run. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += MICROPHONE_MS) {
      const pieceMs = Math.min(MICROPHONE_MS, ms - passed);
      await this.clock.advance(pieceMs);
      for (const caller of this.callers) {
        if (caller.isPresent) this.hear(caller, silence(pieceMs, 16_000));
      }
    }
    await settled();
    this.givingWay.checkPause();
  }

  /** A piece of somebody's audio. */
  hear(caller: Caller, frame: AudioFrame): void {
    caller.heardAtMs = this.clock.now();
    this.connection?.hear(caller.participant, frame);
  }

  /** Nobody says anything, or is heard at all. */
  async silence(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await settled();
  }

  #listen(): void {
    const { agent, turns, states } = this;
    agent.on('state', ({ state }) => states.push({ state, frames: this.frameCount }));
    agent.on('turn', (record) => {
      const speeches = this.tts.speeches.length;
      turns.push({ record, during: this.during, frames: this.frameCount, speeches });
    });
    agent.on('user-transcript', ({ final }) => {
      if (final) this.taken += 1;
    });
    agent.on('dead-air', () => (this.seen.deadAir += 1));
    agent.on('ended', () => (this.seen.endings += 1));
  }
}
