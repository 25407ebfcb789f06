/** How messages that carry an order, or an identity, may reach a client. */
export type DeliveryManner = 'once' | 'twice' | 'swapped';

/** Hands messages over: as they come, each twice, or every second one before the first. */
export class OddDelivery {
  readonly #send: (message: string) => void;
  #manner: DeliveryManner = 'once';
  #held: string | undefined;

  constructor(send: (message: string) => void) {
    this.#send = send;
  }

  /** What is handed over from now on is handed over like this. */
  change(manner: DeliveryManner): void {
    this.release();
    this.#manner = manner;
  }

  deliver(message: string): void {
    switch (this.#manner) {
      case 'once':
        this.#send(message);
        return;
      case 'twice':
        this.#send(message);
        this.#send(message);
        return;
      case 'swapped':
        if (this.#held === undefined) {
          this.#held = message;
          return;
        }
        this.#send(message);
        this.release();
    }
  }

  /** Nothing more comes that could overtake it. */
  release(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#send(held);
  }
}
