import type { Call, EdgeConnection, EdgeJoinContext } from '@vision-agents/core';
import { Edge as CoreEdge } from '@vision-agents/core';

import { LocalEdgeConnection } from './local-edge-connection.ts';
import { alreadyJoined, PROVIDER } from './local-error.ts';
import type { EdgeOptions, EdgeSettings } from './local-options.ts';
import { resolveEdgeOptions } from './local-options.ts';
import { LocalRoom } from './local-room.ts';
import { LocalServer } from './local-server.ts';

/** A call with its addresses. Both hold the token that lets one in. */
export interface LocalCall extends Call {
  /** The page to talk on: `http://127.0.0.1:<port>/?id=…&token=…`. */
  readonly pageUrl: string;
  /** The socket, to which a caller that is not the page adds `&rate=<Hz>` and `&name=<name>`. */
  readonly socketUrl: string;
}

/**
 * Calls on a page of this machine: microphone, speaker and captions over a WebSocket, with no
 * account and no network. One server, started by the first call, serves all calls; the id alone
 * names a call.
 */
export class Edge extends CoreEdge {
  readonly provider: string = PROVIDER;
  readonly #settings: EdgeSettings;
  readonly #rooms = new Map<string, LocalRoom>();
  #server: Promise<LocalServer> | undefined;

  /** @throws ConfigurationError which names the option that cannot work */
  constructor(options: EdgeOptions = {}) {
    super();
    this.#settings = resolveEdgeOptions(options);
  }

  /**
   * Opens the call's page. Who connects before the agent has joined waits for it.
   * @throws ConfigurationError which names `port` or `host` when it cannot be listened on
   */
  override async createCall(callType: string, callId: string): Promise<LocalCall> {
    const { call } = await this.#open(callType, callId);
    return call;
  }

  override async join(call: Call, context: EdgeJoinContext): Promise<EdgeConnection> {
    const { room } = await this.#open(call.type, call.id);
    context.signal.throwIfAborted();
    if (room.hasAgent) throw alreadyJoined();
    return new LocalEdgeConnection(room, context, this.#settings.leaveGraceMs);
  }

  override async close(): Promise<void> {
    const starting = this.#server;
    this.#server = undefined;
    await Promise.all(Array.from(this.#rooms.values(), (room) => room.evict()));
    // A server that could not be started has thrown where it was asked for, and holds nothing.
    const server = await starting?.catch(() => undefined);
    await server?.close();
  }

  async #open(type: string, id: string): Promise<{ call: LocalCall; room: LocalRoom }> {
    this.#server ??= this.#listen();
    const server = await this.#server;
    const call = { type, id, ...server.urlsOf(id) };
    const existing = this.#rooms.get(id);
    if (existing !== undefined) return { call, room: existing };
    const room = new LocalRoom(() => this.#rooms.delete(id));
    this.#rooms.set(id, room);
    this.#settings.onListening?.(call.pageUrl);
    return { call, room };
  }

  async #listen(): Promise<LocalServer> {
    const server = new LocalServer(this.#settings, (callId) => this.#rooms.get(callId));
    try {
      await server.listen();
    } catch (error) {
      this.#server = undefined;
      throw error;
    }
    return server;
  }
}
