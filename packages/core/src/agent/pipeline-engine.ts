import type { AudioFrame } from '../audio/audio-frame.ts';
import type { ReconnectAttempt } from '../connection/reconnects.ts';
import type { Participant } from '../edge/edge.ts';
import { errorFields } from '../logging/error-fields.ts';
import type { ComponentContext } from '../stream/component-context.ts';
import { Toolbox } from '../tools/toolbox.ts';
import type { Voice } from '../tts/tts-stream.ts';
import type { TurnRecord } from '../turn/turn.ts';
import type { PipelineAgentOptions } from './agent-options.ts';
import type { SpeakOptions } from './dialogue.ts';
import { Dialogue } from './dialogue.ts';
import { Ears } from './ears.ts';
import type { Engine, EngineOpening, EngineParts } from './engine.ts';
import { interruptionSettings } from './interruption-options.ts';
import { tellOfReconnect } from './tell-of-reconnect.ts';

const DEFAULT_APOLOGY = "I'm sorry, something went wrong. Could you say that again?";

/** Opens the voice. @throws ProviderError */
export async function openPipeline(
  options: PipelineAgentOptions,
  context: ComponentContext,
): Promise<EngineOpening> {
  let parts: EngineParts | undefined;
  const onReconnect = (attempt: ReconnectAttempt): void => {
    if (parts) tellOfReconnect(attempt, undefined, parts);
  };
  const tts = await options.tts.open({ ...context, onReconnect });
  return {
    start: (engineParts) => {
      parts = engineParts;
      return new PipelineEngine(options, tts, parts);
    },
    close: () => tts.close(),
  };
}

/** A call in which one model hears, another thinks and a third speaks. */
class PipelineEngine implements Engine {
  readonly #options: PipelineAgentOptions;
  readonly #parts: EngineParts;
  readonly #tts: Voice;
  readonly #toolbox: Toolbox;
  readonly #dialogue: Dialogue;
  readonly #ears = new Map<string, Ears>();
  /** The ears of those who left, while they are being closed. */
  readonly #closing = new Set<Promise<void>>();

  constructor(options: PipelineAgentOptions, tts: Voice, parts: EngineParts) {
    this.#options = options;
    this.#parts = parts;
    this.#tts = tts;
    const recorder = options.llm.recorder(parts.metrics);
    this.#toolbox = new Toolbox({ ...parts, recorder });
    this.#dialogue = new Dialogue({
      ...parts,
      llm: options.llm,
      tts,
      toolbox: this.#toolbox,
      toolFiller: options.toolFiller,
      maxToolRounds: options.maxToolRounds ?? 5,
      turnEnds: turnEndsOf(options),
      speculates: options.speculation ?? true,
      interruption:
        options.interruption === false
          ? undefined
          : interruptionSettings(options.interruption ?? {}),
      crossTalk: options.crossTalk ?? 'open',
      apology: options.apology ?? DEFAULT_APOLOGY,
      deadAirMs: options.deadAirMs ?? 10_000,
      onSettled: ({ id }) => this.#ears.get(id)?.settle(),
    });
  }

  admit(participant: Participant, atMs: number): void {
    const options = this.#options;
    const { events, logger } = this.#parts;
    const ears = new Ears({
      ...this.#parts,
      stt: options.stt,
      turnDetector: options.turnDetector,
      unfinishedDelayMs: options.endpointing?.unfinishedDelayMs ?? 700,
      participant,
      onEvent: (event) => this.#dialogue.hear(participant, event),
      onLost: (wordsAreDue) => this.#dialogue.listenerLost(participant, wordsAreDue),
      onLive: () => this.#dialogue.listenerLive(participant),
      onReconnect: (attempt) => tellOfReconnect(attempt, participant, this.#parts),
      onError: (error, what) => {
        events.emit('error', { error });
        const fields = { participant: participant.id, ...errorFields(error) };
        logger.error(fields, `${what} failed; trying again`);
      },
    });
    this.#ears.set(participant.id, ears);
    this.#dialogue.participantJoined(atMs);
  }

  dismiss(participant: Participant): void {
    this.#closeEars(participant.id);
    this.#dialogue.participantLeft(participant);
  }

  hear(participant: Participant, frame: AudioFrame): void {
    this.#ears.get(participant.id)?.hear(frame);
  }

  say(text: string, options: SpeakOptions): Promise<TurnRecord> {
    return this.#dialogue.say(text, options);
  }

  simpleResponse(text: string, options: SpeakOptions): Promise<TurnRecord> {
    return this.#dialogue.simpleResponse(text, options);
  }

  stop(): void {
    this.#dialogue.close();
  }

  async close(): Promise<void> {
    for (const id of this.#ears.keys()) this.#closeEars(id);
    // None may fail, but if one does the call is over all the same.
    await Promise.allSettled([this.#tts.close(), this.#toolbox.close(), ...this.#closing]);
  }

  #closeEars(participantId: string): void {
    const closed = this.#ears.get(participantId)?.close();
    this.#ears.delete(participantId);
    if (!closed) return;
    this.#closing.add(closed);
    void closed.then(() => this.#closing.delete(closed));
  }
}

function turnEndsOf({
  stt,
  turnDetector,
}: PipelineAgentOptions): 'stt' | 'detector' | 'transcripts' {
  if (stt.detectsTurns) return 'stt';
  return turnDetector ? 'detector' : 'transcripts';
}
