import type { RealtimeConnection } from '@elevenlabs/elevenlabs-js/wrapper/realtime/index.js';
import type { ConnectContext } from '@vision-agents/core';
import type { WebSocket } from 'ws';

import { PROVIDER } from './elevenlabs-error.ts';
import type { STTSettings } from './elevenlabs-options.ts';

/** A session of the SDK that is being opened, and the socket in it. */
export interface ScribeSession {
  readonly stream: RealtimeConnection;
  readonly client: WebSocket;
}

/**
 * Has the SDK connect, and takes the reading from it: it would end the process over a message that is
 * not JSON, and tells neither why a socket was closed nor how much waits to be sent. Loads the SDK's
 * realtime part alone, which is a sixth of the whole.
 */
export async function startScribe(
  settings: STTSettings,
  sampleRateHz: number,
  { signal }: ConnectContext,
): Promise<ScribeSession> {
  const { AudioFormat, CommitStrategy, RealtimeEvents, ScribeRealtime } =
    await import('@elevenlabs/elevenlabs-js/wrapper/realtime/index.js');
  signal.throwIfAborted();
  const { apiKey, baseUrl, commitStrategy, vadSilenceMs, ...rest } = settings;
  const stream = await new ScribeRealtime({ apiKey, baseUrl }).connect({
    modelId: rest.model,
    audioFormat: AudioFormat.PCM_16000,
    sampleRate: sampleRateHz,
    commitStrategy: commitStrategy === 'vad' ? CommitStrategy.VAD : CommitStrategy.MANUAL,
    ...(commitStrategy === 'vad' && { vadSilenceThresholdSecs: vadSilenceMs / 1000 }),
    ...(rest.vadThreshold !== undefined && { vadThreshold: rest.vadThreshold }),
    ...(rest.minSpeechDurationMs !== undefined && {
      minSpeechDurationMs: rest.minSpeechDurationMs,
    }),
    ...(rest.minSilenceDurationMs !== undefined && {
      minSilenceDurationMs: rest.minSilenceDurationMs,
    }),
    ...(rest.languageCode !== undefined && { languageCode: rest.languageCode }),
    secondaryLanguages: [...rest.secondaryLanguages],
    keyterms: [...rest.keyterms],
    includeTimestamps: rest.includeTimestamps,
    includeLanguageDetection: rest.includeLanguageDetection,
    noVerbatim: rest.noVerbatim,
    filterBackgroundAudio: rest.filterBackgroundAudio,
    enableLogging: rest.enableLogging,
  });
  // Of an error that nobody listens for, Node ends the process; ours are heard on the socket.
  stream.on(RealtimeEvents.ERROR, () => undefined);
  const client = socketOf(stream);
  client.removeAllListeners('message');
  return { stream, client };
}

/** The SDK keeps its socket to itself; its version is pinned, and a test notices when it does so no longer. */
function socketOf(stream: object): WebSocket {
  const socket = 'websocket' in stream ? stream.websocket : undefined;
  if (isSocket(socket)) return socket;
  throw new TypeError(`${PROVIDER}: the SDK's stream has no socket`);
}

function isSocket(value: unknown): value is WebSocket {
  return typeof value === 'object' && value !== null && 'bufferedAmount' in value;
}
