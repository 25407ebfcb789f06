import type { STTEvent, STTStream } from '@vision-agents/core';
import { speak } from '@vision-agents/sandbox';

/** The rate of the caller's microphone: that of the STT, so that nothing is resampled. */
export const SAMPLE_RATE_HZ = 24_000;
/** Samples in 20 ms of it. */
export const FRAME_SAMPLES = 480;

/** What a caller says: words, and enough silence for the sandbox to end the turn. */
export function utterance(text: string, silenceMs = 500): Int16Array {
  const words = speak(text, { sampleRateHz: SAMPLE_RATE_HZ });
  const samples = new Int16Array(words.length + (silenceMs * SAMPLE_RATE_HZ) / 1000);
  samples.set(words);
  return samples;
}

/** Writes audio in frames of 20 ms, all at once: fine for what is shorter than three seconds. */
export function write(stream: STTStream, samples: Int16Array): void {
  for (let at = 0; at < samples.length; at += FRAME_SAMPLES) {
    const frame = samples.subarray(at, at + FRAME_SAMPLES);
    stream.write({ samples: frame, sampleRateHz: SAMPLE_RATE_HZ });
  }
}

/** Reads on until an event passes the test, and returns what was read, that one included. */
export async function readUntil(
  events: AsyncIterator<STTEvent>,
  isLast: (event: STTEvent) => boolean,
): Promise<STTEvent[]> {
  const read: STTEvent[] = [];
  for (;;) {
    const next = await events.next();
    if (next.done === true) return read;
    read.push(next.value);
    if (isLast(next.value)) return read;
  }
}

/** The turn was ended for good. */
export function endsTurn(event: STTEvent): boolean {
  return event.type === 'turn-end' && !event.eager;
}

/** A transcript that will not change any more. */
export function isFinal(event: STTEvent): boolean {
  return event.type === 'transcript' && event.final;
}

/** The final transcripts among events. */
export function finals(events: readonly STTEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'transcript' && event.final ? event.text : []));
}
