import { once } from 'node:events';

import { Listener, speak, WordCollector } from '@vision-agents/sandbox';
import { WebSocketServer, type WebSocket } from 'ws';

import { chordMs } from './fake-edge.ts';

const sampleRateHz = 16_000;
const frameMs = 20;

/** How an agent behaves in a conversation. */
export interface Manners {
  /** What is answered, if anything; and whether to hang up then. */
  answer: (text: string) => { text: string; hangsUp?: boolean };
  /** End of the caller's words → end of their turn. */
  endOfTurnMs?: number;
  /** End of a turn → first frame of the answer. */
  thinkMs?: number;
  /** Words that do not make the agent give way. */
  ignores?: RegExp;
  /** How long it says nothing for somebody who begins to speak, before it goes on. */
  politePauseMs?: number;
}

/** An agent's end of the line that speaks in real time and gives way to words. */
export class TalkingEdge implements AsyncDisposable {
  readonly #server: WebSocketServer;
  readonly #manners: Required<Manners>;
  /** The turns that were heard. */
  readonly heard: string[] = [];
  /** Frames that were left when the agent gave way, or the caller went. */
  readonly unsaid: number[] = [];
  closeCode: number | undefined;

  private constructor(server: WebSocketServer, manners: Manners) {
    this.#server = server;
    this.#manners = {
      endOfTurnMs: 300,
      thinkMs: 100,
      ignores: /(?!)/,
      politePauseMs: 0,
      ...manners,
    };
    server.on('connection', (ws) => this.#serve(ws));
  }

  static async start(manners: Manners): Promise<TalkingEdge> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    return new TalkingEdge(server, manners);
  }

  get url(): string {
    const address = this.#server.address();
    return `ws://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/call?id=1&token=t`;
  }

  #serve(ws: WebSocket): void {
    const words = new WordCollector();
    const voice = new Voice(ws);
    const listener = new Listener({
      sampleRateHz,
      chordMs,
      onSpeechStart: () => {
        words.breakWord();
        if (this.#manners.politePauseMs > 0) voice.pause(this.#manners.politePauseMs);
      },
      onCharacter: (character) => {
        if (!words.add(character)) considerGivingWay();
      },
      onSpeechEnd: () => considerGivingWay(),
    });
    const considerGivingWay = (): void => {
      const unsaid = this.#manners.ignores.test(words.text) ? 0 : voice.stop();
      if (unsaid > 0) this.unsaid.push(unsaid);
    };
    ws.on('message', (data: Buffer) => {
      listener.write(data);
      if (listener.silenceMs < this.#manners.endOfTurnMs || words.words.length === 0) return;
      const { text } = words;
      words.take();
      this.heard.push(text);
      if (voice.isBusy) return;
      const { text: answer, hangsUp = false } = this.#manners.answer(text);
      if (answer !== '') voice.say(answer, this.#manners.thinkMs, hangsUp);
    });
    ws.on('close', (code) => {
      this.closeCode = code;
      this.unsaid.push(voice.stop());
    });
    voice.say('Hi!', 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** The agent's voice: 20 ms at a time, each when it is due. */
class Voice {
  readonly #ws: WebSocket;
  #frames: Int16Array[] = [];
  #timer: NodeJS.Timeout | undefined;
  #hangsUp = false;

  constructor(ws: WebSocket) {
    this.#ws = ws;
  }

  get isBusy(): boolean {
    return this.#timer !== undefined;
  }

  say(text: string, afterMs: number, hangsUp = false): void {
    const audio = speak(text, { sampleRateHz, chordMs });
    const length = (sampleRateHz * frameMs) / 1000;
    this.#hangsUp = hangsUp;
    this.#frames = Array.from({ length: Math.ceil(audio.length / length) }, (_, index) =>
      audio.subarray(index * length, (index + 1) * length),
    );
    this.#sendFrom(performance.now() + afterMs);
  }

  /** Says nothing for a while, if it speaks. */
  pause(ms: number): void {
    if (!this.isBusy) return;
    clearTimeout(this.#timer);
    this.#sendFrom(performance.now() + ms);
  }

  /** Says no more. Returns how many frames were not sent. */
  stop(): number {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return this.#frames.splice(0).length;
  }

  #sendFrom(dueAt: number): void {
    this.#timer = setTimeout(
      () => {
        const frame = this.#frames.shift();
        if (frame !== undefined) this.#ws.send(frame);
        if (this.#frames.length > 0) this.#sendFrom(dueAt + frameMs);
        else this.#finish();
      },
      Math.max(0, dueAt - performance.now()),
    );
  }

  #finish(): void {
    this.#timer = undefined;
    if (!this.#hangsUp) return;
    this.#ws.send(JSON.stringify({ type: 'ended', reason: 'closed' }));
    this.#ws.close(1000);
  }
}
