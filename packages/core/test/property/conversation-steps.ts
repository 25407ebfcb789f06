import { ProviderError } from '../../src/index.ts';
import type { ScriptedSTTConnection } from '../../src/testing/index.ts';
import { settled } from '../../src/testing/index.ts';
import type { Caller } from './caller.ts';
import { heardMs } from './caller.ts';
import type { Step, WordsStep } from './conversation-plan.ts';
import type { ConversationWorld } from './conversation-world.ts';
import { existing } from './existing.ts';
import { wordsOf } from './unique-words.ts';

/** What is sent again takes so long at most, and what is known of no time is late for so long after it. */
const REPLAY_MS = 750;
const CATCH_UP_MS = 2000;

/** What was understood already is certain. */
const LAST_WORDS: Omit<WordsStep, 'who'> = {
  type: 'words',
  final: true,
  kind: 'new',
  count: 0,
  endsSentence: false,
};

/** Has one thing happen, if it can: who is not there says nothing. */
export async function perform(world: ConversationWorld, step: Step): Promise<void> {
  switch (step.type) {
    case 'wait':
      await world.pass(step.ms);
      return;
    case 'say': {
      const text = world.programWords.sentence(step.words);
      const { interruptible } = step;
      world.speak(
        () => world.agent.say(step.words === 0 ? '' : text, { interruptible }),
        interruptible,
      );
      break;
    }
    case 'prompt': {
      const text = world.programWords.next();
      world.prompts.push(text);
      const { interruptible } = step;
      world.speak(() => world.agent.simpleResponse(text, { interruptible }), interruptible);
      break;
    }
    case 'join':
    case 'leave':
      moveCaller(world, existing(world.callers[step.who]), step.type);
      break;
    case 'speech-start':
    case 'words':
    case 'turn-end':
    case 'turn-resumed':
    case 'connection-lost':
    case 'provider-error':
      await speech(world, existing(world.callers[step.who]), step);
  }
  await settled();
}

function moveCaller(world: ConversationWorld, caller: Caller, way: 'join' | 'leave'): void {
  if (caller.isPresent === (way === 'join')) return;
  caller.isPresent = way === 'join';
  caller.forget();
  world.givingWay.soundEnded(caller);
  if (way === 'leave') {
    world.doing('leaving', () => world.connection?.leave(caller.participant));
    return;
  }
  world.stt.joining = caller.participant.id;
  if (world.detector) world.detector.joining = caller.participant.id;
  world.connection?.join(caller.participant);
}

async function speech(
  world: ConversationWorld,
  caller: Caller,
  step: Exclude<Step, { type: 'wait' | 'say' | 'prompt' | 'join' | 'leave' }>,
): Promise<void> {
  const { id } = caller.participant;
  const connection = world.stt.connectionOf(id);
  if (!caller.isPresent) return;
  if (!connection) {
    // Nobody listens: what is said is understood when somebody does.
    if (step.type === 'words') world.hear(caller, caller.say(step.count, true));
    return;
  }
  const detection = world.detector?.detectionOf(id);
  switch (step.type) {
    case 'speech-start':
      if (caller.turn === 'eager') return speech(world, caller, { ...step, type: 'turn-resumed' });
      if (world.stt.detectsTurns) {
        connection.report({ type: 'speech-start', offsetMs: heardMs(connection) });
      } else if (detection) {
        detection.report({ type: 'speech-start', offsetMs: heardMs(detection) });
      }
      caller.starts(connection);
      if (world.stt.detectsTurns || detection) startSound(world, caller, connection, 0);
      break;
    case 'words':
      await words(world, caller, step);
      break;
    case 'turn-end': {
      const { eager } = step;
      if (caller.turn === 'none' || (eager && caller.turn === 'eager')) return;
      if (world.stt.detectsTurns) connection.report({ type: 'turn-end', eager });
      else await detectedEnd(world, caller, eager);
      caller.endsTurn(eager);
      world.givingWay.soundEnded(caller);
      break;
    }
    case 'turn-resumed':
      if (caller.turn !== 'eager') return;
      if (world.stt.detectsTurns) connection.report({ type: 'turn-resumed' });
      else detection?.report({ type: 'turn-resumed' });
      caller.starts(connection);
      if (world.stt.detectsTurns || detection) startSound(world, caller, connection, CATCH_UP_MS);
      break;
    case 'connection-lost':
      if (world.stt.detectsTurns || !detection) caller.lost();
      world.seen.sttErrorFacts += 1;
      world.givingWay.soundEnded(caller);
      connection.lose(lost());
      break;
    case 'provider-error':
      world.seen.sttErrorFacts += 1;
      connection.report({ type: 'error', error: lost() });
      break;
  }
}

/** Somebody makes a sound. What is sent again is known too late to interrupt anything. */
function startSound(
  world: ConversationWorld,
  caller: Caller,
  connection: ScriptedSTTConnection,
  uncertainMs: number,
): void {
  const { stt, givingWay } = world;
  const liveAtMs = stt.openedAtMs(connection) + REPLAY_MS + uncertainMs;
  const isFirst = stt.isFirst(connection);
  if (isFirst || caller.heardAtMs > liveAtMs) givingWay.soundStarted(caller);
}

/** A detector finds the end of a turn, and what was said is asked for. */
async function detectedEnd(
  world: ConversationWorld,
  caller: Caller,
  eager: boolean,
): Promise<void> {
  const { id } = caller.participant;
  const detection = world.detector?.detectionOf(id);
  const connection = world.stt.connectionOf(id);
  if (!detection || !connection) return;
  const { flushes } = connection;
  detection.report({ type: 'turn-end', eager, speechEndMs: heardMs(detection) });
  await settled();
  if (connection.flushes === flushes || !caller.hasPendingWords(connection)) return;
  const who = world.callers.indexOf(caller);
  await words(world, caller, { ...LAST_WORDS, who });
}

function sayWords(
  world: ConversationWorld,
  caller: Caller,
  { kind, count }: WordsStep,
  connection: ScriptedSTTConnection,
): void {
  const { stt, clock, problems } = world;
  const openedAtMs = stt.openedAtMs(connection);
  // Within the fifteen seconds that are kept: no outage lasts so long.
  if (clock.now() > openedAtMs + REPLAY_MS) {
    const missed = caller.missedBy(connection);
    if (missed.length > 0) problems.push(`nobody was sent ${missed.join(' ')}`);
  }
  caller.giveUp(connection, openedAtMs, clock.now());
  const isPending = caller.hasPendingWords(connection);
  if (kind === 'changed' && isPending) caller.change();
  if (kind === 'backchannel') return;
  const newCount = Math.max(kind === 'new' ? count : 0, isPending ? 0 : 1);
  if (newCount > 0) world.hear(caller, caller.say(newCount));
}

async function words(world: ConversationWorld, caller: Caller, step: WordsStep): Promise<void> {
  const connection = world.stt.connectionOf(caller.participant.id);
  if (!connection) return;
  if (caller.turn === 'none') caller.starts(connection);
  sayWords(world, caller, step, connection);
  const understood = caller.understand(step, connection, world.clock.now());
  const { taken } = world;
  const report = (): Promise<void> => {
    connection.report(caller.transcript(understood, step.final, connection));
    return settled();
  };
  const count = understood.kind === 'words' ? wordsOf(understood.text).length : -1;
  await world.givingWay.words(caller, count, report);
  if (!step.final) return;
  const who = caller.participant.id;
  world.reported.push({ who, ...understood, isTaken: world.taken > taken });
}

function lost(): ProviderError {
  return new ProviderError({ provider: 'generative', type: 'network', message: 'it broke' });
}
