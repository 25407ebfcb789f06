import { randomUUID } from 'node:crypto';

import type { Backstage } from '../backstage.ts';
import type { ListenDialect, ListenLink } from './listen-connection.ts';
import type { NovaQuery } from './nova-query.ts';
import { NovaRecogniser } from './nova-recogniser.ts';

/** KeepAlive is documented to be sent every three to five seconds without audio. */
const keepAliveEveryMs = 3000;

/** `/v1/listen`: results, with `KeepAlive`, `Finalize` and `CloseStream`. */
export class NovaDialect implements ListenDialect {
  readonly broken = {
    malformed: '{"type":"Results","is_final":',
    wrongTypes: { type: 'Results', is_final: 'yes', speech_final: 1, channel: { alternatives: 7 } },
  };
  readonly #backstage: Backstage;
  readonly #link: ListenLink;
  readonly #recogniser: NovaRecogniser;
  readonly #requestId: string = randomUUID();
  readonly #modelId: string = randomUUID();
  #lastSignAt = performance.now();

  constructor(backstage: Backstage, query: NovaQuery, link: ListenLink) {
    this.#backstage = backstage;
    this.#link = link;
    this.#recogniser = new NovaRecogniser(backstage, query, (message) => this.send(message));
  }

  hear(audio: Buffer): void {
    this.#lastSignAt = performance.now();
    this.#recogniser.write(audio);
  }

  command(type: string): void {
    switch (type) {
      case 'KeepAlive':
        this.#checkCadence();
        return;
      case 'Finalize':
        this.#recogniser.finalize();
        return;
      case 'CloseStream':
        this.#recogniser.end();
        this.#sayGoodbye();
        this.#link.close(1000);
        return;
      default:
        this.#link.blame(`unknown ${type} message on Nova`);
        this.#link.close(1008, 'DATA-0000: the payload cannot be decoded as audio.');
    }
  }

  send(message: Record<string, unknown>): void {
    if (message['type'] !== 'Results') {
      this.#link.send(message);
      return;
    }
    const info = { name: 'general-nova-3', version: '2026-01-01.0', arch: 'nova-3' };
    const metadata = { request_id: this.#requestId, model_info: info, model_uuid: this.#modelId };
    this.#link.send({ ...message, metadata });
  }

  #checkCadence(): void {
    const now = performance.now();
    if (now - this.#lastSignAt < keepAliveEveryMs / this.#backstage.hurry) {
      this.#backstage.truth.problem('deepgram: KeepAlive sooner than it is needed');
    }
    this.#lastSignAt = now;
  }

  #sayGoodbye(): void {
    this.#link.send({
      type: 'Metadata',
      transaction_key: 'deprecated',
      request_id: this.#requestId,
      created: new Date().toISOString(),
      duration: Math.round(this.#recogniser.audioMs) / 1000,
      channels: 1,
      models: [this.#modelId],
    });
  }
}
