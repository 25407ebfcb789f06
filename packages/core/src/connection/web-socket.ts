/**
 * A WebSocket client as the `ws` package has it, which core does not import: the part of it that a
 * {@link ProviderSocket} uses.
 */
export interface WebSocketClient {
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** Bytes that the network has not taken yet. */
  readonly bufferedAmount: number;
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'pong', listener: () => void): unknown;
  once(event: 'open', listener: () => void): unknown;
  once(event: 'close', listener: (code: number, reason: Buffer) => void): unknown;
  once(
    event: 'unexpected-response',
    listener: (request: unknown, response: UpgradeResponse) => void,
  ): unknown;
  ping(): void;
  close(code?: number): void;
  terminate(): void;
}

/** What a server answered in place of an upgrade. */
export interface UpgradeResponse extends AsyncIterable<Uint8Array> {
  readonly statusCode?: number | undefined;
  /** Ends the reading, and the connection. */
  destroy(): unknown;
}

/**
 * What to give to the constructor of a `ws` socket to a provider. Compressing audio costs CPU and gains
 * nothing. Who has said goodbye and stays on the line would otherwise be waited for for 30 s. A message
 * of more than 16 MiB, minutes of audio, is an attack or a mistake: `ws` would take 100 MiB.
 */
export const WEB_SOCKET_OPTIONS: {
  readonly perMessageDeflate: false;
  readonly closeTimeout: number;
  readonly maxPayload: number;
} = {
  perMessageDeflate: false,
  closeTimeout: 1000,
  maxPayload: 16 * 1024 * 1024,
};
