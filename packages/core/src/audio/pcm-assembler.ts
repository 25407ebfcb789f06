import { pcmSamples } from './audio-frame.ts';

/** Makes whole 16-bit samples of chunks of bytes that may break in the middle of one. */
export class PcmAssembler {
  #carried: number | undefined;

  /** The samples that are complete with this chunk. */
  push(bytes: Uint8Array): Int16Array {
    if (bytes.byteLength === 0) return new Int16Array(0);
    const carried = this.#carried;
    const available = bytes.byteLength + (carried === undefined ? 0 : 1);
    const whole = available - (available % 2);
    this.#carried = available % 2 === 1 ? bytes[bytes.byteLength - 1] : undefined;
    if (carried === undefined) return pcmSamples(bytes.subarray(0, whole));
    if (whole === 0) return new Int16Array(0);
    const joined = new Uint8Array(whole);
    joined[0] = carried;
    joined.set(bytes.subarray(0, whole - 1), 1);
    return pcmSamples(joined);
  }

  /** Whether half a sample is left over. */
  get incomplete(): boolean {
    return this.#carried !== undefined;
  }
}
