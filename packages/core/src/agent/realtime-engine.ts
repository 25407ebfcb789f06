import type { AudioFrame } from '../audio/audio-frame.ts';
import type { Participant } from '../edge/edge.ts';
import { LLMRecorder } from '../llm/llm-recorder.ts';
import { errorFields } from '../logging/error-fields.ts';
import type { RealtimeSession } from '../realtime/realtime-session.ts';
import type { RealtimeRequest } from '../realtime/realtime.ts';
import type { ComponentContext } from '../stream/component-context.ts';
import { toolDeclarations } from '../tools/tool.ts';
import { Toolbox } from '../tools/toolbox.ts';
import type { TurnRecord } from '../turn/turn.ts';
import type { RealtimeAgentOptions } from './agent-options.ts';
import type { SpeakOptions } from './dialogue.ts';
import type { Briefing, Engine, EngineOpening, EngineParts } from './engine.ts';
import { RealtimeDialogue } from './realtime-dialogue.ts';
import { RealtimeLink } from './realtime-link.ts';
import { SpeakerSwitch } from './speaker-switch.ts';
import { tellOfReconnect } from './tell-of-reconnect.ts';

/** Opens the session with the model, once it is known what to tell it. @throws ProviderError */
export async function openRealtime(
  options: RealtimeAgentOptions,
  context: ComponentContext,
  brief: () => Promise<Briefing>,
): Promise<EngineOpening> {
  const { instructions, tools } = await brief();
  const request = { instructions, tools: toolDeclarations(tools) };
  const session = await options.realtime.open(request, context);
  return {
    start: (parts) => new RealtimeEngine(options, { session, request }, parts),
    close: () => session.close(),
  };
}

interface OpenSession {
  readonly session: RealtimeSession;
  readonly request: RealtimeRequest;
}

/** A call in which one model hears, thinks and speaks. */
class RealtimeEngine implements Engine {
  readonly #toolbox: Toolbox;
  readonly #speakers: SpeakerSwitch;
  readonly #link: RealtimeLink;
  readonly #dialogue: RealtimeDialogue;

  constructor(
    options: RealtimeAgentOptions,
    { session, request }: OpenSession,
    parts: EngineParts,
  ) {
    const { clock, metrics, events, logger, trace } = parts;
    const { provider, model } = options.realtime;
    const recorder = new LLMRecorder(provider, model, metrics);
    this.#toolbox = new Toolbox({ ...parts, recorder });
    this.#speakers = new SpeakerSwitch(clock);
    this.#link = new RealtimeLink({
      ...parts,
      model: options.realtime,
      request,
      history: () => this.#dialogue.conversation.messages,
      onEvent: (event) => {
        this.#dialogue.hear(event);
        if (event.type !== 'usage') return;
        // Also after the end of the dialogue: what comes then was paid for as well.
        trace.used(event.usage);
        events.emit('usage', { usage: event.usage });
      },
      onLost: (error) => {
        logger.error(errorFields(error), 'the session with the model is lost; trying again');
        this.#dialogue.sessionLost(error);
        // Not before: what a listener has said now is for the next session.
        events.emit('error', { error });
      },
      onReconnect: (attempt) => tellOfReconnect(attempt, undefined, parts),
      onGivenUp: (error) => parts.onFatal(error),
    });
    this.#dialogue = new RealtimeDialogue({
      ...parts,
      model: this.#link,
      speaker: () => this.#speakers.speaker,
      toolbox: this.#toolbox,
      deadAirMs: options.deadAirMs ?? 10_000,
      onSpeech: (participant) => this.#speakers.spoke(participant),
      onTurnClosed: ({ participant }) => {
        if (participant) this.#speakers.released(participant);
      },
    });
    this.#link.start(session);
  }

  admit(participant: Participant, atMs: number): void {
    this.#speakers.joined(participant);
    this.#dialogue.participantJoined(atMs);
  }

  dismiss(participant: Participant): void {
    this.#dialogue.participantLeft(participant);
    if (this.#speakers.speaker?.id === participant.id) this.#link.forgetHeard();
    this.#speakers.left(participant);
  }

  hear(participant: Participant, frame: AudioFrame): void {
    const { answeredId, isListening } = this.#dialogue;
    if (!this.#speakers.admits(participant, frame, answeredId)) return;
    // Silence, not nothing: the model's sense of time is the audio that it gets.
    this.#link.write(
      isListening ? frame : { ...frame, samples: new Int16Array(frame.samples.length) },
    );
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
    await Promise.allSettled([this.#link.close(), this.#toolbox.close()]);
  }
}
