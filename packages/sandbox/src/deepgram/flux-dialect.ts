import { randomUUID } from 'node:crypto';

import type { Backstage } from '../backstage.ts';
import type { FluxQuery } from './flux-query.ts';
import { FluxRecogniser } from './flux-recogniser.ts';
import { turnInfoMessage } from './flux-turn.ts';
import type { ListenDialect, ListenLink } from './listen-connection.ts';

/** `/v2/listen`: turns. Every message is numbered, and one that does not exist is fatal. */
export class FluxDialect implements ListenDialect {
  readonly broken = {
    malformed: '{"type":"TurnInfo","event":',
    wrongTypes: {
      type: 'TurnInfo',
      event: 7,
      turn_index: 'zero',
      transcript: 42,
      words: 'none',
    },
  };
  readonly #link: ListenLink;
  readonly #recogniser: FluxRecogniser;
  readonly #requestId: string = randomUUID();
  #sequence = 0;

  constructor(backstage: Backstage, query: FluxQuery, link: ListenLink) {
    this.#link = link;
    this.#recogniser = new FluxRecogniser(backstage, query, (info) =>
      this.send(turnInfoMessage(info)),
    );
    this.send({ type: 'Connected' });
  }

  hear(audio: Buffer): void {
    this.#recogniser.write(audio);
  }

  command(type: string, message: Record<string, unknown>): void {
    switch (type) {
      case 'CloseStream':
        this.#recogniser.flush();
        this.#link.close();
        return;
      case 'Configure': {
        const { thresholds = {}, keyterms = [], language_hints: hints = [] } = message;
        this.send({ type: 'ConfigureSuccess', thresholds, keyterms, language_hints: hints });
        return;
      }
      default:
        this.#refuse(type);
    }
  }

  send(message: Record<string, unknown>): void {
    const { type, ...rest } = message;
    this.#link.send({ type, request_id: this.#requestId, sequence_id: this.#sequence, ...rest });
    this.#sequence += 1;
  }

  #refuse(type: string): void {
    this.#link.blame(`fatal ${type} message on Flux`);
    this.send({
      type: 'Error',
      code: 'UNPARSABLE_CLIENT_MESSAGE',
      description: 'Text message received from client did not match any of the formats we expect.',
    });
    this.#link.close(1011, 'UNPARSABLE_CLIENT_MESSAGE');
  }
}
