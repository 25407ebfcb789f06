import type { AudioFrame, Clock, EdgeConnection, Logger, Participant } from '@vision-agents/core';
import { MetricsCollector, systemClock } from '@vision-agents/core';
import { onTestFinished } from 'vitest';

import type { Edge, LocalCall } from '../src/index.ts';

/** What an edge told its agent, in order. */
export type Told =
  | { readonly what: 'joined' | 'left'; readonly participant: Participant }
  | { readonly what: 'ended'; readonly reason: string; readonly error: Error | undefined };

/** One call with an agent in it that writes down everything. */
export interface TestCall {
  readonly call: LocalCall;
  readonly connection: EdgeConnection;
  readonly collector: MetricsCollector;
  readonly told: Told[];
  readonly heard: { readonly participant: Participant; readonly frame: AudioFrame }[];
  readonly logged: { readonly level: string; readonly fields: object; readonly message: string }[];
  readonly openSockets: () => number;
  readonly abort: () => void;
}

/** Joins a call of an edge that is closed with the test. */
export async function joinTestCall(
  edge: Edge,
  options: { callId?: string; clock?: Clock } = {},
): Promise<TestCall> {
  onTestFinished(() => edge.close());
  const call = await edge.createCall('default', options.callId ?? 'test call');
  const told: Told[] = [];
  const heard: TestCall['heard'] = [];
  const logged: TestCall['logged'] = [];
  const log =
    (level: string) =>
    (fields: object, message: string): void => {
      logged.push({ level, fields, message });
    };
  const logger: Logger = {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
  };
  const collector = new MetricsCollector();
  const controller = new AbortController();
  let openSockets = 0;
  const connection = await edge.join(call, {
    agentUser: { id: 'agent' },
    handlers: {
      participantJoined: (participant) => told.push({ what: 'joined', participant }),
      participantLeft: (participant) => told.push({ what: 'left', participant }),
      audio: (participant, frame) => heard.push({ participant, frame }),
      ended: (reason, error) => told.push({ what: 'ended', reason, error }),
    },
    metrics: collector,
    signal: controller.signal,
    logger,
    clock: options.clock ?? systemClock,
    reconnected: () => undefined,
    socketOpened: () => {
      openSockets += 1;
      return () => {
        openSockets -= 1;
      };
    },
  });
  return {
    call,
    connection,
    collector,
    told,
    heard,
    logged,
    openSockets: () => openSockets,
    abort: () => controller.abort(),
  };
}

/** The names of what an edge told, for comparing. */
export function namesOf(told: readonly Told[]): string[] {
  return told.map((one) => (one.what === 'ended' ? `ended: ${one.reason}` : one.what));
}
