import type { Caller } from './caller.ts';
import type { AgentPlan, InterruptionPlan } from './conversation-plan.ts';
import type { ConversationWorld } from './conversation-world.ts';

/** Somebody who begins to make a sound while the agent responds. */
interface Sound {
  readonly sinceMs: number;
  /** How many turns were over then: when it is as many later, the agent still responds to the same. */
  readonly turns: number;
  readonly wasSpeaking: boolean;
}

/** Watches that the agent falls silent for whoever speaks, and gives way to words. */
export class GivingWay {
  readonly #world: ConversationWorld;
  readonly #options: InterruptionPlan | false;
  readonly #crossTalk: AgentPlan['crossTalk'];
  readonly #sounds = new Map<Caller, Sound>();

  constructor(world: ConversationWorld, { interruption, crossTalk }: AgentPlan) {
    this.#world = world;
    this.#options = interruption;
    this.#crossTalk = crossTalk;
  }

  soundStarted(caller: Caller): void {
    const { clock, turns } = this.#world;
    if (this.#sounds.has(caller)) return;
    const wasSpeaking = this.#mayBeCutOff && this.#world.state === 'speaking';
    this.#sounds.set(caller, { sinceMs: clock.now(), turns: turns.length, wasSpeaking });
  }

  soundEnded(caller: Caller): void {
    this.#sounds.delete(caller);
  }

  /** Time has passed: a sound that lasts makes the agent pause, until it proves a false alarm. */
  checkPause(): void {
    const { clock, state, turns, problems } = this.#world;
    // Who does not hold the floor makes no sound.
    if (this.#crossTalk !== 'open') return;
    if (this.#options === false || this.#options.minWords > 1) return;
    const { minSpeechMs, falseAlarmMs } = this.#options;
    for (const [{ participant }, sound] of this.#sounds) {
      const lastedMs = clock.now() - sound.sinceMs - minSpeechMs;
      const isSame = sound.wasSpeaking && sound.turns === turns.length;
      if (isSame && lastedMs > 1 && lastedMs < falseAlarmMs && state === 'speaking') {
        problems.push(`the agent speaks while ${participant.id} has made a sound for long`);
      }
    }
  }

  /** Has words reported, -1 for a back-channel; those that are certain make the agent give way. */
  async words(caller: Caller, count: number, report: () => Promise<void>): Promise<void> {
    const { clock, turns, problems, state } = this.#world;
    const sound = this.#sounds.get(caller);
    this.#sounds.delete(caller);
    const before = turns.length;
    const { taken } = this.#world;
    const isResponding = state === 'thinking' || state === 'speaking' || state === 'paused';
    const isDue = this.#mayBeCutOff && isResponding;
    await report();
    if (this.#options === false || !isDue || this.#world.taken === taken) return;
    const { minSpeechMs, minWords } = this.#options;
    const isLong = sound !== undefined && clock.now() - sound.sinceMs >= minSpeechMs;
    if (!isLong || count < minWords || turns.length > before) return;
    problems.push(`${caller.participant.id} said ${count} words, and the agent went on`);
  }

  get #mayBeCutOff(): boolean {
    return this.#options !== false && this.#world.uninterruptible === 0;
  }
}
