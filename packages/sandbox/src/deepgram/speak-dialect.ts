import { randomUUID } from 'node:crypto';

import type { SpeakTurn } from './speak-turn.ts';

type Message = Record<string, unknown>;

/** What the versions of `speak` say of what happens; undefined where they say nothing. */
export interface SpeakDialect {
  readonly version: 'v1' | 'v2';
  /** The client's message that cuts what is being spoken. */
  readonly cut: 'Clear' | 'Interrupt';
  connected(model: string): Message;
  /** A turn begins to be spoken. */
  started(turn: SpeakTurn): Message | undefined;
  /** A flush was received. */
  flushReceived(turn: SpeakTurn): Message | undefined;
  /** All of a turn was sent. */
  spoken(turn: SpeakTurn): Message;
  /** A turn was cut; undefined: there was none. */
  wasCut(turn: SpeakTurn | undefined, sessionAudioMs: number): Message;
  /** The last word before a close that was asked for. */
  goodbye(sessionAudioMs: number, characters: number): Message | undefined;
}

/** A warning, which looks alike in both. */
export function warning(code: string, description: string): Message {
  return { type: 'Warning', code, description };
}

/** `/v1/speak`, of the Aura voices: flushes are numbered, and answered when their audio was sent. */
export class AuraDialect implements SpeakDialect {
  readonly version = 'v1';
  readonly cut = 'Clear';
  #sequence = 0;

  connected(model: string): Message {
    const id = randomUUID();
    return {
      type: 'Metadata',
      request_id: id,
      model_name: model,
      model_version: '2026-01-01.0',
      model_uuid: id,
      additional_model_uuids: [],
    };
  }

  started(): undefined {}

  flushReceived(): undefined {}

  spoken(): Message {
    return this.#numbered('Flushed');
  }

  wasCut(): Message {
    return this.#numbered('Cleared');
  }

  goodbye(): undefined {}

  #numbered(type: string): Message {
    const message = { type, sequence_id: this.#sequence };
    this.#sequence += 1;
    return message;
  }
}

/** `/v2/speak`, of the Flux voices: turns with ids, told from their beginning to their end. */
export class FluxSpeakDialect implements SpeakDialect {
  readonly version = 'v2';
  readonly cut = 'Interrupt';

  connected(model: string): Message {
    return {
      type: 'Connected',
      request_id: randomUUID(),
      model_name: model,
      model_version: '2026.06.01',
      model_uuids: [randomUUID()],
    };
  }

  started(turn: SpeakTurn): Message {
    return { type: 'SpeechStarted', speech_id: turn.id };
  }

  flushReceived(turn: SpeakTurn): Message {
    return { type: 'Flushed', speech_id: turn.id };
  }

  spoken(turn: SpeakTurn): Message {
    return { type: 'SpeechMetadata', ...turn.metadata };
  }

  wasCut(turn: SpeakTurn | undefined, sessionAudioMs: number): Message {
    if (turn === undefined) return warning('NO_ACTIVE_SPEECH', 'There is no active turn.');
    if (sessionAudioMs === 0) {
      return warning('NO_AUDIO_GENERATED', 'There is nothing to interrupt yet.');
    }
    return {
      type: 'SpeechInterrupted',
      audio_played_ms: Math.round(sessionAudioMs),
      metadata: turn.metadata,
    };
  }

  goodbye(sessionAudioMs: number, characters: number): Message {
    return {
      type: 'SessionMetadata',
      total_audio_duration_ms: Math.round(sessionAudioMs),
      total_input_character_count: characters,
      total_billable_character_count: characters,
    };
  }
}
