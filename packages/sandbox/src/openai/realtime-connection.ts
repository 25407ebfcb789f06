import type { ReplyHook } from '../gemini/brain.ts';
import type { RealtimeChannel } from './realtime-channel.ts';

/** Serves one connected client of a model that hears and speaks. */
export function serveRealtime(channel: RealtimeChannel, _replyHook: ReplyHook | undefined): void {
  channel.listen(
    ({ type }) => {
      if (type === 'session.update') channel.send('session.updated', { session: {} });
    },
    () => undefined,
  );
  channel.send('session.created', { session: { type: 'realtime' } });
}
