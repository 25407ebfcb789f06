import { clearCaptions, drawLevel, element, show, showCaption } from './view.js';

/**
 * @typedef {{ type: 'caption', speaker: 'user' | 'agent', text: string, final: boolean }
 *   | { type: 'flush' } | { type: 'ended', reason: string }} ServerMessage
 */

const MAX_RATE_HZ = 48_000;
/** Past this much unsent speech the network is too slow, and what is added would only be late. */
const MAX_UNSENT_S = 2;

/** @type {Record<string, string>} */
const ENDINGS = {
  hangup: 'You hung up.',
  idle: 'The call ended because nobody spoke.',
  max_duration: 'The call reached its longest duration.',
  closed: 'The agent ended the call.',
  error: 'The agent had a problem and ended the call.',
  drained: 'The agent is being restarted. Talk again in a moment.',
};

/** @type {Record<string, string>} */
const MICROPHONE_PROBLEMS = {
  NotAllowedError:
    'The microphone was refused. Allow it for this page in the address bar, then press Talk again.',
  NotFoundError: 'No microphone was found. Connect one, then press Talk again.',
  NotReadableError:
    'The microphone is in use or does not work. Close what uses it, then press Talk again.',
};

const parameters = new URLSearchParams(location.search);
/** @type {Call | undefined} */
let call;

class Call {
  /** @type {(() => unknown)[]} */
  #releases = [];
  #isOver = false;
  /** @type {WebSocket | undefined} */
  #socket;

  async start() {
    show('connecting');
    try {
      const { capture, playback, rate } = await this.#openAudio();
      if (!this.#isOver) this.#connect(capture, playback, rate);
    } catch (error) {
      this.end('failed', microphoneProblem(error));
    }
  }

  hangUp() {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify({ type: 'hangup' }));
    }
    this.end('ended', ENDINGS.hangup);
  }

  /**
   * @param {'ended' | 'failed'} state
   * @param {string} [why]
   */
  end(state, why) {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const release of this.#releases) release();
    call = undefined;
    show(state, why);
  }

  async #openAudio() {
    if (navigator.mediaDevices === undefined) throw new DOMException('', 'SecurityError');
    const context = openContext();
    this.#release(() => void context.close());
    await context.audioWorklet.addModule('/worklet.js');
    const processing = parameters.get('processing') !== 'off';
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: {
        echoCancellation: processing,
        noiseSuppression: processing,
        autoGainControl: processing,
      },
    });
    this.#release(() => stream.getTracks().forEach((track) => track.stop()));

    const microphone = context.createMediaStreamSource(stream);
    const capture = new AudioWorkletNode(context, 'capture', { numberOfOutputs: 0 });
    microphone.connect(capture);
    const playback = new AudioWorkletNode(context, 'playback', {
      numberOfInputs: 0,
      outputChannelCount: [1],
    });
    playback.connect(context.destination);
    this.#release(drawLevel('user-level', analyse(microphone)));
    this.#release(drawLevel('agent-level', analyse(playback)));
    return { capture: capture.port, playback: playback.port, rate: context.sampleRate };
  }

  /**
   * @param {MessagePort} capture
   * @param {MessagePort} playback
   * @param {number} rate
   */
  #connect(capture, playback, rate) {
    const address = new URL('/call', location.href);
    address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    for (const key of ['id', 'token', 'name']) {
      const value = parameters.get(key);
      if (value !== null) address.searchParams.set(key, value);
    }
    address.searchParams.set('rate', String(rate));

    const socket = new WebSocket(address);
    this.#socket = socket;
    this.#release(() => socket.close());
    socket.binaryType = 'arraybuffer';
    let hasOpened = false;
    socket.addEventListener('open', () => {
      hasOpened = true;
      clearCaptions();
      show('listening');
    });
    socket.addEventListener(
      'message',
      (/** @type {MessageEvent<string | ArrayBuffer>} */ { data }) => {
        if (data instanceof ArrayBuffer) playback.postMessage(data, [data]);
        else this.#receive(data, playback);
      },
    );
    socket.addEventListener('close', () => {
      const refused =
        'The call cannot be reached. It may be over: start the agent again and open the new address.';
      const lost = 'The connection to the agent was lost. Press Talk to try again.';
      this.end('failed', hasOpened ? lost : refused);
    });

    capture.addEventListener('message', (/** @type {MessageEvent<ArrayBuffer>} */ { data }) => {
      const isSlow = socket.bufferedAmount > MAX_UNSENT_S * rate * 2;
      if (socket.readyState === WebSocket.OPEN && !isSlow) socket.send(data);
    });
    capture.start();
    playback.addEventListener('message', ({ data: isPlaying }) => {
      if (!this.#isOver) show(isPlaying ? 'speaking' : 'listening');
    });
    playback.start();
  }

  /**
   * @param {string} text
   * @param {MessagePort} playback
   */
  #receive(text, playback) {
    /** @type {unknown} */
    const message = JSON.parse(text);
    if (!isServerMessage(message)) return;
    switch (message.type) {
      case 'caption':
        showCaption(message);
        break;
      case 'flush':
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port has no origin
        playback.postMessage('flush');
        break;
      case 'ended':
        this.end('ended', ENDINGS[message.reason]);
        break;
    }
  }

  /**
   * Lets go at the end of the call, or at once when it has ended while this was being opened.
   * @param {() => unknown} release
   */
  #release(release) {
    if (this.#isOver) release();
    else this.#releases.push(release);
  }
}

/**
 * @param {unknown} message
 * @returns {message is ServerMessage}
 */
function isServerMessage(message) {
  return typeof message === 'object' && message !== null && 'type' in message;
}

function openContext() {
  const context = new AudioContext();
  if (context.sampleRate <= MAX_RATE_HZ) return context;
  void context.close();
  return new AudioContext({ sampleRate: MAX_RATE_HZ });
}

/** @param {unknown} error */
function microphoneProblem(error) {
  const name = error instanceof Error ? error.name : '';
  if (name === 'SecurityError') {
    return 'The browser lends the microphone only to pages on 127.0.0.1, localhost or HTTPS.';
  }
  return MICROPHONE_PROBLEMS[name] ?? `The audio could not be started (${name}).`;
}

/** @param {AudioNode} node */
function analyse(node) {
  const analyser = node.context.createAnalyser();
  analyser.fftSize = 2048;
  node.connect(analyser);
  return analyser;
}

element('talk', HTMLButtonElement).addEventListener('click', () => {
  if (call) {
    call.hangUp();
    return;
  }
  call = new Call();
  void call.start();
});

element('call-id', HTMLElement).textContent = parameters.get('id');
drawLevel('user-level');
drawLevel('agent-level');
