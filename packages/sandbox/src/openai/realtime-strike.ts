import { giantMessage } from '../giant-message.ts';
import type { RealtimeChannel } from './realtime-channel.ts';
import type { RealtimeResponse } from './realtime-response.ts';

const streamFaults = [
  'reset',
  'clean-close',
  'provider-close',
  'error-event',
  'session-expired',
  'failed',
  'max-tokens',
  'content-filter',
  'malformed-json',
  'wrong-types',
  'unknown-type',
  'giant-message',
  'duplicate-messages',
  'stall',
  'slow-reader',
] as const;

/** Lets the fault that is due strike an answer under way; false when the answer ends with it. */
export function strike(channel: RealtimeChannel, response: RealtimeResponse): boolean {
  const { faults } = channel.backstage;
  const struck = faults.take('openai-realtime', streamFaults, channel.sentChunks, channel.struck);
  if (struck === undefined) return true;
  const { code = 1011, name = 'server_error' } = struck;
  const type = name === 'server_error' ? name : 'invalid_request_error';
  switch (struck.fault) {
    case 'reset':
      channel.reset();
      return false;
    case 'clean-close':
      channel.close(1000);
      return false;
    case 'provider-close':
      channel.close(code, 'keepalive ping timeout');
      return false;
    case 'error-event':
      channel.sendError({ type, code: name, message: 'The server had an error.' });
      return true;
    case 'session-expired': {
      const message = 'Your session hit the maximum duration of 60 minutes.';
      channel.sendError({ type: 'invalid_request_error', code: 'session_expired', message });
      channel.close(1001, message);
      return false;
    }
    case 'failed':
      response.end({ status: 'failed', code: name });
      return false;
    case 'max-tokens':
      response.end({ status: 'incomplete', reason: 'max_output_tokens' });
      return false;
    case 'content-filter':
      response.end({ status: 'incomplete', reason: 'content_filter' });
      return false;
    case 'malformed-json':
      channel.sendText('{"type":"response.output_audio.delta","delta":');
      return true;
    case 'wrong-types':
      channel.send('response.output_audio.delta', { response_id: response.id, delta: 7 });
      return true;
    case 'unknown-type':
      channel.send('response.surprise', { anything: true });
      return true;
    case 'giant-message':
      channel.sendText(giantMessage('socket', { type: 'response.surprise' }));
      return true;
    case 'duplicate-messages':
      channel.repeat();
      return true;
    case 'stall':
      channel.mute();
      return true;
    case 'slow-reader':
      channel.mute();
      channel.pause();
      return true;
  }
}
