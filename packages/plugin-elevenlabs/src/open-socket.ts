import { text } from 'node:stream/consumers';

import type { ConnectContext } from '@vision-agents/core';
import type { WebSocket } from 'ws';

import { closedError, connectTimeoutError, refusedError } from './elevenlabs-error.ts';

/**
 * Waits until a socket that is connecting is open; a hung upgrade, a refusal and an abort end the
 * wait, and the socket.
 * @throws ProviderError; the signal's reason when that is aborted
 */
export async function openSocket(
  socket: WebSocket,
  timeoutMs: number,
  { clock, signal }: ConnectContext,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = (): void => reject(signal.reason);
  const cancelTimeout = clock.after(timeoutMs, () => reject(connectTimeoutError(timeoutMs)));
  signal.addEventListener('abort', abort, { once: true });
  socket.once('open', resolve);
  socket.once('error', (cause) => reject(closedError(1006, cause)));
  socket.once('close', (code) => reject(closedError(code)));
  socket.once('unexpected-response', (_request, response) => {
    const { statusCode = 0 } = response;
    text(response).then(
      (body) => reject(refusedError(statusCode, body)),
      () => reject(refusedError(statusCode, '')),
    );
  });
  try {
    await promise;
  } catch (error) {
    socket.terminate();
    throw error;
  } finally {
    cancelTimeout();
    signal.removeEventListener('abort', abort);
  }
}
