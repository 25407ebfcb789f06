import { settled } from '../../src/testing/index.ts';
import type { Telemetry } from '../metrics/telemetry.ts';
import type { ConversationPlan, RoundPlan, VoicePlan } from './conversation-plan.ts';
import { perform } from './conversation-steps.ts';
import { ConversationWorld } from './conversation-world.ts';
import type { PlayedConversation } from './played-conversation.ts';
import { added, readSeries } from './series.ts';

/** Longer than anything that the agent waits for. */
const LONG_SILENCE_MS = 180_000;

const PLAIN_ROUND: RoundPlan = {
  firstAfterMs: 1,
  everyMs: 1,
  sentences: [2],
  calls: [],
  usage: 'last',
  end: 'stop',
  failsAfter: 0,
};

const PLAIN_VOICE: VoicePlan = {
  firstAfterMs: 1,
  everyMs: 1,
  chunkMs: 100,
  msACharacter: 10,
  end: 'complete',
  failsAfter: 0,
};

/** Plays a conversation to its end, and tells all that came of it. */
export async function play(
  plan: ConversationPlan,
  telemetry: Telemetry,
): Promise<PlayedConversation> {
  const before = await readSeries(telemetry);
  const world = new ConversationWorld(plan);
  const noteRejection = (reason: unknown): void => {
    world.problems.push(`a rejection that nobody handles: ${String(reason)}`);
  };
  process.on('unhandledRejection', noteRejection);
  try {
    const hasJoined = await join(world);
    const hasFinalRequest = hasJoined && (await converse(world, plan));
    await end(world, plan);
    const { llm, tts, stt, tools, turns, states, reported, prompts, seen, problems } = world;
    const frames = world.connection?.frames ?? [];
    const books = { llm, tts, stt, tools, turns, states, reported, prompts, seen, problems };
    const series = added(before, await readSeries(telemetry));
    const { metrics } = world.agent;
    const left = leftOf(world);
    return { ...books, plan, frames, hasJoined, hasFinalRequest, left, metrics, series };
  } finally {
    process.off('unhandledRejection', noteRejection);
  }
}

async function join(world: ConversationWorld): Promise<boolean> {
  const { agent } = world;
  const call = await agent.createCall('default', 'random');
  const joining = agent.join(call, { participantTimeoutMs: 0 }).then(
    () => true,
    () => false,
  );
  await world.silence(20);
  return joining;
}

/** Returns whether the model was asked a last time, to see what it is told of it all. */
async function converse(world: ConversationWorld, plan: ConversationPlan): Promise<boolean> {
  const listeners = world.edge.callListeners;
  await perform(world, { type: 'join', who: 0 });
  await world.pass(60);
  for (const step of plan.steps) await perform(world, step);
  if (plan.ending !== 'silence') return false;
  await finishSpeaking(world);
  await world.silence(LONG_SILENCE_MS);
  if (world.state !== 'listening') {
    world.problems.push(`after a long silence the agent is ${world.state}`);
  }
  if (world.edge.callListeners !== listeners) {
    world.problems.push(`${world.edge.callListeners - listeners} listeners on the call's signal`);
  }
  world.llm.final = PLAIN_ROUND;
  world.tts.final = PLAIN_VOICE;
  await perform(world, { type: 'prompt', interruptible: true });
  await world.silence(5000);
  return true;
}

/** No provider leaves a turn open for ever. */
async function finishSpeaking(world: ConversationWorld): Promise<void> {
  await world.silence(30_000);
  for (const [who, { turn }] of world.callers.entries()) {
    if (turn !== 'none') await perform(world, { type: 'turn-end', who, eager: false });
  }
}

async function end(world: ConversationWorld, { ending }: ConversationPlan): Promise<void> {
  world.doing('ending', () => {
    if (ending === 'hang-up' && world.connection) world.connection.handlers.ended('hangup');
    else void world.agent.close();
  });
  await settled();
  await world.agent.close();
  await settled();
}

/** What must be nothing when a call is over. */
function leftOf({ clock, stt, tts, edge, detector }: ConversationWorld): Record<string, number> {
  return {
    timers: clock.pendingTimers,
    'connections of the speech to text': stt.openConnections,
    'connections of the voice': tts.openConnections,
    'connections of the edge': edge.connections.filter(({ closes }) => closes.length === 0).length,
    'detections of turns': detector?.openDetections ?? 0,
    "listeners on the call's signal": edge.callListeners,
  };
}
