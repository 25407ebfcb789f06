import type { TurnRecord } from '../../../src/index.ts';
import { Agent, ProviderError } from '../../../src/index.ts';
import type { ScriptedEdgeConnection } from '../../../src/testing/index.ts';
import { ManualClock, RecordingLogger, settled } from '../../../src/testing/index.ts';
import { CountedTools } from '../counted-tools.ts';
import type { ToldState } from '../played-conversation.ts';
import { UniqueWords } from '../unique-words.ts';
import { WatchedEdge } from '../watched-edge.ts';
import { GenerativeRealtime } from './generative-realtime.ts';
import type { Barrier, Prompt, RealtimeSeen, ToldRealtimeTurn } from './played-realtime.ts';
import type { Hush, RealtimeCaller, UnderstoodWords, Utterance } from './realtime-caller.ts';
import type { ReactionPlan, RealtimePlan } from './realtime-plan.ts';

/** A new session is given what was said before within this time, in parts. */
const CATCHING_UP_MS = 1000;

/** Audio of the callers comes in pieces of this length at most. */
const MICROPHONE_MS = 100;

/** An agent with a realtime model in a call of which everything is made up, and the books on it. */
export class RealtimeWorld {
  readonly clock: ManualClock = new ManualClock();
  readonly edge: WatchedEdge;
  readonly model: GenerativeRealtime;
  readonly tools: CountedTools;
  readonly agent: Agent;
  readonly logger: RecordingLogger = new RecordingLogger();
  readonly callers: readonly RealtimeCaller[];
  readonly words: UniqueWords = new UniqueWords('q');
  readonly programWords: UniqueWords = new UniqueWords('v');
  readonly turns: ToldRealtimeTurn[] = [];
  readonly states: ToldState[] = [];
  readonly utterances: Utterance[] = [];
  readonly understood: UnderstoodWords[] = [];
  readonly userTranscripts: { readonly who: string; readonly text: string }[] = [];
  readonly prompts: Prompt[] = [];
  readonly barriers: Barrier[] = [];
  readonly deadAir: { readonly turnId: string; readonly atMs: number }[] = [];
  readonly problems: string[] = [];
  readonly seen: RealtimeSeen = { endings: [], errors: 0, inputTokens: 0, framesAtEnd: undefined };
  /** When the first participant was there. */
  firstJoinedAtMs: number | undefined;
  hush: Hush | undefined;
  /** Words that are not certain yet. */
  pendingWords: string[] = [];
  isSpeechOpen = false;
  /** The last of which the words are certain. */
  toldUtterance: Utterance | undefined;
  /** What the world is doing to the agent at this very moment. */
  during: ToldRealtimeTurn['during'] = 'conversation';
  /** How much the agent is saying that must not be cut off. */
  uninterruptible = 0;
  readonly #reactions: { readonly plan: ReactionPlan; count: number }[];

  constructor(plan: RealtimePlan) {
    const { clock, logger } = this;
    const error = ProviderError.fromStatus('generative', 503);
    const isEdgeBroken = plan.agent.joinFails === 'edge';
    this.edge = new WatchedEdge([isEdgeBroken ? { error, delayMs: 7 } : { delayMs: 3 }]);
    this.model = new GenerativeRealtime(plan, clock, {
      lost: () => {
        this.isSpeechOpen = false;
        this.pendingWords = [];
        this.toldUtterance = this.utterances.at(-1);
      },
      counts: () => ({
        frames: this.frameCount,
        turns: this.turns.length,
        prompts: this.prompts.length,
      }),
    });
    this.tools = new CountedTools(plan.runs, clock);
    const { edge, model: realtime } = this;
    this.agent = new Agent({
      edge,
      realtime,
      clock,
      logger,
      agentUser: { id: 'agent' },
      tools: this.tools.tools,
      deadAirMs: plan.agent.deadAirMs,
    });
    this.callers = ['ann', 'bob'].map((id, index) => ({
      participant: { id },
      level: 5000 + index,
      isPresent: false,
      isTalking: false,
    }));
    this.#reactions = plan.reactions.map((reaction) => ({ plan: reaction, count: 0 }));
    this.#listen();
  }

  get state(): ToldState['state'] | undefined {
    return this.states.at(-1)?.state;
  }

  get connection(): ScriptedEdgeConnection | undefined {
    return this.edge.connections[0];
  }

  get frameCount(): number {
    return this.connection?.frames.length ?? 0;
  }

  /** Whom the model hears, as far as it can tell; in the silence of a call of one it is that one. */
  get heard(): RealtimeCaller | undefined {
    const present = this.callers.filter(({ isPresent }) => isPresent);
    const level = this.model.session?.lastLevel;
    return (
      present.find((caller) => caller.level === level) ??
      (present.length === 1 ? present[0] : undefined)
    );
  }

  /** Does something to the agent, and says so to whoever is told of its turns meanwhile. */
  doing(during: ToldRealtimeTurn['during'], work: () => void): void {
    const before = this.during;
    this.during = during;
    try {
      work();
    } finally {
      this.during = before;
    }
  }

