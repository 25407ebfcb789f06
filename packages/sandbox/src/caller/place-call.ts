import { once } from 'node:events';

import { WebSocket } from 'ws';

import { parseObject } from '../json.ts';
import { bufferOf } from '../raw-data.ts';
import { defaultChordMs } from '../voice/chord.ts';
import { speak, spokenDurationMs } from '../voice/speak.ts';
import type { CallEvent, CallOptions, CallReport, CallTurn } from './call-report.ts';
import { Ear } from './ear.ts';
import { Microphone } from './microphone.ts';

const handshakeTimeoutMs = 5000;

/**
 * Calls an agent through its local edge and talks with it: waits for the greeting, says each line after the answer to the one
 * before, hangs up. Everything it reports is from the audio and its own clock.
 * Rejects when the call is not answered; whatever goes wrong later is in the report.
 */
export async function placeCall(options: CallOptions): Promise<CallReport> {
  const { sampleRateHz = 16_000, answerTimeoutMs = 30_000, chordMs = defaultChordMs } = options;
  const report: CallReport = {
    turns: [],
    greeting: '',
    greetingLatencyMs: undefined,
    problems: [],
  };
  const tell = (event: CallEvent): void => options.onEvent?.(event);
  const url = new URL(options.url);
  url.searchParams.set('rate', String(sampleRateHz));
  const ws = new WebSocket(url, { handshakeTimeout: handshakeTimeoutMs, perMessageDeflate: false });
  const ear = new Ear(sampleRateHz, chordMs);
  const over = new AbortController();
  let endReason = 'the line was closed';
  ws.on('message', (data, isBinary) => {
    if (isBinary) ear.hear(bufferOf(data));
    else if (readText(bufferOf(data).toString(), tell) === 'ended') endReason = 'the agent hung up';
  });
  ws.on('error', (error) => {
    endReason = error.message;
  });
  ws.on('close', () => over.abort());
  over.signal.addEventListener('abort', () => ear.close(), { once: true });
  const hangUp = (): void => {
    endReason = 'aborted';
    over.abort();
  };
  options.signal?.addEventListener('abort', hangUp, { once: true });
  let microphone: Microphone | undefined;
  try {
    options.signal?.throwIfAborted();
    await once(ws, 'open', { signal: over.signal });
    const connectedAt = performance.now();
    tell({ type: 'connected' });
    microphone = new Microphone(sampleRateHz, (frame) => ws.send(frame));
    const greeting = await ear.answer(answerTimeoutMs);
    if (greeting === undefined) report.problems.push('no greeting was heard');
    else {
      report.greeting = greeting.text;
      report.greetingLatencyMs = greeting.firstFrameAt - connectedAt;
    }
    tell({ type: 'greeting', heard: report.greeting, latencyMs: report.greetingLatencyMs });
    for (const [index, said] of options.lines.entries()) {
      if (over.signal.aborted || options.lastAnswer?.aborted === true) break;
      const turn = await takeTurn(said);
      report.turns.push(turn);
      tell({ type: 'turn', index, turn });
    }
    if (over.signal.aborted) report.problems.push(`the call ended early: ${endReason}`);
    else endReason = 'all was said';
    tell({ type: 'ended', reason: endReason });
    return report;
  } finally {
    options.signal?.removeEventListener('abort', hangUp);
    microphone?.stop();
    ear.close();
    await close(ws);
  }

  async function takeTurn(said: string): Promise<CallTurn> {
    const answer = ear.answer(answerTimeoutMs + spokenDurationMs(said, chordMs));
    let spokenAt: number | undefined;
    microphone?.say(speak(said, { sampleRateHz, chordMs }), (sentAt) => {
      spokenAt = sentAt;
    });
    const heard = await answer;
    if (heard === undefined || spokenAt === undefined) {
      report.problems.push(`no complete answer to line ${report.turns.length + 1}`);
      return { said, heard: '', responseLatencyMs: undefined };
    }
    const responseLatencyMs = heard.firstFrameAt - spokenAt;
    if (responseLatencyMs < 0) {
      report.problems.push(`line ${report.turns.length + 1} was answered before it was said`);
    }
    return { said, heard: heard.text, responseLatencyMs };
  }
}

function readText(json: string, tell: (event: CallEvent) => void): unknown {
  const message = parseObject(json);
  const { type, speaker, text, final } = message ?? {};
  if (type === 'caption' && typeof text === 'string') {
    tell({ type, speaker: speaker === 'user' ? 'user' : 'agent', text, final: final === true });
  }
  return type;
}

async function close(ws: WebSocket): Promise<void> {
  if (ws.readyState === ws.CLOSED) return;
  const late = setTimeout(() => ws.terminate(), 1000);
  const closed = once(ws, 'close');
  ws.close(1000);
  await closed;
  clearTimeout(late);
}
