import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

import { InterruptedError, MetricsCollector, ProviderError } from '@vision-agents/core';
import { RecordingLogger } from '@vision-agents/core/testing';
import type { Sandbox, SandboxTruth } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';

import { answerTo } from './answer-trial.ts';
import { startBadServer } from './bad-server.ts';
import type { Cell, Outcome } from './cell.ts';
import { isWished, titleOf } from './cell.ts';
import { closedPort } from './closed-port.ts';
import type { Component } from './components.ts';
import { fastClock } from './fast-clock.ts';
import { RECONNECTING } from './reconnecting.ts';
import type { Came, Setting, Trial } from './trial.ts';

/** What must never be in a log or in an error. */
export const SECRETS = ['key-that-nobody-sees', 'walrus', 'otter'] as const;
const [API_KEY, STRUCK_WORDS, NEXT_WORDS] = SECRETS;
/** Longer than any wait of an impatient component: what takes longer is noticed by nobody. */
const PATIENCE_MS = 8000;
/** How long it may take until the other side sees that a connection is closed. */
const CLOSING_MS = 2000;
const END_AFTER_MS = 40;
/**
 * Two and a half times the longest patience of a provider in a hurry: what is connected anew in the silence
 * is hung up on once more, and not in the moment in which it is wanted.
 */
const SILENCE_MS = 6000;

/** What was seen in a cell, from all sides. */
export interface Report {
  readonly outcome: Outcome;
  /** Whether the operation after the fault gave all it had to. */
  readonly nextIsWhole: boolean;
  readonly metrics: MetricsCollector;
  readonly truth: SandboxTruth;
  /** The words of each operation that was asked for. */
  readonly asked: readonly string[];
  /** How many connections were still there when all was closed. */
  readonly left: number;
  /** All that was logged, and all that an error says when it is looked at closely. */
  readonly said: string;
}

/** The model's name in a cell, short enough for a label. */
export function modelOf(cell: Cell): string {
  const hash = createHash('sha256').update(titleOf(cell)).digest('hex');
  return cell.component.modelOf(hash.slice(0, 12));
}

/** Has a component suffer a fault, and then do something else. */
export async function runCell(cell: Cell): Promise<Report> {
  const { component, strike: what } = cell;
  const hurry = what.by === 'silence' ? component.hurry : undefined;
  await using sandbox = await startSandbox({
    hurry: hurry ?? 1,
    delays: {
      endOfTurnMs: 200,
      commitMs: 30,
      firstTokenMs: 60,
      completeMs: 160,
      firstAudioMs: 60,
      lastAudioMs: 160,
    },
    reply: ({ contents }) => ({ text: answerTo(contents.at(-1)?.parts?.[0]?.text ?? '') }),
  });
  await using place = await placeOf(cell, sandbox);
  const metrics = new MetricsCollector();
  const logger = new RecordingLogger();
  const stop = new AbortController();
  const setting: Setting = {
    apiKey: API_KEY,
    baseUrl: place.url,
    model: modelOf(cell),
    impatientIn: cell.impatient ? cell.moment : undefined,
    clock:
      hurry !== undefined && what.by === 'silence' && what.signs === 'in time'
        ? fastClock(hurry)
        : undefined,
    metrics,
    logger,
  };

  const { trial, came, operations } = await strike(cell, setting, sandbox, stop);
  sandbox.clearFaults();
  const isWhole = came.heard === trial?.wholeOf(STRUCK_WORDS);
  const goesOn = trial?.isAlive === true && !endsTrial(cell);
  if (!goesOn) await trial?.close();
  const anew = { ...setting, baseUrl: component.urlOf(sandbox), impatientIn: undefined };
  const next = goesOn ? trial : await component.open(anew);
  const then = await bounded(next, next.operate(NEXT_WORDS));
  await next.close();
  // Who reads nothing does not see the end either.
  const left = cell.fault === 'slow reader' ? 0 : await leftOf(sandbox, place);

  return {
    outcome: {
      came: isWished(cell) ? undefined : isWhole ? 'all' : came.heard === '' ? 'nothing' : 'some',
      errors: came.errors.filter((error) => !isAskedFor(error, stop)).map(describe),
      next: goesOn ? 'goes on' : 'opened anew',
    },
    nextIsWhole: then.heard === next.wholeOf(NEXT_WORDS) && then.errors.length === 0,
    metrics,
    truth: sandbox.truth(),
    asked: [...Array.from({ length: operations }, () => STRUCK_WORDS), NEXT_WORDS],
    left,
    said: inspect([logger.entries, came.errors], { depth: 6 }),
  };
}

/** What is left of connections when they have had time to close. */
async function leftOf(...places: readonly { readonly busy: number }[]): Promise<number> {
  for (let waitedMs = 0; ; waitedMs += 20) {
    const left = places.reduce((sum, { busy }) => sum + busy, 0);
    if (left === 0 || waitedMs >= CLOSING_MS) return left;
    await sleep(20);
  }
}

