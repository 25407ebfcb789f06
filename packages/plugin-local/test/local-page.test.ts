import { Listener, speak, WordCollector } from '@vision-agents/sandbox';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';

import { Edge } from '../src/index.ts';
import type { TalkingBrowser } from './browser.ts';
import { startTalkingBrowser } from './browser.ts';
import { ManualClock } from './manual-clock.ts';
import type { TestCall } from './test-call.ts';
import { joinTestCall, namesOf } from './test-call.ts';
import { tone } from './tone.ts';

const SENTENCE = 'open the pod bay doors';
const PATIENCE = { timeout: 15_000, interval: 50 };

let talking: TalkingBrowser;

beforeAll(async () => {
  const speech = speak(SENTENCE, { sampleRateHz: 48_000 });
  const recording = new Int16Array(speech.length + 2 * 48_000);
  recording.set(speech, 48_000);
  talking = await startTalkingBrowser(recording);
}, 60_000);

afterAll(() => talking.close());

/** Opens a page that notes its problems and lets the test listen to what reaches the loudspeaker. */
async function openPage(url: string): Promise<{ page: Page; problems: string[] }> {
  const context = await talking.browser.createBrowserContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.evaluateOnNewDocument(`
    const connect = AudioNode.prototype.connect;
    AudioNode.prototype.connect = function (target, ...rest) {
      if (target instanceof AudioDestinationNode) {
        window.loudspeaker = new AnalyserNode(this.context, { fftSize: 8192, smoothingTimeConstant: 0 });
        connect.call(this, window.loudspeaker);
      }
      return connect.call(this, target, ...rest);
    };`);
  await page.goto(url);
  return { page, problems };
}

/** The loudest frequency at the loudspeaker, and its level from 0 to 1. */
function heardIn(page: Page): Promise<unknown> {
  return page.evaluate(`(() => {
    const bins = new Float32Array(loudspeaker.frequencyBinCount);
    loudspeaker.getFloatFrequencyData(bins);
    const peak = bins.indexOf(Math.max(...bins));
    const samples = new Float32Array(2048);
    loudspeaker.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    return {
      peakHz: (peak * loudspeaker.context.sampleRate) / loudspeaker.fftSize,
      rms: Math.sqrt(power),
    };
  })()`);
}

function stateOf(page: Page): Promise<unknown> {
  return page.evaluate('document.body.dataset.state');
}

/** The texts of all elements that match. */
function textsOf(page: Page, selector: string): Promise<unknown> {
  return page.evaluate(
    `Array.from(document.querySelectorAll('${selector}'), (found) => found.textContent)`,
  );
}

async function startTalking(call: TestCall): Promise<{ page: Page; problems: string[] }> {
  const opened = await openPage(`${call.call.pageUrl}&processing=off`);
  expect(await stateOf(opened.page)).toBe('idle');
  await opened.page.click('#talk');
  await vi.waitFor(async () => expect(await stateOf(opened.page)).toBe('listening'), PATIENCE);
  return opened;
}

test(
  'what the microphone hears reaches the agent, word for word',
  { timeout: 60_000 },
  async () => {
    const call = await joinTestCall(new Edge());
    const { problems } = await startTalking(call);
    await vi.waitFor(() => expect(call.heard.length).toBeGreaterThan(0), PATIENCE);
    const sampleRateHz = call.heard[0]?.frame.sampleRateHz ?? 0;
    expect(call.heard[0]?.frame.samples).toHaveLength(sampleRateHz / 50);

    const utterances: string[] = [];
    const words = new WordCollector();
    const listener = new Listener({
      sampleRateHz,
      onCharacter: (character) => words.add(character),
      onSpeechEnd: () => {
        utterances.push(words.text);
        words.take();
      },
    });
    await vi.waitFor(() => {
      for (const { frame } of call.heard.splice(0)) listener.writeSamples(frame.samples);
      // The recording may have been in the middle of the sentence when the page began to listen.
      expect(utterances).toContain(SENTENCE);
    }, PATIENCE);
    expect(problems).toEqual([]);
  },
);

