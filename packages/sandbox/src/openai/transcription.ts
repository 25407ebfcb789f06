import type { RealtimeChannel } from './realtime-channel.ts';

/** Serves one connected client that wants speech written down. */
export function serveTranscription(channel: RealtimeChannel): void {
  channel.listen(
    () => undefined,
    () => undefined,
  );
  channel.send('session.created', { session: { type: 'transcription' } });
}
