import type { TurnMarks, TurnWaits } from './turn-marks.ts';

/** Where the time of a response went. */
export type Stage = 'endpointing' | 'llm' | 'tool' | 'sentence' | 'tts' | 'playout';

/** One response latency and its parts, in milliseconds. */
export interface TurnTimeline {
  /** From the end of the user's speech (a greeting: from joining) to the first frame; the sum of the stages. */
  readonly responseLatencyMs: number;
  readonly stages: Readonly<Record<Stage, number>>;
  /** What is left of it when the waits for the caller, the model, the tools and the voice are taken off. */
  readonly overheadMs: number;
}

/**
 * The response latency of a turn, or undefined where its start or its end is not known.
 * Every boundary is clamped between its neighbours, so that no stage is negative and none is counted
 * twice: work done ahead of the commit costs the caller nothing.
 */
export function turnTimeline(marks: TurnMarks, waits: TurnWaits): TurnTimeline | undefined {
  const start = marks.speechEnd ?? marks.participantJoined;
  const end = marks.playoutStart;
  if (start === undefined || end === undefined || end < start) return undefined;

  let reached = start;
  const advance = (mark: number | undefined): number => {
    const from = reached;
    reached = Math.min(end, Math.max(from, mark ?? from));
    return reached - from;
  };
  const endpointing = advance(marks.committed);
  const thinking = advance(marks.llmFirstToken);
  const tool = Math.min(thinking, waits.toolMs);
  const stages = {
    endpointing,
    llm: thinking - tool,
    tool,
    sentence: advance(marks.firstSentence),
    tts: advance(marks.ttsFirstAudio),
    playout: advance(end),
  };
  const { llm, sentence, tts, playout } = stages;
  const responseLatencyMs = endpointing + llm + tool + sentence + tts + playout;

  const waitedForTurnEnd = between(start, marks.endpointed ?? marks.committed, end);
  const waitedForVoice = Math.min(tts, between(marks.ttsRequest, marks.ttsFirstAudio, end));
  // An answer that is ready while a filler plays waits for its end; and so it does for somebody who speaks.
  const isBehindFiller = marks.fillerStart !== undefined;
  const waitedToPlay = isBehindFiller ? playout : Math.min(playout, waits.heldMs);
  const waited =
    Math.min(endpointing, waitedForTurnEnd) +
    Math.min(llm, waits.queuedMs + waits.llmMs) +
    tool +
    sentence +
    waitedForVoice +
    waitedToPlay;
  return { responseLatencyMs, stages, overheadMs: Math.max(0, responseLatencyMs - waited) };
}

function between(from: number | undefined, to: number | undefined, limit: number): number {
  return from === undefined || to === undefined ? 0 : Math.max(0, Math.min(to, limit) - from);
}
