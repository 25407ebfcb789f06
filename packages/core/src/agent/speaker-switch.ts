import type { AudioFrame } from '../audio/audio-frame.ts';
import type { Clock } from '../clock/clock.ts';
import type { Participant } from '../edge/edge.ts';
import { Floor } from './floor.ts';

/** Quieter than this (root mean square, -41 dB of full scale) is the noise of a room. */
const AUDIBLE_LEVEL = 300;

/**
 * Lets one participant at a time be heard by a model that takes all it hears for one voice: who spoke
 * first, until they were answered. Who else is in the call is not heard meanwhile.
 */
export class SpeakerSwitch {
  readonly #floor: Floor;
  readonly #present = new Map<string, Participant>();
  #speaker: Participant | undefined;

  constructor(clock: Clock) {
    this.#floor = new Floor('first-speaker', clock);
  }

  /** Whose audio the model hears; undefined while nobody is there. */
  get speaker(): Participant | undefined {
    return this.#speaker;
  }

  joined(participant: Participant): void {
    this.#present.set(participant.id, participant);
    this.#speaker ??= participant;
  }

  left(participant: Participant): void {
    this.#present.delete(participant.id);
    this.released(participant);
    if (this.#speaker?.id === participant.id) this.#speaker = this.#present.values().next().value;
  }

  /** The model hears them speak: they are heard until they were answered. */
  spoke({ id }: Participant): void {
    this.#floor.admits(id, undefined);
  }

  /** They were answered: whoever speaks next is heard. */
  released({ id }: Participant): void {
    this.#floor.release(id);
  }

  /**
   * Whether a participant's frame is for the model.
   * @param answeredId whom the agent is answering
   */
  admits(participant: Participant, frame: AudioFrame, answeredId: string | undefined): boolean {
    if (this.#present.size > 1 && levelOf(frame) >= AUDIBLE_LEVEL) {
      if (this.#floor.admits(participant.id, answeredId)) this.#speaker = participant;
    }
    return this.#speaker?.id === participant.id;
  }
}

function levelOf({ samples }: AudioFrame): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / Math.max(1, samples.length));
}
