import type { DeepgramTransport } from '@deepgram/sdk';
import { WebSocket } from 'ws';

/** A socket of ours, and the face of it that Deepgram's SDK talks to. */
export interface Transport {
  readonly socket: WebSocket;
  readonly face: DeepgramTransport;
}

/**
 * Opens a plain socket for the SDK, through its `transportFactory`. The SDK's own socket hides close
 * codes and the bodies of refusals, and reconnects into a new session without a word.
 */
export function openTransport(url: string, headers: Record<string, string>): Transport {
  // Compressing audio costs CPU and gains nothing. A peer that says goodbye and stays on the line
  // would otherwise be reported after 30 s.
  const options = { headers, perMessageDeflate: false, closeTimeout: 1000 };
  const socket = new WebSocket(url, options);
  const face: DeepgramTransport = {
    send: (data) => {
      if (!(data instanceof Blob)) socket.send(data);
    },
    close: (code, reason) => socket.close(sendableCode(code), reason),
    isOpen: () => socket.readyState === WebSocket.OPEN,
    onOpen: (listener) => void socket.on('open', listener),
    onMessage: (listener) =>
      void socket.on('message', (data: Buffer, isBinary) =>
        listener(isBinary ? data : data.toString()),
      ),
    onError: (listener) => void socket.on('error', listener),
    onClose: (listener) =>
      void socket.on('close', (code, reason) => listener({ code, reason: reason.toString() })),
  };
  return { socket, face };
}

/** 1005 and 1006 say that there was no code: they cannot be sent. */
function sendableCode(code: number | undefined): number {
  return code === undefined || code === 1005 || code === 1006 ? 1000 : code;
}
