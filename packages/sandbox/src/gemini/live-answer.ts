import type { Backstage } from '../backstage.ts';
import { onSchedule } from '../schedule.ts';
import { speak } from '../voice/speak.ts';

/** Live speaks at this rate, in Hz. */
const sampleRateHz = 24_000;
const chunkMs = 100;
/** What a millisecond of it is. */
export const outputBytesPerMs: number = (sampleRateHz * 2) / 1000;

/** What an answer is spoken with. */
export interface LiveAnswer {
  text: string;
  /** When it was asked for, by `performance.now()`. */
  startedAt: number;
  /** How much longer than the delays say it takes. */
  thinkMs: number;
  /** Whether samples are cut in half. */
  isOdd: boolean;
  signal: AbortSignal;
  /** The first audio is about to leave, so long after it was asked for. */
  onFirst: (firstMs: number) => void;
  /** Sends a part: audio and the words in it. False ends the answer. */
  send: (audio: Buffer, words: string) => boolean;
}

/** Speaks an answer, chunk by chunk when each is due. Resolves with how much audio was sent, in ms. */
export async function speakAnswer(backstage: Backstage, answer: LiveAnswer): Promise<number> {
  const { delays, chordMs } = backstage;
  const { text, startedAt, thinkMs, isOdd, signal } = answer;
  const samples = speak(text, { sampleRateHz, chordMs });
  const audio = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const size = Math.round(chunkMs * outputBytesPerMs) + (isOdd ? 1 : 0);
  const count = Math.ceil(audio.length / size);
  const words = text.match(/\S+\s*/gu) ?? [];
  const [firstMs, lastMs] = delays.drawPair('firstTokenMs', 'completeMs');
  const schedule = {
    startedAt,
    firstMs: firstMs + thinkMs,
    lastMs: lastMs + thinkMs,
    count,
    signal,
  };
  let sentBytes = 0;
  for await (const index of onSchedule(schedule)) {
    if (index === 0) answer.onFirst(schedule.firstMs);
    const chunk = audio.subarray(index * size, (index + 1) * size);
    const from = Math.round((index * words.length) / count);
    const to = Math.round(((index + 1) * words.length) / count);
    if (!answer.send(chunk, words.slice(from, to).join(''))) break;
    sentBytes += chunk.length;
  }
  return sentBytes / outputBytesPerMs;
}