interface Struck {
  readonly trial: Trial | undefined;
  readonly came: Came;
  readonly operations: number;
}

async function strike(
  { component, moment, strike: what }: Cell,
  setting: Setting,
  sandbox: Sandbox,
  stop: AbortController,
): Promise<Struck> {
  const isConnecting = moment === 'connecting';
  const abort = (): void => stop.abort(new InterruptedError());
  const inject = (): void => {
    if (what.by === 'provider') sandbox.inject({ times: 1, ...what.fault });
  };
  if (isConnecting) inject();
  if (isConnecting && what.by === 'abort') setTimeout(abort, END_AFTER_MS);
  const signal = isConnecting || hearsAllAlong(component) ? stop.signal : undefined;
  let trial: Trial;
  try {
    trial = await component.open({ ...setting, signal });
  } catch (error) {
    return { trial: undefined, came: { heard: '', errors: [error] }, operations: 0 };
  }
  if (!isConnecting) inject();
  if (isConnecting && what.by === 'close') return closeWhileConnecting(component, trial, sandbox);
  if (what.by === 'silence') {
    const before = await bounded(trial, trial.operate(STRUCK_WORDS));
    if (before.heard !== trial.wholeOf(STRUCK_WORDS)) return { trial, came: before, operations: 1 };
    await sleep(SILENCE_MS);
  }
  const end = (): void => {
    if (what.by === 'abort') abort();
    if (what.by === 'close') void trial.close();
  };
  const operation = trial.operate(
    STRUCK_WORDS,
    moment === 'in mid-stream' ? end : undefined,
    stop.signal,
  );
  if (moment === 'before the first result') setImmediate(end);
  const operations = what.by === 'silence' ? 2 : 1;
  return { trial, came: await bounded(trial, operation), operations };
}

/** Closes what is connecting, or connecting anew: both have to end at once. */
async function closeWhileConnecting(
  component: Component,
  trial: Trial,
  sandbox: Sandbox,
): Promise<Struck> {
  const { faults } = RECONNECTING.get(component) ?? {};
  for (const fault of faults ?? []) sandbox.inject({ times: 1, ...fault });
  const before = faults && (await bounded(trial, trial.operate(STRUCK_WORDS)));
  // A model that hears and speaks moves by itself; a voice has to be asked for something.
  const asked = component.role === 'realtime' ? undefined : trial.operate(STRUCK_WORDS);
  await sleep(END_AFTER_MS);
  const closed = trial.close().then(() => asked ?? { heard: '', errors: [] });
  const { errors } = await bounded(trial, closed);
  return {
    trial,
    came: { heard: '', errors: [...(before?.errors ?? []), ...errors] },
    operations: (before ? 1 : 0) + (asked ? 1 : 0),
  };
}

/** What does not end is closed. */
async function bounded(trial: Trial, operation: Promise<Came>): Promise<Came> {
  const waiting = new AbortController();
  const late = sleep(PATIENCE_MS, 'late' as const, { signal: waiting.signal }).catch(
    () => 'late' as const,
  );
  const came = await Promise.race([operation, late]);
  waiting.abort();
  if (came !== 'late') return came;
  await trial.close();
  return { heard: (await operation).heard, errors: [new Error('nobody ended the wait')] };
}

/** A text and a request have a signal of their own; what hears is ended by that of the call. */
function hearsAllAlong({ role }: Component): boolean {
  return role === 'stt' || role === 'realtime';
}

/** Whether nothing more can be asked of what was opened, for it was closed or is in the wrong place. */
function endsTrial({ strike: { by }, component, moment }: Cell): boolean {
  if (by === 'abort') return moment === 'connecting' || hearsAllAlong(component);
  return by === 'network' || by === 'close';
}

type Place = AsyncDisposable & { readonly url: string; readonly busy: number };

function here(url: string): Place {
  return { url, busy: 0, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** Where the component is sent. */
async function placeOf(
  { component, strike: what, moment }: Cell,
  sandbox: Sandbox,
): Promise<Place> {
  const isEnd = what.by === 'abort' || (what.by === 'close' && component.link === 'request');
  if (isEnd && moment === 'connecting') return startBadServer('no answer');
  if (what.by !== 'network') return here(component.urlOf(sandbox));
  if (what.where === 'closed port') return here(`http://127.0.0.1:${await closedPort()}`);
  if (what.where === 'unknown host') return here('http://nowhere.invalid');
  return startBadServer(what.where);
}

/** The end that was asked for is no error. */
function isAskedFor(error: unknown, { signal }: AbortController): boolean {
  return error instanceof InterruptedError || (signal.aborted && error === signal.reason);
}

function describe(error: unknown): string {
  if (!(error instanceof ProviderError)) return `untyped: ${String(error)}`;
  const code = error.providerCode ?? '-';
  // Where names are looked up in vain, or nobody can be asked for them.
  return `${error.type} ${code === 'EAI_AGAIN' ? 'ENOTFOUND' : code}`;
}
