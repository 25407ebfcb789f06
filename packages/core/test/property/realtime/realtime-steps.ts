import { ProviderError } from '../../../src/index.ts';
import { settled } from '../../../src/testing/index.ts';
import { existing } from '../existing.ts';
import type { GenerativeSession } from './generative-session.ts';
import type { RealtimeCaller } from './realtime-caller.ts';
import type { RealtimeStep, SpeechStep } from './realtime-plan.ts';
import type { RealtimeWorld } from './realtime-world.ts';

/** Has one thing happen, if it can. */
export async function perform(world: RealtimeWorld, step: RealtimeStep): Promise<void> {
  switch (step.type) {
    case 'wait':
      await world.pass(step.ms);
      return;
    case 'say':
      world.speak('say', world.programWords.sentence(step.words), step.interruptible);
      break;
    case 'prompt':
      world.speak('prompt', world.programWords.next(), step.interruptible);
      break;
    case 'join':
    case 'leave':
      move(world, existing(world.callers[step.who]), step.type);
      break;
    case 'talk':
      existing(world.callers[step.who]).isTalking = existing(world.callers[step.who]).isPresent;
      break;
    case 'hush':
      fallSilent(world, existing(world.callers[step.who]));
      break;
    case 'speech-start':
    case 'speech-end':
    case 'words':
    case 'answer':
    case 'cancel-calls':
    case 'session-lost':
    case 'provider-error': {
      const { session } = world.model;
      if (session && !session.isClosed) modelDoes(world, session, step);
    }
  }
  await settled();
  const utterance = world.utterances.at(-1);
  // What it interrupted is over by now.
  if (utterance && step.type === 'speech-start') utterance.turnsAtStart ??= world.turns.length;
}

function move(world: RealtimeWorld, caller: RealtimeCaller, way: 'join' | 'leave'): void {
  if (caller.isPresent === (way === 'join')) return;
  caller.isTalking = false;
  caller.isPresent = way === 'join';
  if (way === 'leave') {
    world.model.unanswered = undefined;
    world.doing('leaving', () => world.connection?.leave(caller.participant));
    return;
  }
  world.firstJoinedAtMs ??= world.clock.now();
  world.connection?.join(caller.participant);
}

function fallSilent(world: RealtimeWorld, caller: RealtimeCaller): void {
  if (!caller.isTalking) return;
  const { session, audioSentAtMs } = world.model;
  caller.isTalking = false;
  // Only who is heard this very moment ends at a time that both the model and the world know.
  const isNoticed = world.heard === caller && audioSentAtMs === world.clock.now();
  world.hush =
    isNoticed && session ? { session, offsetMs: session.heardMs, atMs: audioSentAtMs } : undefined;
}

function modelDoes(
  world: RealtimeWorld,
  session: GenerativeSession,
  step: Exclude<
    RealtimeStep,
    { type: 'wait' | 'talk' | 'hush' | 'say' | 'prompt' | 'join' | 'leave' }
  >,
): void {
  if (session.isCatchingUp && isHeard(step)) return;
  switch (step.type) {
    case 'speech-start':
      speechStarts(world, session, step);
      break;
    case 'speech-end':
      speechEnds(world, session, step);
      break;
    case 'words':
      words(world, session, step);
      break;
    case 'answer':
      session.speakUnasked();
      break;
    case 'cancel-calls':
      session.cancelCalls();
      break;
    case 'session-lost':
      session.lose(step.how);
      break;
    case 'provider-error':
      session.report({
        type: 'error',
        error: new ProviderError({ provider: 'generative', type: 'rate_limit', message: 'slow' }),
      });
      break;
  }
}

/** Whether it is something that the model notices by listening. */
function isHeard({ type }: RealtimeStep): boolean {
  return type === 'speech-start' || type === 'speech-end' || type === 'words';
}

function speechStarts(world: RealtimeWorld, session: GenerativeSession, step: SpeechStep): void {
  const present = world.callers.filter(({ isPresent }) => isPresent);
  // In a call of two it is a voice that the model notices.
  if (world.isSpeechOpen || (present.length > 1 && !world.heard)) return;
  world.isSpeechOpen = true;
  world.hush = undefined;
  world.pendingWords = [];
  world.utterances.push({
    who: world.heard?.participant.id,
    startToldAtMs: world.clock.now(),
    endToldAtMs: undefined,
    endedAtMs: undefined,
    turnsAtStart: undefined,
  });
  if (world.uninterruptible === 0) world.silenced('somebody spoke');
  world.model.unanswered =
    world.uninterruptible === 0 ? { words: '', atMs: world.clock.now() } : undefined;
  session.speechStarted(step.tellsOffset ? session.heardMs : undefined);
}

function speechEnds(world: RealtimeWorld, session: GenerativeSession, step: SpeechStep): void {
  const utterance = world.utterances.at(-1);
  if (!world.isSpeechOpen || !utterance) return;
  const { hush } = world;
  const told = step.tellsOffset && hush?.session === session ? hush : undefined;
  world.isSpeechOpen = false;
  if (world.uninterruptible > 0) world.model.unanswered = undefined;
  utterance.endToldAtMs = world.clock.now();
  utterance.endedAtMs = told?.atMs;
  session.speechEnded({
    offsetMs: told?.offsetMs,
    atMs: told?.atMs,
    isSomebody: world.heard !== undefined,
  });
}

function words(
  world: RealtimeWorld,
  session: GenerativeSession,
  { count, final }: Extract<RealtimeStep, { type: 'words' }>,
): void {
  const utterance = world.utterances.at(-1);
  // Each is told of once, for the last that was said.
  if (!utterance || utterance === world.toldUtterance) return;
  world.pendingWords.push(...world.words.take(count));
  const text = world.pendingWords.join(' ');
  if (final) {
    world.toldUtterance = utterance;
    world.pendingWords = [];
    const isThere = world.callers.some(
      ({ isPresent, participant }) => isPresent && participant.id === utterance.who,
    );
    const isInTime = isThere && utterance.turnsAtStart === world.turns.length;
    world.understood.push({ text, atMs: world.clock.now(), who: utterance.who, isThere, isInTime });
  }
  session.userSaid(text, final);
}
