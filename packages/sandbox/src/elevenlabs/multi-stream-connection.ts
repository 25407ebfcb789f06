import type { Socket } from 'node:net';

import type { WebSocket } from 'ws';

import type { Backstage } from '../backstage.ts';
import type { FaultOf } from '../faults.ts';
import { giantMessage } from '../giant-message.ts';
import { parseObject } from '../json.ts';
import { OddDelivery } from '../odd-delivery.ts';
import { bufferOf } from '../raw-data.ts';
import { SpeechContext } from './speech-context.ts';
import { areVoiceSettings } from './voice-settings.ts';

/** ElevenLabs allows so many contexts on one socket. */
const maxContexts = 5;

/** What a client asked for in the address of its upgrade. */
export interface MultiStreamQuery {
  sampleRateHz: number;
  autoMode: boolean;
  inactivityTimeoutMs: number;
}

/** Serves one connected client of `multi-stream-input`. */
export class MultiStreamConnection {
  readonly #backstage: Backstage;
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #query: MultiStreamQuery;
  readonly #contexts = new Map<string, SpeechContext>();
  /** Those that were final, for a close that comes too late. */
  readonly #finished = new Map<string, SpeechContext>();
  readonly #inactivity: NodeJS.Timeout;
  /** Of ends; of audio nobody can tell whether it has come before. */
  readonly #endings: OddDelivery;
  #isReading = true;

  constructor(backstage: Backstage, ws: WebSocket, socket: Socket, query: MultiStreamQuery) {
    this.#backstage = backstage;
    this.#ws = ws;
    this.#socket = socket;
    this.#query = query;
    this.#inactivity = setTimeout(
      () => this.#reject('input_timeout_exceeded', 'No input was received in time.'),
      query.inactivityTimeoutMs / backstage.hurry,
    );
    this.#endings = new OddDelivery((message) => ws.send(message));
    ws.on('error', () => ws.terminate());
    ws.on('close', () => this.#closed());
    ws.on('message', (data) => this.#receive(bufferOf(data).toString()));
  }

  #receive(json: string): void {
    this.#inactivity.refresh();
    const message = parseObject(json);
    if (message === undefined) {
      this.#violation('invalid_message', 'a message is not JSON');
      return;
    }
    if (message['close_socket'] === true) {
      void this.#finishAll();
      return;
    }
    const { text = '', context_id: contextId = 'default', flush } = message;
    if (typeof contextId !== 'string' || typeof text !== 'string') {
      this.#violation('invalid_message', 'a message has a field of the wrong type');
      return;
    }
    const context = this.#contexts.get(contextId);
    if (message['close_context'] === true) {
      this.#finished.get(contextId)?.end();
      if (context === undefined || context.end()) return;
      this.#send({ audio: null, isFinal: true, contextId });
      context.close();
      this.#contexts.delete(contextId);
      return;
    }
    if (context !== undefined) context.add(text, flush === true);
    else if (text !== '') {
      if (!areVoiceSettings(message['voice_settings'] ?? {})) {
        this.#violation('invalid_message', 'voice_settings are not what ElevenLabs takes');
      } else this.#open(contextId, text, flush === true);
    }
  }

  #open(contextId: string, text: string, flush: boolean): void {
    if (this.#contexts.size >= maxContexts) {
      this.#violation('max_active_conversations', `more than ${maxContexts} contexts`);
      return;
    }
    const context = new SpeechContext(this.#backstage, {
      contextId,
      sampleRateHz: this.#query.sampleRateHz,
      autoMode: this.#query.autoMode,
      send: (message) => this.#send(message),
      fail: (fault) => this.#suffer(fault),
      done: () => {
        if (this.#contexts.get(contextId) !== context) return;
        this.#contexts.delete(contextId);
        this.#finished.set(contextId, context);
      },
    });
    this.#contexts.set(contextId, context);
    this.#finished.delete(contextId);
    if (text === ' ') return;
    this.#backstage.truth.problem('elevenlabs: a context was not opened with " "');
    context.add(text, flush);
  }

  async #finishAll(): Promise<void> {
    const open = [...this.#contexts.values()];
    for (const context of open) {
      context.add('', true);
      context.end();
    }
    await Promise.all(open.map((context) => context.settled()));
    this.#ws.close(1000);
  }

  #suffer({ fault, code }: FaultOf<'elevenlabs'>): void {
    if (fault === 'error-message') {
      this.#reject('internal_error', 'An internal error occurred.');
    } else if (fault === 'malformed-json') this.#ws.send('{"audio":"AAAA","contextId":');
    else if (fault === 'wrong-types') this.#send({ audio: 42, contextId: 'any' });
    else if (fault === 'unknown-type') this.#send({ surprise: { anything: true } });
    else if (fault === 'reset') this.#socket.resetAndDestroy();
    else if (fault === 'clean-close') this.#ws.close(1000);
    else if (fault === 'provider-close') this.#ws.close(code ?? 1011);
    else if (fault === 'giant-message') this.#ws.send(giantMessage('socket', { audio: 'AAAA' }));
    else if (fault === 'duplicate-messages') this.#endings.change('twice');
    else if (fault === 'slow-reader') {
      this.#isReading = false;
      this.#ws.pause();
    }
  }

  #violation(code: string, text: string): void {
    this.#backstage.truth.problem(`elevenlabs: ${text}`);
    this.#backstage.truth.count('tts.errors');
    this.#reject(code, text);
  }

  #reject(error: string, message: string): void {
    this.#send({ message, error, code: 1008 });
    this.#ws.close(1008, message);
  }

  #send(message: Record<string, unknown>): boolean {
    if (this.#ws.readyState !== this.#ws.OPEN || !this.#isReading) return false;
    if (message['isFinal'] === true) this.#endings.deliver(JSON.stringify(message));
    else this.#ws.send(JSON.stringify(message));
    return true;
  }

  #closed(): void {
    clearTimeout(this.#inactivity);
    for (const context of this.#contexts.values()) context.close();
    this.#contexts.clear();
  }
}
