import type { ServerResponse } from 'node:http';

import type { Backstage } from '../backstage.ts';
import { SentAudio, whenLeft } from '../delivery.ts';
import { bytesOf, cut, pieceCount } from '../elevenlabs/output-format.ts';
import { parseObject } from '../json.ts';
import { readBody, type Routed } from '../loopback-server.ts';
import type { RequestGuard } from '../request-guard.ts';
import { onSchedule } from '../schedule.ts';
import { speak } from '../voice/speak.ts';
import {
  invalidRequest,
  refusals,
  sendRefusal,
  standardHeaders,
  type Refusal,
} from './refusals.ts';

/** What `pcm` is: 16-bit, mono, at this rate. */
const sampleRateHz = 24_000;
const maxCharacters = 4096;

const refusalFaults = {
  'speech-400': 'status-400',
  'speech-401': 'status-401',
  'speech-429': 'status-429',
  'speech-quota': 'quota',
  'speech-500': 'status-500',
} as const;

const refusalNames = [
  'speech-400',
  'speech-401',
  'speech-429',
  'speech-quota',
  'speech-500',
] as const;

/** Answers `POST /v1/audio/speech`, in `pcm`. */
export async function answerSpeech(
  backstage: Backstage,
  guard: RequestGuard,
  { request }: Routed,
  response: ServerResponse,
): Promise<void> {
  const startedAt = performance.now();
  const { truth, faults, delays, chordMs } = backstage;
  const json = await readBody(request);
  const failed = guard.check(request, json);
  const body = parseObject(json) ?? {};
  const input = typeof body['input'] === 'string' ? body['input'] : '';
  truth.count('tts.requests');
  truth.count('tts.characters', Array.from(input).length);
  const end = (): void => {
    failed();
    truth.outcome('tts.requests', 'failed');
  };
  const refuse = (refusal: Refusal): void => {
    end();
    sendRefusal(response, refusal);
  };
  if (faults.take('openai', ['speech-hung']) !== undefined) {
    end();
    return;
  }
  const refusal = faults.take('openai', refusalNames)?.fault;
  if (refusal !== undefined) {
    refuse(refusals[refusalFaults[refusal]]);
    return;
  }
  const problem = problemOf(body, input);
  const isAuthorised = /^Bearer \S+$/.test(request.headers.authorization ?? '');
  if (problem !== undefined || !isAuthorised) {
    truth.count('tts.errors');
    const answer = isAuthorised ? invalidRequest(problem ?? '') : refusals['status-401'];
    truth.problem(`openai: ${answer.message}`);
    refuse(answer);
    return;
  }
  response.writeHead(200, { 'content-type': 'audio/pcm', ...standardHeaders() });
  // The real service answers before it has audio: whoever takes the headers for audio must notice.
  response.flushHeaders();
  if (faults.take('openai', ['speech-empty']) !== undefined) {
    end();
    response.end();
    return;
  }
  const abort = new AbortController();
  response.once('close', () => abort.abort());
  const [firstMs, lastMs] = delays.drawPair('firstAudioMs', 'lastAudioMs');
  const audio = bytesOf(speak(input.trim(), { sampleRateHz, chordMs }));
  const odd = faults.take('openai', ['speech-odd-chunks']) !== undefined;
  const pieces = cut(audio, odd ? audio.length / 333 : pieceCount(audio, sampleRateHz), 'odd');
  const schedule = { startedAt, firstMs, lastMs, count: pieces.length, signal: abort.signal };
  const sent = new SentAudio(sampleRateHz);
  for await (const index of onSchedule(schedule)) {
    const fault = faults.take('openai', ['speech-reset', 'speech-stall'], index)?.fault;
    if (fault !== undefined) {
      end();
      if (fault === 'speech-reset') response.socket?.resetAndDestroy();
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

function problemOf(body: Record<string, unknown>, input: string): string | undefined {
  const { model, voice, response_format: format, speed = 1, instructions } = body;
  if (input === '') return 'Speech was asked for without an input.';
  if (Array.from(input).length > maxCharacters) return 'An input is longer than 4096 characters.';
  if (typeof model !== 'string') return 'Speech was asked for without a model.';
  if (typeof voice !== 'string') return 'Speech was asked for without a voice.';
  if (format !== 'pcm') return 'The sandbox speaks pcm only.';
  if (typeof speed !== 'number' || speed < 0.25 || speed > 4) return 'A speed is not in 0.25 to 4.';
  if (instructions !== undefined && model.startsWith('tts-1')) {
    return 'The model does not take instructions.';
  }
  return undefined;
}
