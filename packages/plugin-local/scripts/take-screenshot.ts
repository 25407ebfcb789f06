/**
 * Takes the picture of the page for the documentation, in the middle of a call. Run it with
 * `node --conditions=@vision-agents/source scripts/take-screenshot.ts [file] [light|dark]`.
 */
import { writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import type { Caption } from '@vision-agents/core';
import { MetricsCollector, createConsoleLogger, systemClock } from '@vision-agents/core';

import { Edge } from '../src/index.ts';
import { startTalkingBrowser } from '../test/browser.ts';

const DEFAULT_PATH = fileURLToPath(new URL('../../../docs/images/local-page.png', import.meta.url));
const [path = DEFAULT_PATH, scheme = 'light'] = process.argv.slice(2);

const CONVERSATION: readonly Caption[] = [
  { speaker: 'agent', text: "Hello! I'm ready to help.", final: true },
  { speaker: 'user', text: 'Is the museum open on Monday?', final: true },
  {
    speaker: 'agent',
    text: 'No, it is closed on Mondays. On Tuesday it opens at ten, and entry is free until noon.',
    final: true,
  },
  { speaker: 'user', text: 'Then book two tickets for Tuesday, please.', final: true },
  { speaker: 'agent', text: 'Two tickets for Tuesday at ten. Shall I send the', final: false },
];

/** Noise with the rhythm of syllables and pauses, so that the levels look like speech. */
function babble(durationMs: number, sampleRateHz: number, seed: number): Int16Array {
  const length = (durationMs * sampleRateHz) / 1000;
  return Int16Array.from({ length }, (_, index) => {
    const seconds = index / sampleRateHz + seed;
    const syllable = Math.abs(Math.sin(seconds * 9.5)) * (0.55 + 0.45 * Math.sin(seconds * 3.1));
    const phrase = Math.sin(seconds * 1.7) > -0.8 ? 1 : 0.02;
    return 14_000 * syllable * phrase * Math.sin(seconds * 2 * Math.PI * 180);
  });
}

const talking = await startTalkingBrowser(babble(10_000, 48_000, 0.4));
const edge = new Edge();
try {
  const call = await edge.createCall('default', 'museum-desk');
  const controller = new AbortController();
  const joined = Promise.withResolvers<void>();
  const connection = await edge.join(call, {
    agentUser: { id: 'agent' },
    handlers: {
      participantJoined: () => joined.resolve(),
      participantLeft: () => undefined,
      audio: () => undefined,
      ended: () => undefined,
    },
    metrics: new MetricsCollector(),
    signal: controller.signal,
    logger: createConsoleLogger(),
    clock: systemClock,
    socketOpened: () => () => undefined,
    reconnected: () => undefined,
  });
  const page = await talking.browser.newPage();
  await page.setViewport({ width: 1000, height: 750 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.goto(`${call.pageUrl}&processing=off`);
  await page.click('#talk');
  await joined.promise;
  await page.waitForSelector('[data-state=listening]');
  for (const caption of CONVERSATION) connection.caption(caption);
  connection.playout.begin().play({ samples: babble(20_000, 24_000, 0), sampleRateHz: 24_000 });
  await page.waitForSelector('[data-state=speaking]');
  // Until the levels have filled their width.
  await delay(3500);
  await page.mouse.move(0, 0);
  await writeFile(path, await page.screenshot());
} finally {
  await edge.close();
  await talking.close();
}