  /** From now on nothing more is heard of what the model has begun to say. */
  silenced(why: string, level: number = this.model.answers.length): void {
    this.barriers.push({ why, atMs: this.clock.now(), frames: this.frameCount, level });
  }

  /** Has the program say or ask something; it must be told the end. */
  speak(how: Prompt['how'], text: string, interruptible: boolean): void {
    const prompt: Prompt = { how, text, interruptible, isSettled: false, record: undefined };
    this.prompts.push(prompt);
    const weight = interruptible ? 0 : 1;
    if (this.seen.endings.length === 0 && this.state !== 'closed')
      this.silenced('the program spoke');
    this.uninterruptible += weight;
    const told = (record?: TurnRecord): void => {
      prompt.isSettled = true;
      prompt.record = record;
      this.uninterruptible -= weight;
    };
    this.doing('program', () => {
      const work =
        how === 'say'
          ? this.agent.say(text, { interruptible })
          : this.agent.simpleResponse(text, { interruptible });
      work.then(told, () => told());
    });
  }

  /** Time passes, and the microphones of those who are there run. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += MICROPHONE_MS) {
      const pieceMs = Math.min(MICROPHONE_MS, ms - passed);
      await this.clock.advance(pieceMs);
      for (const caller of this.callers) if (caller.isPresent) this.#microphone(caller, pieceMs);
    }
    await settled();
  }

  /** Nobody says anything, or is heard at all. */
  async silence(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await settled();
  }

  #microphone({ participant, isTalking, level }: RealtimeCaller, ms: number): void {
    const samples = new Int16Array(ms * 16).fill(isTalking ? level : 0);
    const { session } = this.model;
    const sentBefore = session?.sentSamples ?? 0;
    this.connection?.hear(participant, { samples, sampleRateHz: 16_000 });
    if (!session || session.state !== 'open') return;
    const sent = session.sentSamples - sentBefore;
    if (sent !== 0 && sent !== samples.length)
      this.problems.push('the model heard a part of a frame');
    if (sent > 0 && this.uninterruptible > 0 && session.lastLevel !== 0) {
      this.problems.push('the model heard somebody while it must not be cut off');
    }
    const present = this.callers.filter(({ isPresent }) => isPresent);
    // What was heard while there was none is caught up with first.
    const isCaughtUp = this.clock.now() - session.openedAtMs > CATCHING_UP_MS;
    if (present.length === 1 && sent === 0 && isCaughtUp && this.state !== 'closed') {
      this.problems.push('the model does not hear the only one who is there');
    }
  }

  #listen(): void {
    const { agent, states, seen } = this;
    agent.on('state', ({ state }) => {
      states.push({ state, frames: this.frameCount });
      if (state === 'closed') {
        this.silenced('the end of the call');
        seen.framesAtEnd ??= this.frameCount;
      }
      if (state === 'thinking' || state === 'speaking' || state === 'listening') this.#react(state);
    });
    agent.on('turn', (record) => this.#turn(record));
    agent.on('user-transcript', ({ participant, text, final }) => {
      if (final) this.userTranscripts.push({ who: participant.id, text });
      this.#react('user-transcript');
    });
    agent.on('agent-transcript', () => this.#react('agent-transcript'));
    agent.on('dead-air', ({ turnId }) => {
      this.deadAir.push({ turnId, atMs: this.clock.now() });
    });
    agent.on('error', () => {
      seen.errors += 1;
      this.#react('error');
    });
    agent.on('usage', ({ usage }) => (seen.inputTokens += usage.inputTokens));
    agent.on('ended', ({ reason }) => seen.endings.push(reason));
  }

  #turn(record: TurnRecord): void {
    const { clock, model } = this;
    // Nothing else can end a turn once there is no model any more.
    const during = model.isGivenUp ? 'ending' : this.during;
    this.turns.push({
      record,
      during,
      atMs: clock.now(),
      frames: this.frameCount,
      answers: model.answers.length,
      interrupts: model.interrupts.length,
      hasSession: model.session !== undefined,
    });
    const isSilenced = this.barriers.at(-1)?.atMs === clock.now();
    const begun = model.answers.findLastIndex(({ hasBegun }) => hasBegun) + 1;
    if (record.outcome === 'interrupted' && !isSilenced) {
      this.silenced(`${record.id} was cut off`, begun);
    }
    this.#react('turn');
  }

  #react(to: ReactionPlan['to']): void {
    for (const reaction of this.#reactions) {
      if (reaction.plan.to !== to) continue;
      reaction.count += 1;
      if (reaction.count !== reaction.plan.nth) continue;
      const { does, interruptible } = reaction.plan;
      if (does === 'close') this.end(() => void this.agent.close());
      else this.speak(does, this.programWords.sentence(3), interruptible);
    }
  }

  /** Ends the call. */
  end(work: () => void): void {
    this.doing('ending', work);
  }
}
