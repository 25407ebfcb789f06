import { once } from 'node:events';

import { Listener, speak, WordCollector } from '@vision-agents/sandbox';
import { WebSocketServer, type WebSocket } from 'ws';

export const chordMs = 50;

/** An agent's end of the line, as small as can be: greets, and repeats what it hears. */
export class FakeEdge implements AsyncDisposable {
  readonly #server: WebSocketServer;
  /** Addresses that were called. */
  readonly asked: string[] = [];
  /** Bytes of audio received, by call. */
  receivedBytes = 0;
  readonly receivedFrom: number[] = [];
  closeCode: number | undefined;

  constructor(server: WebSocketServer, reply: FakeReply) {
    this.#server = server;
    server.on('connection', (ws, request) => {
      this.asked.push(request.url ?? '');
      ws.on('close', (code) => {
        this.closeCode = code;
      });
      const rate = Number(new URL(request.url ?? '', 'http://edge').searchParams.get('rate'));
      this.#serve(ws, rate, reply);
    });
  }

  static async start(reply: FakeReply = (text) => `I heard: ${text}`): Promise<FakeEdge> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    return new FakeEdge(server, reply);
  }

  get url(): string {
    const address = this.#server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    return `ws://127.0.0.1:${port}/call?id=call-1&token=secret`;
  }

  #serve(ws: WebSocket, sampleRateHz: number, reply: FakeReply): void {
    const words = new WordCollector();
    const talk = (text: string): void => {
      // A real edge may lose the last few milliseconds, in a frame that is not full.
      const audio = speak(text, { sampleRateHz, chordMs }).subarray(0, -sampleRateHz / 200);
      const frame = sampleRateHz / 50;
      for (let at = 0; at < audio.length; at += frame) ws.send(audio.subarray(at, at + frame));
      ws.send(JSON.stringify({ type: 'caption', speaker: 'agent', text, final: true }));
    };
    const listener = new Listener({
      sampleRateHz,
      chordMs,
      onCharacter: (character) => words.add(character),
      onSpeechEnd: () => {
        const answer = reply(words.text);
        words.take();
        if (answer === undefined) {
          ws.send(JSON.stringify({ type: 'ended', reason: 'enough' }));
          ws.close(1000);
        } else if (answer !== '') talk(answer);
      },
    });
    ws.on('message', (data: Buffer) => {
      this.receivedBytes += data.length;
      this.receivedFrom.push(performance.now());
      listener.write(data);
    });
    talk('Hello!');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** What the edge answers to what it heard; nothing stays silent, undefined hangs up. */
export type FakeReply = (text: string) => string | undefined;
