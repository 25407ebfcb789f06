import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { pcmBytes } from '@vision-agents/core';
import type { Browser } from 'puppeteer-core';
import { launch } from 'puppeteer-core';

/** A Chromium whose microphone plays a recording. */
export interface TalkingBrowser {
  readonly browser: Browser;
  close(): Promise<void>;
}

/** Starts Chromium with this recording, mono at 48 kHz, as its microphone; it is played over and over. */
export async function startTalkingBrowser(recording: Int16Array): Promise<TalkingBrowser> {
  const folder = await mkdtemp(join(tmpdir(), 'local-edge-'));
  const recordingPath = join(folder, 'microphone.wav');
  await writeFile(recordingPath, wavOf(recording, 48_000));
  const browser = await launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    userDataDir: join(folder, 'profile'),
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${recordingPath}`,
      '--autoplay-policy=no-user-gesture-required',
    ],
  });
  return {
    browser,
    async close() {
      await browser.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A RIFF file of mono 16-bit PCM. */
function wavOf(samples: Int16Array, sampleRateHz: number): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRateHz, 24);
  header.writeUInt32LE(sampleRateHz * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([header, pcmBytes(samples)]);
}
