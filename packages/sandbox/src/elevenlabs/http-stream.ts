import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';

import type { Backstage } from '../backstage.ts';
import { SentAudio, whenLeft } from '../delivery.ts';
import { parseObject } from '../json.ts';
import { readBody, sendJson, type Routed } from '../loopback-server.ts';
import { quoting } from '../quotation.ts';
import type { RequestGuard } from '../request-guard.ts';
import { onSchedule } from '../schedule.ts';
import { speak } from '../voice/speak.ts';
import { bytesOf, cut, pieceCount, sampleRateOf } from './output-format.ts';
import { areVoiceSettings } from './voice-settings.ts';

type Refusal = readonly [status: number, detail: unknown];

const refusals = {
  'http-401': [401, { status: 'invalid_api_key', message: 'Invalid API key' }],
  'http-403': [403, { status: 'missing_permissions', message: 'The API key may not do this.' }],
  'http-quota': [401, { status: 'quota_exceeded', message: 'The credits are used up.' }],
  'http-422': [
    422,
    [{ loc: ['body', 'text'], msg: 'field required', type: 'value_error.missing' }],
  ],
  'http-429-concurrency': [
    429,
    { status: 'too_many_concurrent_requests', message: 'Too many concurrent requests.' },
  ],
  'http-429-busy': [
    429,
    { status: 'system_busy', message: 'The system is busy. Try again later.' },
  ],
  'http-500': [500, { status: 'internal_error', message: 'An internal error occurred.' }],
} as const;

const refusalFaults = [
  'http-401',
  'http-403',
  'http-quota',
  'http-422',
  'http-429-concurrency',
  'http-429-busy',
  'http-500',
] as const;

/** Answers `POST /v1/text-to-speech/{voice}/stream`. */
export async function answerHttpStream(
  backstage: Backstage,
  guard: RequestGuard,
  { request, query }: Routed,
  response: ServerResponse,
): Promise<void> {
  const startedAt = performance.now();
  const { truth, faults, delays, chordMs } = backstage;
  const json = await readBody(request);
  const failed = guard.check(request, json);
  const body = parseObject(json);
  const text = typeof body?.['text'] === 'string' && body['text'] !== '' ? body['text'] : undefined;
  const sampleRateHz = sampleRateOf(query.get('output_format'));
  truth.count('tts.requests');
  truth.count('tts.characters', text?.length ?? 0);
  const refuse = ([status, detail]: Refusal): void => {
    failed();
    truth.outcome('tts.requests', 'failed');
    const quoted = quoting('What was sent:', request, json);
    sendJson(response, status, { detail, quoted }, { 'request-id': randomUUID() });
  };
  const fail = (problem: string, refusal: Refusal): void => {
    truth.count('tts.errors');
    truth.problem(`elevenlabs: ${problem}`);
    refuse(refusal);
  };
  if (faults.take('elevenlabs', ['http-hung']) !== undefined) {
    failed();
    truth.outcome('tts.requests', 'failed');
    return;
  }
  const refusal = faults.take('elevenlabs', refusalFaults)?.fault;
  if (refusal !== undefined) {
    refuse(refusals[refusal]);
    return;
  }
  if (typeof request.headers['xi-api-key'] !== 'string') {
    fail('no xi-api-key header', refusals['http-401']);
    return;
  }
  if (text === undefined) {
    fail('a request has no text', refusals['http-422']);
    return;
  }
  if (!areVoiceSettings(body?.['voice_settings'] ?? {})) {
    fail('voice_settings are not what ElevenLabs takes', refusals['http-422']);
    return;
  }
  if (sampleRateHz === undefined) {
    const message = 'The sandbox speaks pcm_16000, 22050, 24000, 44100 and 48000 only.';
    fail('unknown output_format', [400, { status: 'invalid_output_format', message }]);
    return;
  }
  response.writeHead(200, {
    'content-type': 'audio/pcm',
    'character-cost': String(costOf(text, body?.['model_id'])),
    'request-id': randomUUID(),
    'history-item-id': randomUUID(),
    'current-concurrent-requests': '1',
    'maximum-concurrent-requests': '10',
  });
  // The real service answers before it has audio: whoever takes the headers for audio must notice.
  response.flushHeaders();
  if (faults.take('elevenlabs', ['http-empty']) !== undefined) {
    failed();
    truth.outcome('tts.requests', 'failed');
    response.end();
    return;
  }
  const abort = new AbortController();
  response.once('close', () => abort.abort());
  const [firstMs, lastMs] = delays.drawPair('firstAudioMs', 'lastAudioMs');
  const audio = bytesOf(speak(text.trim(), { sampleRateHz, chordMs }));
  const odd = faults.take('elevenlabs', ['http-odd-chunks']) !== undefined;
  const pieces = cut(audio, odd ? audio.length / 333 : pieceCount(audio, sampleRateHz), 'odd');
  const schedule = { startedAt, firstMs, lastMs, count: pieces.length, signal: abort.signal };
  const sent = new SentAudio(sampleRateHz);
  for await (const index of onSchedule(schedule)) {
    const fault = faults.take('elevenlabs', ['http-reset', 'http-stall'], index)?.fault;
    if (fault === 'http-reset') {
      failed();
      response.socket?.resetAndDestroy();
    }
    if (fault !== undefined) {
      truth.outcome('tts.requests', 'failed');
      return;
    }
    const piece = pieces[index] ?? Buffer.alloc(0);
    response.write(piece);
    truth.count('tts.audio_duration.ms', sent.add(piece.length));
    if (index === 0) truth.latency('tts.time_to_first_audio.ms', firstMs);
    if (index === pieces.length - 1) truth.latency('tts.latency.ms', lastMs);
  }
  const noteUnread = (): void => truth.inFlight('tts.audio_duration.ms', sent.uncertainMs);
  if (abort.signal.aborted) {
    truth.outcome('tts.requests', 'aborted');
    noteUnread();
    return;
  }
  truth.outcome('tts.requests', 'completed');
  whenLeft(response.socket, () => {
    // A client that had read the end would have kept the connection for its next request.
    truth.outcome('tts.requests', 'completed', -1);
    truth.outcome('tts.requests', 'aborted');
    noteUnread();
  });
  response.end();
}

/** Credits: the fast models cost half of one for each character. */
function costOf(text: string, model: unknown): number {
  const isFast = typeof model === 'string' && /_(?:flash|turbo)_/.test(model);
  return Math.ceil(text.length * (isFast ? 0.5 : 1));
}
