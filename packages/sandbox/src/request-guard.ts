import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import type { TruthLedger } from './truth.ts';

/** An identical request this soon after a failed one is a hidden retry. */
const retryWindowMs = 5000;

/** Notices retries that a client's SDK makes behind the back of its user. */
export class RequestGuard {
  readonly #provider: string;
  readonly #truth: TruthLedger;
  #failed: { digest: string; at: number } | undefined;

  constructor(provider: string, truth: TruthLedger) {
    this.#provider = provider;
    this.#truth = truth;
  }

  /** Looks at a request; the function returned is to be called if it fails. */
  check(request: IncomingMessage, body: string): () => void {
    for (const [name, value] of Object.entries(request.headers)) {
      if (/retry-(?:count|attempt)/.test(name) && value !== '0') {
        this.#truth.problem(`${this.#provider}: a retry header was sent`);
      }
    }
    const digest = createHash('sha256').update(`${request.url}\n${body}`).digest('base64');
    const failed = this.#failed;
    if (failed?.digest === digest && performance.now() - failed.at < retryWindowMs) {
      this.#truth.problem(`${this.#provider}: a failed request was repeated`);
    }
    return () => {
      this.#failed = { digest, at: performance.now() };
    };
  }
}
