import { settled } from '../../../src/testing/index.ts';
import type { Telemetry } from '../../metrics/telemetry.ts';
import { added, readSeries } from '../series.ts';
import type { PlayedRealtime } from './played-realtime.ts';
import type { AnswerPlan, RealtimePlan } from './realtime-plan.ts';
import { perform } from './realtime-steps.ts';
import { RealtimeWorld } from './realtime-world.ts';

/** Longer than anything that the agent or the model waits for. */
const LONG_SILENCE_MS = 180_000;

const PLAIN_ANSWER: AnswerPlan = {
  firstAfterMs: 1,
  everyMs: 1,
  chunkMs: 100,
  isOdd: false,
  sentences: [2],
  transcripts: 'ahead',
  calls: [],
  callsAfterWords: false,
  usage: 'before-end',
  end: 'completed',
  failsAfter: 0,
  interrupted: { lagMs: 0, end: 'interrupted', tellsUnbegun: false, cancelsCalls: false },
};

/** Plays a conversation to its end, and tells all that came of it. */
export async function playRealtime(
  plan: RealtimePlan,
  telemetry: Telemetry,
): Promise<PlayedRealtime> {
  const before = await readSeries(telemetry);
  const world = new RealtimeWorld(plan);
  const noteRejection = (reason: unknown): void => {
    world.problems.push(`a rejection that nobody handles: ${String(reason)}`);
  };
  process.on('unhandledRejection', noteRejection);
  try {
    const hasJoined = await join(world, plan);
    if (hasJoined) await converse(world, plan);
    await end(world, plan);
    const { model, tools, logger, turns, states, utterances, understood, userTranscripts } = world;
    const { prompts, barriers, deadAir, seen, firstJoinedAtMs, problems } = world;
    const said = { turns, states, utterances, understood, userTranscripts, prompts, barriers };
    const frames = world.connection?.frames ?? [];
    const series = added(before, await readSeries(telemetry));
    const { metrics } = world.agent;
    const left = leftOf(world);
    const books = { plan, model, tools, logger, frames, deadAir, seen, firstJoinedAtMs, problems };
    return { ...books, ...said, hasJoined, left, metrics, series };
  } finally {
    process.off('unhandledRejection', noteRejection);
  }
}

async function join(world: RealtimeWorld, { agent }: RealtimePlan): Promise<boolean> {
  const call = await world.agent.createCall('default', 'random');
  const joining = world.agent.join(call, { participantTimeoutMs: 0 }).then(
    () => true,
    () => false,
  );
  if (agent.joinFails === 'closed') {
    await world.silence(2);
    world.end(() => void world.agent.close());
  }
  await world.silence(20);
  return joining;
}

async function converse(world: RealtimeWorld, plan: RealtimePlan): Promise<void> {
  const listeners = world.edge.callListeners;
  await perform(world, { type: 'join', who: 0 });
  await world.pass(60);
  for (const step of plan.steps) await perform(world, step);
  if (plan.ending !== 'silence') return;
  await finishSpeaking(world);
  await world.silence(LONG_SILENCE_MS);
  if (world.seen.endings.length > 0) return;
  if (world.state !== 'listening') {
    world.problems.push(`after a long silence the agent is ${world.state}`);
  }
  if (world.edge.callListeners !== listeners) {
    world.problems.push(`${world.edge.callListeners - listeners} listeners on the call's signal`);
  }
  if (world.clock.pendingTimers > 0) {
    world.problems.push(`${world.clock.pendingTimers} timers after a long silence`);
  }
  await beTold(world);
}

/** Nobody is in the middle of something for ever. */
async function finishSpeaking(world: RealtimeWorld): Promise<void> {
  for (const who of world.callers.keys()) await perform(world, { type: 'hush', who });
  await world.silence(30_000);
  await perform(world, { type: 'speech-end', tellsOffset: false });
}

/** A session that takes the place of the last is told what was said, and the model can still answer. */
async function beTold(world: RealtimeWorld): Promise<void> {
  world.model.finalAnswer = PLAIN_ANSWER;
  world.model.finalOpening = { delayMs: 1, end: 'open' };
  await perform(world, { type: 'session-lost', how: 'network' });
  await world.silence(10_000);
  if (world.seen.endings.length > 0) return;
  await perform(world, { type: 'prompt', interruptible: true });
  await world.silence(10_000);
}

async function end(world: RealtimeWorld, { ending }: RealtimePlan): Promise<void> {
  world.end(() => {
    if (ending === 'hang-up' && world.connection) world.connection.handlers.ended('hangup');
    else void world.agent.close();
  });
  await settled();
  await world.agent.close();
  await settled();
}

/** What must be nothing when a call is over. */
function leftOf({ clock, model, edge }: RealtimeWorld): Record<string, number> {
  return {
    timers: clock.pendingTimers,
    'sessions with the model': model.openSessions,
    'connections of the edge': edge.connections.filter(({ closes }) => closes.length === 0).length,
    "listeners on the call's signal": edge.callListeners,
  };
}