test(
  'the agent is heard, and a flush silences what the page still had',
  { timeout: 60_000 },
  async () => {
    const clock = new ManualClock();
    const call = await joinTestCall(new Edge(), { clock });
    const { page, problems } = await startTalking(call);
    const answer = call.connection.playout.begin();
    answer.play({ samples: tone(660, 60_000, 24_000), sampleRateHz: 24_000 });
    // A clock that is ahead of the browser's, so that the page has more than the test is patient.
    for (let seconds = 0; seconds < 30; seconds++) {
      clock.advance(1000);
      await heardIn(page);
    }
    await vi.waitFor(async () => {
      const heard = await heardIn(page);
      expect(heard).toHaveProperty('peakHz', expect.closeTo(660, -1));
      expect(heard).toHaveProperty('rms', expect.closeTo(0.5 / Math.SQRT2, 1));
    }, PATIENCE);
    expect(await stateOf(page)).toBe('speaking');

    call.connection.playout.flush();
    await vi.waitFor(async () => expect(await heardIn(page)).toHaveProperty('rms', 0), PATIENCE);
    await vi.waitFor(async () => expect(await stateOf(page)).toBe('listening'), PATIENCE);
    expect(problems).toEqual([]);
  },
);

test('a sound shorter than the pre-buffer is heard', { timeout: 60_000 }, async () => {
  const call = await joinTestCall(new Edge());
  const { page } = await startTalking(call);
  await page.evaluate(`
    window.states = [];
    new MutationObserver(() => window.states.push(document.body.dataset.state))
      .observe(document.body, { attributeFilter: ['data-state'] });`);
  const answer = call.connection.playout.begin();
  answer.play({ samples: tone(660, 20, 24_000), sampleRateHz: 24_000 });
  answer.end();
  await vi.waitFor(
    async () => expect(await page.evaluate('states')).toEqual(['speaking', 'listening']),
    PATIENCE,
  );
});

test('both sides can be read as a conversation', { timeout: 60_000 }, async () => {
  const call = await joinTestCall(new Edge());
  const { page, problems } = await startTalking(call);
  const { connection } = call;
  connection.caption({ speaker: 'user', text: 'What', final: false });
  await vi.waitFor(
    async () => expect(await textsOf(page, '.interim .text')).toEqual(['What']),
    PATIENCE,
  );
  connection.caption({ speaker: 'user', text: 'What time', final: false });
  connection.caption({ speaker: 'user', text: 'What time is it?', final: true });
  connection.caption({ speaker: 'agent', text: '<b>Noon</b>.', final: true });
  await vi.waitFor(async () => {
    const entries = await textsOf(page, '.caption');
    expect(entries).toEqual(['You What time is it?', 'Agent <b>Noon</b>.']);
  }, PATIENCE);
  expect(await textsOf(page, '.interim')).toEqual([]);
  expect(problems).toEqual([]);
});

test('hanging up ends the call for the agent', { timeout: 60_000 }, async () => {
  const call = await joinTestCall(new Edge());
  const { page } = await startTalking(call);
  expect(await textsOf(page, '#talk-label')).toEqual(['Hang up']);
  await page.click('#talk');
  await vi.waitFor(
    () => expect(namesOf(call.told)).toEqual(['joined', 'left', 'ended: hangup']),
    PATIENCE,
  );
  expect(await stateOf(page)).toBe('ended');
  expect(await textsOf(page, '#status')).toEqual(['You hung up.']);
  expect(await textsOf(page, '#talk-label')).toEqual(['Talk']);
});

test('the page says why the agent ended the call', { timeout: 60_000 }, async () => {
  const call = await joinTestCall(new Edge());
  const { page, problems } = await startTalking(call);
  await call.connection.close('max_duration');
  await vi.waitFor(async () => expect(await stateOf(page)).toBe('ended'), PATIENCE);
  expect(await textsOf(page, '#status')).toEqual([expect.stringContaining('longest duration')]);
  expect(problems).toEqual([]);

  await page.click('#talk');
  await vi.waitFor(async () => expect(await stateOf(page)).toBe('failed'), PATIENCE);
  expect(await textsOf(page, '#problem')).toEqual([expect.stringContaining('cannot be reached')]);
});

test('a refused microphone is explained', { timeout: 60_000 }, async () => {
  const call = await joinTestCall(new Edge());
  const { page } = await openPage(call.call.pageUrl);
  await page.evaluate(`navigator.mediaDevices.getUserMedia = () =>
    Promise.reject(new DOMException('', 'NotAllowedError'))`);
  await page.click('#talk');
  await vi.waitFor(async () => expect(await stateOf(page)).toBe('failed'), PATIENCE);
  expect(await textsOf(page, '#problem')).toEqual([expect.stringContaining('Allow it')]);
  expect(namesOf(call.told)).toEqual([]);
});
