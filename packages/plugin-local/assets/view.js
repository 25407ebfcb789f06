/** @typedef {'idle' | 'connecting' | 'listening' | 'speaking' | 'ended' | 'failed'} State */

const LEVEL_INTERVAL_MS = 60;
const QUIETEST_DB = -54;

const STATUS = {
  idle: 'Press Talk to start.',
  connecting: 'Connecting…',
  listening: 'Listening',
  speaking: 'The agent is speaking',
  ended: 'The call is over.',
  failed: 'There is no call.',
};

const captions = element('captions', HTMLElement);

/**
 * @param {State} state
 * @param {string} [why]
 */
export function show(state, why) {
  document.body.dataset.state = state;
  const isInCall = state === 'connecting' || state === 'listening' || state === 'speaking';
  element('talk-label', HTMLElement).textContent = isInCall ? 'Hang up' : 'Talk';
  element('status', HTMLElement).textContent = state === 'ended' && why ? why : STATUS[state];
  const problem = element('problem', HTMLElement);
  problem.hidden = state !== 'failed' || why === undefined;
  problem.textContent = problem.hidden ? '' : (why ?? '');
}

/**
 * Draws the last seconds of a level as bars, the newest on the right. Returns what stops it.
 * @param {string} id
 * @param {AnalyserNode} [analyser]
 */
export function drawLevel(id, analyser) {
  const canvas = element(id, HTMLCanvasElement);
  const pen = canvas.getContext('2d');
  if (pen === null) return () => undefined;
  const samples = new Float32Array(analyser?.fftSize ?? 0);
  const scale = devicePixelRatio;
  canvas.width = canvas.clientWidth * scale;
  canvas.height = canvas.clientHeight * scale;
  const [width, gap] = [3 * scale, 3 * scale];
  /** @type {number[]} */
  const bars = Array.from({ length: Math.floor(canvas.width / (width + gap)) }, () => 0);
  const draw = () => {
    bars.shift();
    bars.push(levelOf(analyser, samples));
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.fillStyle = getComputedStyle(canvas).color;
    for (const [index, level] of bars.entries()) {
      const height = Math.max(width, level * canvas.height);
      pen.globalAlpha = level === 0 ? 0.35 : 1;
      pen.beginPath();
      pen.roundRect(index * (width + gap), (canvas.height - height) / 2, width, height, width / 2);
      pen.fill();
    }
  };
  draw();
  if (analyser === undefined) return () => undefined;
  const timer = setInterval(draw, LEVEL_INTERVAL_MS);
  return () => {
    clearInterval(timer);
    drawLevel(id);
  };
}

/**
 * The level from 0 (quiet) to 1 (full scale), as the ear hears it: in decibels.
 * @param {AnalyserNode | undefined} analyser
 * @param {Float32Array<ArrayBuffer>} samples
 */
function levelOf(analyser, samples) {
  if (analyser === undefined) return 0;
  analyser.getFloatTimeDomainData(samples);
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return Math.max(0, 1 - (10 * Math.log10(power)) / QUIETEST_DB);
}

export function clearCaptions() {
  captions.replaceChildren();
}

/**
 * Words that may still change are grey and hidden from screen readers; the final ones are a new
 * element, so that they are read out once.
 * @param {{ speaker: 'user' | 'agent', text: string, final: boolean }} caption
 */
export function showCaption({ speaker, text, final }) {
  const interim = captions.querySelector(`.interim.${speaker}`);
  if (text === '') {
    interim?.remove();
    return;
  }
  const entry = document.createElement('p');
  entry.className = `caption ${speaker}${final ? '' : ' interim'}`;
  if (!final) entry.ariaHidden = 'true';
  entry.append(part('speaker', speaker === 'user' ? 'You' : 'Agent'), ' ', part('text', text));
  if (interim) interim.replaceWith(entry);
  else captions.append(entry);
  captions.scrollTop = captions.scrollHeight;
}

/**
 * @param {string} name
 * @param {string} text
 */
function part(name, text) {
  const span = document.createElement('span');
  span.className = name;
  span.textContent = text;
  return span;
}

/**
 * An element of the page.
 * @template {HTMLElement} E
 * @param {string} id
 * @param {new () => E} kind
 */
export function element(id, kind) {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new TypeError(`the page has no ${kind.name} #${id}`);
}
