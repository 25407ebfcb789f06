import type { ConnectContext } from '@vision-agents/core';
import type { WebSocket } from 'ws';

import type { TTSSettings } from './deepgram-options.ts';
import { openTransport } from './deepgram-transport.ts';
import type { SpeechMessage } from './speech-wire.ts';
import { parseAuraMessage, parseFluxSpeechMessage } from './speech-wire.ts';

/** What differs between the versions of `speak`. The commands need a socket that is open. */
export interface SpeechProtocol {
  /** Has a text spoken, after those before. */
  speak(text: string): void;
  /** Has what is being spoken cut. */
  cut(): void;
  /** Announces the close. */
  close(): void;
  /** Reads a message, which was JSON, or is undefined where it was not. */
  parse(message: unknown): SpeechMessage;
  /** Whether a cut is of all texts, or only of the first. */
  readonly cutsAll: boolean;
  /** How many texts a socket takes within a minute. */
  readonly textsAMinute: number;
}

/** Aura refuses more: https://developers.deepgram.com/docs/tts-ws-flush */
const FLUSHES_A_MINUTE = 20;

/**
 * Begins to connect to the version of `speak` that has the voice.
 * @throws the reason of the context's signal when that is aborted
 */
export function openSpeech(
  settings: TTSSettings,
  context: ConnectContext,
): Promise<{ readonly client: WebSocket; readonly protocol: SpeechProtocol }> {
  switch (settings.family) {
    case 'aura':
      return openAura(settings, context);
    case 'flux':
      return openFlux(settings, context);
  }
}

async function openAura(settings: TTSSettings, context: ConnectContext) {
  const { stream, client } = await openTransport(settings, context, (deepgram, options) =>
    deepgram.speak.v1.connect({
      model: settings.model,
      encoding: 'linear16',
      sample_rate: String(settings.outputSampleRateHz),
      ...(settings.speed !== undefined && { speed: settings.speed }),
      ...options,
    }),
  );
  const protocol: SpeechProtocol = {
    speak: (text) => {
      stream.sendText({ type: 'Speak', text });
      stream.sendFlush({ type: 'Flush' });
    },
    cut: () => stream.sendClear({ type: 'Clear' }),
    close: () => stream.sendClose({ type: 'Close' }),
    parse: parseAuraMessage,
    cutsAll: true,
    textsAMinute: FLUSHES_A_MINUTE,
  };
  return { client, protocol };
}

async function openFlux(settings: TTSSettings, context: ConnectContext) {
  const { stream, client } = await openTransport(settings, context, (deepgram, options) =>
    deepgram.speak.v2.connect({
      model: settings.model,
      encoding: 'linear16',
      sample_rate: String(settings.outputSampleRateHz),
      ...(settings.speed !== undefined && { speed: settings.speed }),
      ...(settings.expressivity !== undefined && { expressivity: settings.expressivity }),
      ...options,
    }),
  );
  const protocol: SpeechProtocol = {
    speak: (text) => {
      stream.sendSpeak({ type: 'Speak', text });
      stream.sendFlush({ type: 'Flush' });
    },
    cut: () => stream.sendInterrupt({ type: 'Interrupt' }),
    close: () => stream.sendClose({ type: 'Close' }),
    parse: parseFluxSpeechMessage,
    cutsAll: false,
    textsAMinute: Infinity,
  };
  return { client, protocol };
}
