import { expect } from 'vitest';

import type { PipelineAgentOptions } from '../../src/index.ts';
import { tool } from '../../src/index.ts';
import type { ToolCall } from '../../src/index.ts';
import { settled } from '../../src/testing/index.ts';
import { CITY_INPUT } from '../fakes/city-input.ts';
import type { CallScript } from '../fakes/test-call.ts';
import { TestCall } from '../fakes/test-call.ts';
import type { Traces } from './traces.ts';
import { startTracing } from './traces.ts';

/** The spans of the fakes' requests. */
export const CHAT = 'chat scripted-llm';
export const SPEECH = 'text_to_speech scripted-tts';

/** A call of fakes whose spans are kept. */
export interface TracedCall {
  readonly call: TestCall;
  readonly traces: Traces;
  /** When each turn was closed. */
  readonly closings: readonly number[];
  /** Ends the call and checks that nothing stays open. */
  readonly hangUp: () => Promise<void>;
}

/** Joins a call. */
export async function tracedCall(script: CallScript = {}): Promise<TracedCall> {
  const traces = startTracing();
  const call = await new TestCall(script).join();
  const closings: number[] = [];
  call.agent.on('turn', () => closings.push(call.clock.now()));
  const hangUp = async (): Promise<void> => {
    await call.agent.close('hangup');
    await settled();
    expect(traces.openCount).toBe(0);
  };
  return { call, traces, closings, hangUp };
}

/** An agent with a tool. */
export function weather(execute: () => unknown): Partial<PipelineAgentOptions> {
  return { tools: { weather: tool({ description: 'Weather.', input: CITY_INPUT, execute }) } };
}

/** A call of that tool. */
export const PARIS: ToolCall = { id: 'call-7', name: 'weather', arguments: { city: 'Paris' } };
