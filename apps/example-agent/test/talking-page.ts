import type { LocalCall } from '@vision-agents/plugin-local';
import { Listener, WordCollector } from '@vision-agents/sandbox';
import type { Browser, Page } from 'puppeteer-core';

/** A call's page, with an ear at its loudspeaker. */
export interface TalkingPage {
  readonly page: Page;
  /** Errors that the page had or wrote to its console. */
  readonly problems: readonly string[];
  /** All words that the loudspeaker has spoken so far, recognised from its sound. */
  heard(): Promise<string>;
  /** The text of every element that matches. */
  texts(selector: string): Promise<unknown>;
}

/** Hands over what passes through it, as 16-bit samples in pieces of a tenth of a second. */
const TAP_MODULE = `
  registerProcessor('tap', class extends AudioWorkletProcessor {
    #piece = [];
    process([input]) {
      for (const sample of input?.[0] ?? []) this.#piece.push(Math.round(sample * 32767));
      if (this.#piece.length < sampleRate / 10) return true;
      this.port.postMessage(this.#piece);
      this.#piece = [];
      return true;
    }
  });`;

/** Before the page's own scripts: whatever is connected to the loudspeaker is recorded as well. */
const TAP = `
  const module = URL.createObjectURL(new Blob([${JSON.stringify(TAP_MODULE)}], { type: 'text/javascript' }));
  const { addModule } = AudioWorklet.prototype;
  AudioWorklet.prototype.addModule = async function (...args) {
    await addModule.call(this, module);
    await addModule.apply(this, args);
  };
  window.played = [];
  const { connect } = AudioNode.prototype;
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode) {
      window.sampleRateHz = this.context.sampleRate;
      const tap = new AudioWorkletNode(this.context, 'tap', { numberOfOutputs: 0 });
      tap.port.onmessage = ({ data }) => window.played.push(data);
      connect.call(this, tap);
    }
    return connect.call(this, target, ...rest);
  };`;

/** Opens the page of a call; its microphone is the browser's, without any processing. */
export async function openTalkingPage(browser: Browser, call: LocalCall): Promise<TalkingPage> {
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  // The page's policy lets no script in but its own.
  await page.setBypassCSP(true);
  await page.evaluateOnNewDocument(TAP);
  await page.goto(`${call.pageUrl}&processing=off`);
  const words = new WordCollector();
  let listener: Listener | undefined;
  return {
    page,
    problems,
    async heard() {
      const played = await page.evaluate('({ pieces: played.splice(0), sampleRateHz })');
      if (!isRecording(played)) throw new TypeError('the page has recorded no audio');
      listener ??= new Listener({
        sampleRateHz: played.sampleRateHz,
        onSpeechStart: () => words.breakWord(),
        onCharacter: (character) => words.add(character),
      });
      for (const samples of played.pieces) listener.writeSamples(Int16Array.from(samples));
      return words.text;
    },
    texts: (selector) =>
      page.evaluate(
        `Array.from(document.querySelectorAll('${selector}'), (found) => found.textContent)`,
      ),
  };
}

function isRecording(value: unknown): value is { pieces: number[][]; sampleRateHz: number } {
  return typeof value === 'object' && value !== null && 'pieces' in value;
}
