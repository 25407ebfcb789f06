/**
 * Holds many conversations at once in real time, or only moves their frames (`floor`), and prints the
 * figures as JSON. A program of its own, started by `concurrent-calls.bench.ts`.
 */
import { setTimeout as pause } from 'node:timers/promises';

import { runFirst, waitedMs } from '../../../bench/cores.ts';
import type { STTFact } from '../src/index.ts';
import { Agent, silence } from '../src/index.ts';
import { MUTE } from './bench-call.ts';
import { InstantSTT } from './instant-components.ts';
import { everyFrame, PacedEdge, PacedLLM, PacedTTS } from './paced-components.ts';

const CALLS = 500;
const MEASURED_MS = 12_000;
/** A caller speaks for 2 s of each cycle, and is answered for 2.4 s. */
const CYCLE_MS = 6000;
const ANSWER_MS = 2400;
const FRAME_MS = 20;
const RATE_HZ = 16_000;

/** How late frames are, in milliseconds. */
class Lateness {
  count = 0;
  lateCount = 0;
  maxMs = 0;

  add(lateMs: number): void {
    this.count += 1;
    if (lateMs > FRAME_MS) this.lateCount += 1;
    this.maxMs = Math.max(this.maxMs, lateMs);
  }

  reset(): void {
    this.count = 0;
    this.lateCount = 0;
    this.maxMs = 0;
  }
}

/** Frames of the agents' voices and of the callers' microphones. */
const lateness = { voice: new Lateness(), microphone: new Lateness() };

/** The frames of one answer: each is due 20 ms after the one before, counted from the first. */
class VoiceSchedule {
  #dueAtMs: number | undefined;

  frame(): void {
    const now = performance.now();
    this.#dueAtMs ??= now;
    lateness.voice.add(now - this.#dueAtMs);
    this.#dueAtMs += FRAME_MS;
  }

  answered(): void {
    this.#dueAtMs = undefined;
  }
}

/** One part of a call: joins, and returns how to leave. */
type Life = (offsetMs: number) => Promise<() => Promise<void>>;

/** Of the turns that were answered to the end. */
const latenciesMs: number[] = [];

/** What the speech to text reports of one cycle, and when. */
function* heard(speechStartMs: number): Generator<readonly [number, readonly STTFact[]]> {
  yield [0, [{ type: 'speech-start', offsetMs: speechStartMs }]];
  for (let saidMs = 250; saidMs <= 2000; saidMs += 250) {
    yield [saidMs, [{ type: 'transcript', text: 'Is it '.repeat(saidMs / 250), final: false }]];
  }
  const speech = { speechStartMs, speechEndMs: speechStartMs + 2000 };
  const final = { type: 'transcript', text: 'Is it open?', final: true, ...speech } as const;
  yield [2300, [final, { type: 'turn-end', eager: false }]];
}

const withAgent: Life = async (offsetMs) => {
  const schedule = new VoiceSchedule();
  const edge = new PacedEdge(() => schedule.frame());
  const [stt, llm, tts] = [new InstantSTT(), new PacedLLM(), new PacedTTS()];
  const agent = new Agent({ edge, stt, llm, tts, agentUser: { id: 'agent' }, logger: MUTE });
  agent.on('turn', ({ timeline, outcome }) => {
    schedule.answered();
    if (outcome === 'completed' && timeline) latenciesMs.push(timeline.responseLatencyMs);
  });
  await agent.join(await agent.createCall('default', 'bench'));
  let heardMs = 0;
  const stopMicrophone = everyFrame((lateMs) => {
    lateness.microphone.add(lateMs);
    edge.hear(silence(FRAME_MS, RATE_HZ));
    heardMs += FRAME_MS;
  });
  const timers = new Set<NodeJS.Timeout>();
  const later = (delayMs: number, callback: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      callback();
    }, delayMs);
    timers.add(timer);
  };
  const cycle = (): void => {
    later(CYCLE_MS, cycle);
    for (const [delayMs, facts] of heard(heardMs)) {
      later(delayMs, () => {
        for (const fact of facts) stt.facts.push(fact);
      });
    }
  };
  later(offsetMs, cycle);
  return async () => {
    stopMicrophone();
    for (const timer of timers) clearTimeout(timer);
    await agent.close();
  };
};

/** The same frames by the same timers, and nobody who hears or says anything. */
const floor: Life = async (offsetMs) => {
  const schedule = new VoiceSchedule();
  let frames = 0;
  let last: Int16Array | undefined;
  const stopMicrophone = everyFrame((lateMs) => {
    lateness.microphone.add(lateMs);
    last = silence(FRAME_MS, RATE_HZ).samples;
  });
  let stopVoice: (() => void) | undefined;
  let cycle: NodeJS.Timeout | undefined;
  const speak = (): void => {
    cycle = setTimeout(speak, CYCLE_MS);
    schedule.answered();
    frames = ANSWER_MS / FRAME_MS;
    stopVoice = everyFrame(() => {
      last = new Int16Array((FRAME_MS * RATE_HZ) / 1000);
      schedule.frame();
      frames -= 1;
      if (frames === 0) stopVoice?.();
    });
  };
  cycle = setTimeout(speak, offsetMs);
  return async () => {
    if (last === undefined) throw new Error('nothing was heard');
    stopMicrophone();
    stopVoice?.();
    clearTimeout(cycle);
  };
};

runFirst();
const life = process.argv[2] === 'floor' ? floor : withAgent;
const leaves: (() => Promise<void>)[] = [];
for (let call = 0; call < CALLS; call++) {
  leaves.push(await life((call * CYCLE_MS) / CALLS));
  // So that microphones do not all come at the same moment.
  await pause(call % 5);
}
await pause(CYCLE_MS + 1000); // by now everybody has begun
lateness.voice.reset();
lateness.microphone.reset();
latenciesMs.length = 0;
const cpuBefore = process.cpuUsage();
const waitedBeforeMs = waitedMs();
const startedAtMs = performance.now();
await pause(MEASURED_MS);
const elapsedMs = performance.now() - startedAtMs;
const waitedShare = (waitedMs() - waitedBeforeMs) / elapsedMs;
const cpu = process.cpuUsage(cpuBefore);
const { voice, microphone } = lateness;
const sorted = latenciesMs.toSorted((a, b) => a - b);
const figures = {
  cpuShare: (cpu.user + cpu.system) / 1000 / elapsedMs,
  waitedShare,
  voiceFrames: voice.count,
  voiceLateShare: voice.lateCount / voice.count,
  voiceMaxLateMs: voice.maxMs,
  microphoneFrames: microphone.count,
  microphoneLateShare: microphone.lateCount / microphone.count,
  turns: sorted.length,
  latencyP50Ms: sorted[Math.floor(sorted.length / 2)],
  latencyP99Ms: sorted[Math.floor(sorted.length * 0.99)],
};
process.stdout.write(JSON.stringify(figures));
await Promise.all(leaves.map((leave) => leave()));
