import type { PipelineAgentOptions, Clock, Logger, TurnRecord } from '../src/index.ts';
import { Agent, AsyncQueue, silence, systemClock } from '../src/index.ts';
import { InstantEdge, InstantLLM, InstantSTT, InstantTTS } from './instant-components.ts';

const FRAME_MS = 20;

/** A logger that says nothing. */
export const MUTE: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A clock on which the time that a frame sounds is over at once: only our own work is left. */
export function hurriedClock(): Clock {
  let aheadMs = 0;
  return {
    now: () => systemClock.now() + aheadMs,
    after(delayMs, callback) {
      if (delayMs > FRAME_MS) return systemClock.after(delayMs, callback);
      const timer = setImmediate(() => {
        aheadMs += delayMs;
        callback();
      });
      return () => clearImmediate(timer);
    },
  };
}

/** One caller in one call with an agent of instant components. */
export class BenchCall implements AsyncDisposable {
  readonly edge: InstantEdge = new InstantEdge();
  readonly stt: InstantSTT = new InstantSTT();
  readonly agent: Agent;
  readonly #turnsEnded = new AsyncQueue<TurnRecord>();
  readonly #records = this.#turnsEnded[Symbol.asyncIterator]();
  #heardMs = 0;

  constructor(options: Partial<PipelineAgentOptions> = {}) {
    const [llm, tts] = [new InstantLLM(), new InstantTTS()];
    const { edge, stt } = this;
    this.agent = new Agent({ edge, stt, llm, tts, agentUser: { id: 'agent' }, ...options });
    this.agent.on('turn', (record) => this.#turnsEnded.push(record));
  }

  async join(): Promise<this> {
    await this.agent.join(await this.agent.createCall('default', 'bench'));
    return this;
  }

  /** The caller's microphone is heard for one frame. */
  hear(): void {
    this.edge.hear(silence(FRAME_MS, 16_000));
    this.#heardMs += FRAME_MS;
  }

  /** The caller has said something, and that was all. */
  ask(): void {
    const speech = { speechStartMs: this.#heardMs - FRAME_MS, speechEndMs: this.#heardMs - 10 };
    this.stt.facts.push({ type: 'transcript', text: 'Is it open?', final: true, ...speech });
    this.stt.facts.push({ type: 'turn-end', eager: false });
  }

  /** The caller begins to speak, and means it: the words are no back-channel. */
  interrupt(): void {
    const text = 'No, that is not what I meant';
    this.stt.facts.push({ type: 'speech-start', offsetMs: this.#heardMs - FRAME_MS });
    this.stt.facts.push({ type: 'transcript', text, final: false });
  }

  /** The record of the next turn that ends. */
  async nextTurn(): Promise<TurnRecord> {
    const { value } = await this.#records.next();
    if (value === undefined) throw new Error('no turn comes any more');
    return value;
  }

  /** The next turn ends, and as it should. */
  async ended(): Promise<void> {
    const { outcome, timeline } = await this.nextTurn();
    if (outcome !== 'completed' || !timeline) throw new Error('an incomplete turn');
  }

  /** One whole turn, from the caller's last word to the agent's. */
  async takeTurn(): Promise<void> {
    this.hear();
    this.ask();
    await this.ended();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.agent.close();
  }
}
