import type { ConnectContext, STTConnection } from '@vision-agents/core';

import type { FluxSettings, NovaSettings, STTSettings } from './deepgram-options.ts';
import { openTransport } from './deepgram-transport.ts';
import { FluxTurns } from './flux-turns.ts';
import { ListenConnection } from './listen-connection.ts';
import { NovaTurns } from './nova-turns.ts';

/**
 * Connects to `/v2/listen`. Flux finds the ends of turns itself, and takes `Finalize` and `KeepAlive`
 * for errors.
 * @throws ProviderError; the reason of the context's signal when that is aborted
 */
export async function connectFlux(
  settings: STTSettings,
  flux: FluxSettings,
  sampleRateHz: number,
  context: ConnectContext,
): Promise<STTConnection> {
  const { stream, client } = await openTransport(settings, context, (deepgram, options) =>
    deepgram.listen.v2.connect({
      model: settings.model,
      encoding: 'linear16',
      sample_rate: sampleRateHz,
      eot_threshold: flux.eotThreshold,
      eager_eot_threshold: flux.eagerEotThreshold,
      eot_timeout_ms: flux.eotTimeoutMs,
      keyterm: [...settings.keyterms],
      language_hint: [...flux.languageHints],
      ...options,
    }),
  );
  const connection = new ListenConnection({
    client,
    protocol: new FluxTurns(),
    commands: {
      audio: (bytes) => stream.sendMedia(bytes),
      closeStream: () => stream.sendCloseStream({ type: 'CloseStream' }),
    },
    sampleRateHz,
    settings,
    context,
  });
  await connection.opened();
  return connection;
}

/**
 * Connects to `/v1/listen`.
 * @throws ProviderError; the reason of the context's signal when that is aborted
 */
export async function connectNova(
  settings: STTSettings,
  nova: NovaSettings,
  sampleRateHz: number,
  context: ConnectContext,
): Promise<STTConnection> {
  const { endpointingMs } = nova;
  const endsTurns = endpointingMs !== undefined;
  const { stream, client } = await openTransport(settings, context, (deepgram, options) =>
    deepgram.listen.v1.connect({
      model: settings.model,
      encoding: 'linear16',
      sample_rate: sampleRateHz,
      channels: 1,
      language: nova.language,
      punctuate: 'true',
      smart_format: String(nova.smartFormat),
      interim_results: 'true',
      vad_events: String(endsTurns),
      endpointing: endpointingMs ?? false,
      utterance_end_ms: endsTurns ? nova.utteranceEndMs : undefined,
      keyterm: [...settings.keyterms],
      ...options,
    }),
  );
  const connection = new ListenConnection({
    client,
    protocol: new NovaTurns({ endsTurns }),
    commands: {
      audio: (bytes) => stream.sendMedia(bytes),
      closeStream: () => stream.sendCloseStream({ type: 'CloseStream' }),
      finalize: () => stream.sendFinalize({ type: 'Finalize' }),
      keepAlive: () => stream.sendKeepAlive({ type: 'KeepAlive' }),
    },
    sampleRateHz,
    settings,
    context,
  });
  await connection.opened();
  return connection;
}
