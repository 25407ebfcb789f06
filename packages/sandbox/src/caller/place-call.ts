import { once } from 'node:events';

import { WebSocket } from 'ws';

import { parseObject } from '../json.ts';
import { bufferOf } from '../raw-data.ts';
import { defaultChordMs } from '../voice/chord.ts';
import { actsOf, beginsInSilence } from './call-act.ts';
import type { CallEvent, CallOptions, CallReport } from './call-report.ts';
import { Ear } from './ear.ts';
import { Microphone } from './microphone.ts';
import { Talk } from './talk.ts';

const handshakeTimeoutMs = 5000;

/**
 * Calls an agent through its local edge and talks with it: waits for the greeting, does what the script says, hangs up.
 * Everything it reports is from the audio and its own clock.
 * Rejects when the call is not answered; whatever goes wrong later is in the report.
 */
export async function placeCall(options: CallOptions): Promise<CallReport> {
  const { sampleRateHz = 16_000, answerTimeoutMs = 30_000, chordMs = defaultChordMs } = options;
  const acts = actsOf(options.lines);
  const report: CallReport = {
    turns: [],
    greeting: '',
    greetingLatencyMs: undefined,
    endedBy: 'caller',
    problems: [],
  };
  const tell = (event: CallEvent): void => options.onEvent?.(event);
  const url = new URL(options.url);
  url.searchParams.set('rate', String(sampleRateHz));
  const ws = new WebSocket(url, { handshakeTimeout: handshakeTimeoutMs, perMessageDeflate: false });
  let microphone: Microphone | undefined;
  const ear = new Ear(sampleRateHz, chordMs, () => microphone?.talkedAt ?? -Infinity);
  const over = new AbortController();
  let endReason = 'the line was closed';
  ws.on('message', (data, isBinary) => {
    if (isBinary) ear.hear(bufferOf(data));
    else if (readText(bufferOf(data).toString(), tell) === 'ended') {
      endReason = 'the agent hung up';
      report.endedBy = 'agent';
    }
  });
  ws.on('error', (error) => {
    endReason = error.message;
  });
  ws.on('close', () => over.abort());
  const stop = (): void => {
    microphone?.stop();
    ear.close();
  };
  over.signal.addEventListener('abort', stop, { once: true });
  const hangUp = (): void => {
    endReason = 'aborted';
    over.abort();
  };
  options.signal?.addEventListener('abort', hangUp, { once: true });
  try {
    options.signal?.throwIfAborted();
    await once(ws, 'open', { signal: over.signal });
    const connectedAt = performance.now();
    tell({ type: 'connected' });
    const greeting = ear.answer;
    microphone = new Microphone(sampleRateHz, (frame) => ws.send(frame));
    if (await greeting.over(answerTimeoutMs)) {
      report.greeting = greeting.words.text;
      report.greetingLatencyMs = (greeting.firstFrameAt ?? connectedAt) - connectedAt;
    } else report.problems.push('no greeting was heard');
    tell({ type: 'greeting', heard: report.greeting, latencyMs: report.greetingLatencyMs });
    const talk = new Talk({
      ear,
      microphone,
      sampleRateHz,
      chordMs,
      answerTimeoutMs,
      line: over.signal,
      onTurn: (turn) => {
        report.turns.push(turn);
        tell({ type: 'turn', index: report.turns.length - 1, turn });
      },
      onProblem: (problem) => report.problems.push(problem),
    });
    let isFarewell = false;
    for (const act of acts) {
      if (beginsInSilence(act)) await talk.hearOut();
      if (over.signal.aborted || options.lastAnswer?.aborted === true) break;
      await talk.perform(act);
      isFarewell = act.type === 'farewell';
    }
    await talk.hearOut();
    const isExpected = !over.signal.aborted || (isFarewell && report.endedBy === 'agent');
    if (!isExpected) report.problems.push(`the call ended early: ${endReason}`);
    else if (!over.signal.aborted) endReason = 'all was said';
    tell({ type: 'ended', reason: endReason });
    return report;
  } finally {
    options.signal?.removeEventListener('abort', hangUp);
    stop();
    await close(ws);
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
