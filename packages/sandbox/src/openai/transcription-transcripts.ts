import type { HeardWord } from '../voice/words.ts';
import type { RealtimeChannel } from './realtime-channel.ts';
import { TranscriptionJob } from './transcription-job.ts';
import type { TranscriptionSettings } from './transcription-settings.ts';
import { provider } from './transcription-strike.ts';

const transcriptFaults = [
  'transcription-failed',
  'empty-transcript',
  'no-transcript',
  'reordered-transcripts',
] as const;

const type = 'conversation.item.input_audio_transcription';

/** A turn that was committed. */
export interface CommittedItem {
  itemId: string;
  words: readonly HeardWord[];
  /** Where in the audio that was; undefined where the client did it, whose clock decides. */
  committedAtMs: number | undefined;
  /** Where speech began, as far as the client was told. */
  startMs: number | undefined;
}

/** Tells the words of a session's items. */
export class TranscriptTeller {
  readonly #channel: RealtimeChannel;
  readonly #settings: TranscriptionSettings;
  readonly #jobs = new Set<TranscriptionJob>();
  #audioMs = 0;
  /** How many words of the item that grows were told, by a model that streams. */
  #streamedCount = 0;
  /** A transcript that comes after the one of the next turn. */
  #held: (() => void) | undefined;

  constructor(channel: RealtimeChannel, settings: TranscriptionSettings) {
    this.#channel = channel;
    this.#settings = settings;
  }

  /** So much audio was heard by now. */
  advance(audioMs: number): void {
    this.#audioMs = audioMs;
    for (const job of this.#jobs) job.advance(audioMs);
  }

  /** Tells the words of an item that grows that were not told yet. */
  stream(itemId: string, words: readonly HeardWord[]): void {
    this.#deltas(itemId, words.slice(this.#streamedCount), this.#streamedCount > 0);
    this.#streamedCount = words.length;
  }

  /** Takes a turn, and tells its transcript after the delay that is configured. */
  transcribe(item: CommittedItem): void {
    this.#streamedCount = 0;
    const { itemId, words, committedAtMs } = item;
    const delayMs = this.#channel.backstage.delays.draw('commitMs');
    const job = new TranscriptionJob({
      delayMs,
      committedAtMs,
      onFirstWords: () => {
        if (!this.#settings.isStreaming) this.#deltas(itemId, words.slice(0, -1), false);
      },
      onDone: () => {
        this.#jobs.delete(job);
        this.#done(item, delayMs);
      },
    });
    this.#jobs.add(job);
  }

  /** Nobody listens any more. */
  stop(): void {
    for (const job of this.#jobs) job.cancel();
  }

  #deltas(itemId: string, words: readonly HeardWord[], goesOn: boolean): void {
    words.forEach(({ word }, index) => {
      const delta = index > 0 || goesOn ? ` ${word}` : word;
      this.#channel.send(`${type}.delta`, { item_id: itemId, content_index: 0, delta });
    });
  }

  #done(item: CommittedItem, delayMs: number): void {
    const { backstage, struck } = this.#channel;
    const fault = backstage.faults.take(provider, transcriptFaults, undefined, struck)?.fault;
    if (fault === 'no-transcript') return;
    if (fault === 'transcription-failed') {
      const error = { type: 'server_error', code: 'server_error', message: 'No.', param: null };
      this.#channel.send(`${type}.failed`, { item_id: item.itemId, content_index: 0, error });
      return;
    }
    const words = fault === 'empty-transcript' ? [] : item.words;
    const tell = (): void => this.#complete({ ...item, words }, delayMs);
    if (fault === 'reordered-transcripts') {
      this.#held = tell;
      return;
    }
    tell();
    this.#held?.();
    this.#held = undefined;
  }

  #complete({ itemId, words, committedAtMs, startMs }: CommittedItem, delayMs: number): void {
    this.#channel.send(`${type}.completed`, {
      item_id: itemId,
      content_index: 0,
      transcript: words.map(({ word }) => word).join(' '),
      usage: this.#usage(words),
    });
    const last = words.at(-1);
    if (last === undefined) return;
    const { truth } = this.#channel.backstage;
    truth.count('stt.transcripts');
    // Where the end of speech is not told, nobody can know how long it took.
    if (this.#settings.vad?.type !== 'server_vad' || committedAtMs === undefined) return;
    const latencyMs = Math.max(this.#audioMs, committedAtMs + delayMs) - last.endMs;
    truth.latency('stt.latency.ms', latencyMs);
    truth.latency('turn.trailing_silence.ms', latencyMs);
    if (startMs !== undefined) truth.latency('turn.duration.ms', last.endMs - startMs);
  }

  #usage(words: readonly HeardWord[]): Record<string, unknown> {
    const [first] = words;
    const seconds = ((words.at(-1)?.endMs ?? 0) - (first?.startMs ?? 0)) / 1000;
    if (this.#settings.isBilledByTime) return { type: 'duration', seconds };
    const [input, output] = [Math.ceil(seconds * 10), words.length];
    return {
      type: 'tokens',
      total_tokens: input + output,
      input_tokens: input,
      input_token_details: { text_tokens: 0, audio_tokens: input },
      output_tokens: output,
    };
  }
}
