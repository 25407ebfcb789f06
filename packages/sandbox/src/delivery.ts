import type { Socket } from 'node:net';

/** What was written so shortly before its reader left may not have been read. */
export const deliveryMs = 50;

/** Calls back if the connection is closed before what was written last can be taken for read. */
export function whenLeft(socket: Socket | null, callback: () => void): void {
  socket?.once('close', callback);
  setTimeout(() => socket?.off('close', callback), deliveryMs).unref();
}
