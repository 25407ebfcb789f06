import type { RealtimeTranscriptionSessionCreateRequest } from 'openai/resources/realtime/realtime';

import { encodeTurnDetection } from './openai-realtime-wire.ts';
import type { STTSettings } from './openai-stt-options.ts';
import { SESSION_SAMPLE_RATE_HZ } from './realtime-socket.ts';
import type { VoiceDetection } from './transcription-turns.ts';

/** How a session is set up. */
export function encodeTranscriptionSession(
  settings: STTSettings,
): RealtimeTranscriptionSessionCreateRequest {
  const { model, turnDetection, language, prompt, keywords, delay, noiseReduction } = settings;
  return {
    type: 'transcription',
    audio: {
      input: {
        format: { type: 'audio/pcm', rate: SESSION_SAMPLE_RATE_HZ },
        transcription: {
          model,
          ...(language !== undefined && { language }),
          ...(prompt !== undefined && { prompt }),
          ...(keywords.length > 0 && { keywords: [...keywords] }),
          ...(delay !== undefined && { delay }),
        },
        turn_detection: turnDetection ? encodeTurnDetection(turnDetection) : null,
        ...(noiseReduction !== undefined && { noise_reduction: { type: noiseReduction } }),
      },
    },
  };
}

/** What of the detection is in the offsets that OpenAI tells; undefined where it detects nothing. */
export function detectionOf({ turnDetection }: STTSettings): VoiceDetection | undefined {
  switch (turnDetection?.type) {
    case 'server_vad':
      return {
        prefixMs: turnDetection.prefixPaddingMs,
        silenceMs: turnDetection.silenceDurationMs,
      };
    case 'semantic_vad':
      // How long it waited for more words it does not say.
      return { prefixMs: undefined, silenceMs: undefined };
    case undefined:
      return undefined;
  }
}
