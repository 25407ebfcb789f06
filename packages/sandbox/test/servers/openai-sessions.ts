import {
  Listener,
  speak,
  startSandbox,
  type Sandbox,
  type SandboxOptions,
} from '@vision-agents/sandbox';
import { expect } from 'vitest';

import { RawClient } from '../raw-client.ts';

/** An object of JSON. */
export type Json = Record<string, unknown>;

const rate = 24_000;
/** The only format that there is here. */
export const format: Json = { type: 'audio/pcm', rate };
/** Of every client. */
export const headers = { authorization: 'Bearer any' };
/** What clients ask for. */
export const session: Json & { audio: { input: Json; output: Json } } = {
  type: 'realtime',
  output_modalities: ['audio'],
  audio: {
    input: {
      format,
      transcription: { model: 'gpt-4o-mini-transcribe' },
      turn_detection: { type: 'server_vad', silence_duration_ms: 400 },
    },
    output: { format, voice: 'marin' },
  },
  tools: [{ type: 'function', name: 'get_weather', parameters: {} }],
  max_output_tokens: 'inf',
};

/** A sandbox and a client of a session that is set up. */
export async function openSession(options: SandboxOptions = {}): Promise<{
  sandbox: Sandbox;
  client: RawClient;
}> {
  const sandbox = await startSandbox({ delays: { firstTokenMs: 5, completeMs: 60 }, ...options });
  const client = await askForSession(sandbox);
  await client.message(isA('session.updated'));
  return { sandbox, client };
}

/** A client that has asked for a session. */
export async function askForSession(sandbox: Sandbox, more: Json = {}): Promise<RawClient> {
  const url = `${sandbox.openaiUrl}/realtime?model=gpt-realtime-2`;
  const client = await new RawClient(url, { headers }).open();
  await client.message(isA('session.created'));
  client.send({ type: 'session.update', session: { ...session, ...more } });
  return client;
}

/** Fits an event of this type. */
export function isA(type: string): (message: Json) => boolean {
  return (event) => event['type'] === type;
}

/** How many of an event came. */
export function countOf(client: RawClient, type: string): number {
  return client.messages.filter(isA(type)).length;
}

/** Sends audio: what is said, and ms of silence. */
export function say(client: RawClient, ...pieces: (number | string)[]): void {
  for (const piece of pieces) {
    const samples =
      typeof piece === 'number'
        ? new Int16Array((piece * rate) / 1000)
        : speak(piece, { sampleRateHz: rate });
    for (let at = 0; at < samples.length; at += 480) {
      const frame = samples.subarray(at, at + 480);
      const audio = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString(
        'base64',
      );
      client.send({ type: 'input_audio_buffer.append', audio });
    }
  }
}

/** Puts an item into the conversation. */
export function create(client: RawClient, item: Json): void {
  client.send({ type: 'conversation.item.create', item });
}

/** Says something in writing, and wants a response. */
export function ask(client: RawClient, text: string): void {
  create(client, { type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
  client.send({ type: 'response.create' });
}

/** A value as an object. */
export function object(value: unknown): Json {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** A value as a list. */
export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** What the voice said, from the audio alone. */
export function heard(client: RawClient): string {
  let text = '';
  const listener = new Listener({
    sampleRateHz: rate,
    onCharacter: (character) => (text += character.text),
  });
  for (const { delta } of client.messages.filter(isA('response.output_audio.delta'))) {
    listener.write(Buffer.from(String(delta), 'base64'));
  }
  listener.write(new Uint8Array(24_000));
  return text;
}

/** The response that ended so many-th. */
export async function done(client: RawClient, count = 1): Promise<Json> {
  await expect.poll(() => countOf(client, 'response.done')).toBeGreaterThanOrEqual(count);
  return object(client.messages.filter(isA('response.done'))[count - 1]?.['response']);
}

/** The first error that the client was told of. */
export async function errorOf(client: RawClient): Promise<Json> {
  const { error } = await client.message(isA('error'));
  return object(error);
}
