import { speak, startSandbox, type Sandbox, type SandboxOptions } from '@vision-agents/sandbox';

import { RawClient } from '../raw-client.ts';

const rate = 24_000;
/** Of every client. */
export const headers = { authorization: 'Bearer key' };
/** What events about the words of an item begin with. */
export const transcription = 'conversation.item.input_audio_transcription';
/** A detection that is said in full. */
export const serverVad = {
  type: 'server_vad',
  prefix_padding_ms: 300,
  silence_duration_ms: 500,
} as const;

/** Where sessions for transcription are. */
export function urlOf(sandbox: Sandbox): string {
  return `${sandbox.openaiUrl}/realtime?intent=transcription`;
}

/** The event that sets a session up, with some of its input changed. */
export function update(
  input: Record<string, unknown> = {},
  type = 'transcription',
): Record<string, unknown> {
  const format = { type: 'audio/pcm', rate };
  const model = { model: 'gpt-4o-mini-transcribe' };
  const audio = {
    input: { format, transcription: model, turn_detection: serverVad, ...input },
  };
  return { type: 'session.update', event_id: 'mine', session: { type, audio } };
}

/** A sandbox and a client of a session that is set up. */
export async function openTranscription(
  input: Record<string, unknown> = {},
  options: SandboxOptions = {},
): Promise<{ sandbox: Sandbox; client: RawClient }> {
  const sandbox = await startSandbox({ delays: { commitMs: 20 }, ...options });
  const client = await new RawClient(urlOf(sandbox), { headers }).open();
  client.send(update(input));
  await client.message(is('session.updated'));
  return { sandbox, client };
}

/** Silence of so many ms, or words. */
export function samplesOf(piece: number | string): Int16Array {
  return typeof piece === 'number'
    ? new Int16Array((piece * rate) / 1000)
    : speak(piece, { sampleRateHz: rate });
}

/** The event that sends audio. */
export function append(samples: Int16Array): Record<string, unknown> {
  const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  return { type: 'input_audio_buffer.append', audio: bytes.toString('base64') };
}

/** Sends audio in pieces of 100 ms, as fast as the socket takes them: the server goes by the audio alone. */
export function send(client: RawClient, ...pieces: (number | string)[]): void {
  for (const samples of pieces.map(samplesOf)) {
    for (let at = 0; at < samples.length; at += 2400) {
      client.send(append(samples.subarray(at, at + 2400)));
    }
  }
}

/** The client says that a turn is over. */
export function commit(client: RawClient): void {
  client.send({ type: 'input_audio_buffer.commit' });
}

/** Fits an event of this type. */
export function is(type: string): (message: Record<string, unknown>) => boolean {
  return (message) => message['type'] === type;
}

/** Fits a transcript. */
export function says(transcript: string): (message: Record<string, unknown>) => boolean {
  return (message) => message['transcript'] === transcript;
}

/** The types of all that a client was told. */
export function types(client: RawClient): unknown[] {
  return client.messages.map((message) => message['type']);
}
