import type { FaultOf } from '../faults.ts';
import { giantMessage } from '../giant-message.ts';
import type { RealtimeChannel } from './realtime-channel.ts';

/** The name under which these sessions have their faults and their problems. */
export const provider = 'openai-transcription';

/** What can happen while audio comes. */
export const streamFaults = [
  'reset',
  'clean-close',
  'provider-close',
  'error-event',
  'session-expired',
  'malformed-json',
  'wrong-types',
  'unknown-type',
  'giant-message',
  'duplicate-messages',
  'stall',
  'slow-reader',
] as const;

/** A fault that can happen while audio comes. */
export type StreamFault = FaultOf<typeof provider> & { fault: (typeof streamFaults)[number] };

const deltaType = 'conversation.item.input_audio_transcription.delta';

/** Does to a session what a fault is named for. */
export function suffer(channel: RealtimeChannel, fault: StreamFault, itemId: string): void {
  switch (fault.fault) {
    case 'reset':
      channel.reset();
      return;
    case 'clean-close':
      channel.close(1000);
      return;
    case 'provider-close':
      channel.close(fault.code ?? 1011);
      return;
    case 'error-event': {
      const { name = 'server_error' } = fault;
      channel.sendError({ type: 'server_error', code: name, message: 'Something went wrong.' });
      return;
    }
    case 'session-expired': {
      const message = 'Your session hit the maximum duration of 60 minutes.';
      channel.sendError({ type: 'invalid_request_error', code: 'session_expired', message });
      channel.close(1001);
      return;
    }
    case 'malformed-json':
      channel.sendText(`{"type":"${deltaType}",`);
      return;
    case 'wrong-types':
      channel.send(deltaType, { item_id: itemId, content_index: 0, delta: 42 });
      return;
    case 'unknown-type':
      channel.send('surprise', { payload: { anything: true } });
      return;
    case 'giant-message':
      channel.sendText(giantMessage('socket', { type: 'surprise' }));
      return;
    case 'duplicate-messages':
      channel.repeat();
      return;
    case 'stall':
      channel.mute();
      return;
    case 'slow-reader':
      // Reads no more, pings neither, so that it answers none.
      channel.mute();
      channel.pause();
  }
}
