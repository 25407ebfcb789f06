const FRAME_MS = 20;
/** What is gathered before playing, so that frames that come late are not heard as gaps. */
const PREBUFFER_MS = 60;

/** Posts the microphone as frames of 16-bit PCM, 20 ms each. */
class Capture extends AudioWorkletProcessor {
  #frame = newFrame();
  #filled = 0;

  /** @param {Float32Array[][]} inputs */
  process(inputs) {
    for (const sample of inputs[0]?.[0] ?? []) {
      const clamped = Math.max(-1, Math.min(1, sample));
      this.#frame[this.#filled++] = Math.round(clamped * 32_767);
      if (this.#filled < this.#frame.length) continue;
      this.port.postMessage(this.#frame.buffer, [this.#frame.buffer]);
      this.#frame = newFrame();
      this.#filled = 0;
    }
    return true;
  }
}

/** Plays the 16-bit PCM that it is sent, and posts when that starts and stops being audible. */
class Playback extends AudioWorkletProcessor {
  /** @type {Int16Array[]} */
  #frames = [];
  #offset = 0;
  #length = 0;
  #waited = 0;
  #isPlaying = false;

  constructor() {
    super();
    this.port.addEventListener(
      'message',
      (/** @type {MessageEvent<'flush' | ArrayBuffer>} */ event) => {
        if (event.data === 'flush') this.#clear();
        else this.#push(new Int16Array(event.data));
      },
    );
    this.port.start();
  }

  /**
   * @param {Float32Array[][]} _inputs
   * @param {Float32Array[][]} outputs
   */
  process(_inputs, outputs) {
    const output = outputs[0]?.[0];
    if (output === undefined) return true;
    if (this.#length > 0 && !this.#isPlaying) {
      this.#waited += output.length;
      // What is shorter than the pre-buffer must be heard too: so waiting counts as well.
      const prebuffer = (PREBUFFER_MS * sampleRate) / 1000;
      if (Math.max(this.#length, this.#waited) >= prebuffer) this.#setPlaying(true);
    }
    if (this.#isPlaying) this.#fill(output);
    if (this.#length === 0) this.#setPlaying(false);
    return true;
  }

  /** @param {Float32Array} output */
  #fill(output) {
    for (let index = 0; index < output.length; index++) {
      const frame = this.#frames[0];
      if (frame === undefined) return;
      output[index] = (frame[this.#offset++] ?? 0) / 32_768;
      this.#length -= 1;
      if (this.#offset < frame.length) continue;
      this.#frames.shift();
      this.#offset = 0;
    }
  }

  /** @param {Int16Array} frame */
  #push(frame) {
    if (frame.length === 0) return;
    this.#frames.push(frame);
    this.#length += frame.length;
  }

  #clear() {
    this.#frames = [];
    this.#offset = 0;
    this.#length = 0;
  }

  /** @param {boolean} isPlaying */
  #setPlaying(isPlaying) {
    if (isPlaying === this.#isPlaying) return;
    this.#isPlaying = isPlaying;
    this.#waited = 0;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port has no origin
    this.port.postMessage(isPlaying);
  }
}

function newFrame() {
  return new Int16Array(Math.round((FRAME_MS * sampleRate) / 1000));
}

registerProcessor('capture', Capture);
registerProcessor('playback', Playback);
