import type { AudioFrame, TTSStream } from '@vision-agents/core';
import { Listener, WordCollector } from '@vision-agents/sandbox';

/** All frames of a text that is spoken to its end. */
export async function speakAll(
  stream: TTSStream,
  text: string,
  signal?: AbortSignal,
): Promise<AudioFrame[]> {
  const frames: AudioFrame[] = [];
  for await (const frame of stream.synthesize(text, signal)) frames.push(frame);
  return frames;
}

/** The words that can be heard in frames: proof that the audio is whole and in order. */
export function heard(frames: readonly AudioFrame[]): string {
  const words = new WordCollector();
  const listener = new Listener({
    sampleRateHz: frames[0]?.sampleRateHz ?? 24_000,
    onCharacter: (character) => void words.add(character),
  });
  for (const frame of frames) listener.writeSamples(frame.samples);
  return words.words.map(({ word }) => word).join(' ');
}

/** The error with which work fails. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}
