import { setImmediate, setTimeout as sleep } from 'node:timers/promises';

import type {
  AgentEvents,
  AgentMetrics,
  FallbackSTT,
  STT,
  TurnDetector,
  TurnRecord,
} from '@vision-agents/core';
import { Agent, ProviderError } from '@vision-agents/core';
import {
  RecordingLogger,
  says,
  ScriptedEdge,
  ScriptedLLM,
  ScriptedTTS,
  speaks,
} from '@vision-agents/core/testing';
import type { Fault, Sandbox, SandboxTruth } from '@vision-agents/sandbox';
import { speak, startSandbox } from '@vision-agents/sandbox';

const CALLER = { id: 'caller' };
const CHORD_MS = 50;
const SAMPLE_RATE_HZ = 16_000;
const FRAME_SAMPLES = 320;
const FRAME_MS = 20;
/** Of the silence before the caller speaks. */
const BEFORE_MS = 300;
const ANSWER = 'It is done.';

/** What a sentence is said to. */
export interface LineParts {
  readonly stt: (sandbox: Sandbox) => STT | FallbackSTT;
  readonly turnDetector?: TurnDetector;
  /** What strikes the line, and when, in ms of the sentence. */
  readonly fault: Fault;
  readonly atMs: number;
}

/** A call in which one sentence was said, and the line to the speech to text broke meanwhile. */
export interface BrokenCall {
  readonly turns: readonly TurnRecord[];
  readonly errors: readonly string[];
  readonly reconnects: readonly AgentEvents['reconnect'][];
  readonly userTranscripts: readonly AgentEvents['user-transcript'][];
  readonly metrics: AgentMetrics;
  readonly truth: SandboxTruth;
  /** When the caller fell silent, on the clock of the marks. */
  readonly spokenAtMs: number;
}

/** How long a sentence sounds. */
export function durationOf(sentence: string): number {
  return speak(sentence, { sampleRateHz: SAMPLE_RATE_HZ, chordMs: CHORD_MS }).length / 16;
}

/** Says a sentence to an agent whose line to its ears breaks in the middle of it. */
export async function sayTo(parts: LineParts, sentence: string): Promise<BrokenCall> {
  await using sandbox = await startSandbox({
    chordMs: CHORD_MS,
    delays: { eagerEndOfTurnMs: 100, endOfTurnMs: 300, commitMs: 50 },
  });
  const edge = new ScriptedEdge([{ present: [CALLER] }]);
  const agent = new Agent({
    edge,
    agentUser: { id: 'agent' },
    stt: parts.stt(sandbox),
    llm: new ScriptedLLM([says(ANSWER)]),
    tts: new ScriptedTTS([speaks(ANSWER)]),
    logger: new RecordingLogger(),
    speculation: false,
    apology: '',
    ...(parts.turnDetector && { turnDetector: parts.turnDetector }),
  });
  const turns: TurnRecord[] = [];
  const errors: string[] = [];
  const reconnects: AgentEvents['reconnect'][] = [];
  const userTranscripts: AgentEvents['user-transcript'][] = [];
  agent.on('turn', (turn) => turns.push(turn));
  agent.on('reconnect', (event) => reconnects.push(event));
  agent.on('user-transcript', (event) => userTranscripts.push(event));
  agent.on('error', ({ error }) => {
    errors.push(error instanceof ProviderError ? error.type : String(error));
  });
  await agent.join(await edge.createCall('test', 'call'));
  while (agent.metrics.providerConnections.total === 0) await sleep(1);

  let spokenAtMs = 0;
  const microphone = {
    /** Audio at its pace; while the line is broken and nobody knows, it holds its breath. */
    play: async (samples: Int16Array): Promise<void> => {
      for (let at = 0; at < samples.length; at += FRAME_SAMPLES) {
        await sleep(FRAME_MS);
        await setImmediate();
        while ((sandbox.truth().counts['stt.errors'] ?? 0) > errors.length) await setImmediate();
        const frame = samples.subarray(at, at + FRAME_SAMPLES);
        edge.connections[0]?.hear(CALLER, { samples: frame, sampleRateHz: SAMPLE_RATE_HZ });
      }
    },
    silence: (ms: number): Promise<void> => microphone.play(new Int16Array(ms * 16)),
  };
  await microphone.silence(BEFORE_MS);
  sandbox.inject({ times: 1, after: BEFORE_MS + parts.atMs, ...parts.fault });
  await microphone.play(speak(sentence, { sampleRateHz: SAMPLE_RATE_HZ, chordMs: CHORD_MS }));
  spokenAtMs = performance.now();
  for (let waits = 0; turns.length === 0 && waits < 100; waits += 1) await microphone.silence(100);
  // Words that came twice would be another turn.
  await microphone.silence(800);
  await agent.close();
  const { metrics } = agent;
  const truth = sandbox.truth();
  return { turns, errors, reconnects, userTranscripts, metrics, truth, spokenAtMs };
}
