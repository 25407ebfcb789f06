import type { AgentMetrics, TurnRecord } from '@vision-agents/core';
import { ProviderError } from '@vision-agents/core';
import * as deepgram from '@vision-agents/plugin-deepgram';
import * as elevenlabs from '@vision-agents/plugin-elevenlabs';
import * as gemini from '@vision-agents/plugin-gemini';
import * as local from '@vision-agents/plugin-local';
import type {
  CallEvent,
  CallReport,
  GeminiPart,
  Reply,
  Sandbox,
  SandboxTruth,
} from '@vision-agents/sandbox';
import { placeCall, startSandbox } from '@vision-agents/sandbox';

import { createAgent } from '../src/create-agent.ts';
import type { PipelineProviders } from '../src/providers.ts';
import type { FaultCase, Moment } from './fault-case.ts';
import type { ProgramCase } from './matrix/program-case.ts';

/** What the caller says; the model answers each with {@link answerTo}. */
export const LINES = ['first line', 'second line', 'last line'] as const;

/** A call with a fault in it, from both ends and behind the scenes. */
export interface FaultCall {
  /** As the caller saw it. */
  readonly report: CallReport;
  /** The user's turns, as the agent saw them. */
  readonly turns: readonly TurnRecord[];
  /** The errors that the program was told of, written as in {@link FaultCase.errors}. */
  readonly errors: readonly string[];
  readonly metrics: AgentMetrics;
  readonly endReason: string;
  readonly truth: SandboxTruth;
}

const CHORD_MS = 50;
/** The longest wait for a provider; none of the sandbox's answers takes a tenth of it. */
const PATIENCE_MS = 1500;
/** Shorter than the audio that comes before a voice stalls, so that the caller is still listening. */
const VOICE_STALL_MS = 800;

/** What the model says to a line: one sentence, so that a turn is one request of each kind. */
export function answerTo(line: string): string {
  return `You said ${line}.`;
}

/** The labels under which OpenTelemetry gets what happens in this call, and in no other. */
export function modelsOf({ name }: FaultCase): readonly string[] {
  const slug = name.replaceAll(/\W+/g, '-');
  return [slug, `flux-${slug}`];
}

/** Loads what takes a second to load, which would be a second of silence in the calls under way. */
export async function loadVoiceSdk(): Promise<void> {
  await using _ = await new elevenlabs.TTS({ apiKey: 'sandbox', transport: 'http' }).open();
}

/** Has a caller talk to the example's agent while a provider fails it, or the program that it is in. */
export async function callWith(fault: FaultCase, program?: ProgramCase): Promise<FaultCall> {
  await using sandbox = await startSandbox({
    chordMs: CHORD_MS,
    delays: {
      eagerEndOfTurnMs: 100,
      endOfTurnMs: 200,
      firstTokenMs: 30,
      completeMs: 80,
      firstAudioMs: 30,
      lastAudioMs: 100,
    },
    reply: ({ contents }) => replyTo(contents.at(-1)?.parts?.[0], program),
  });
  const strike = (moment: Moment): void => injectAt(moment, fault, sandbox);
  await using opened = new AsyncDisposableStack();
  const edge = opened.adopt(new local.Edge(), (part) => part.close());
  // Each failure is to be seen by itself: not behind a second request, nor followed by words.
  const parts = { ...providersFor(fault, sandbox), speculation: false, apology: '' };
  const [model = ''] = modelsOf(fault);
  const changed = program?.parts?.(parts, model, sandbox.geminiUrl) ?? parts;
  await using agent = createAgent(changed, edge);
  program?.attend?.(agent);
  const turns: TurnRecord[] = [];
  const errors: string[] = [];
  agent.on('turn', (record) => {
    if (record.participant === undefined) return;
    turns.push(record);
    if (turns.length === 1) strike('pause');
  });
  agent.on('error', ({ error }) => {
    if (error instanceof ProviderError) errors.push(describeError(error));
  });

  strike('first connection');
  const call = await edge.createCall('faults', 'call');
  const talking = placeCall({
    url: call.socketUrl,
    lines: LINES,
    chordMs: CHORD_MS,
    answerTimeoutMs: 4000,
    onEvent: (event) => {
      const moment = momentOf(event);
      if (moment) strike(moment);
    },
  });
  await agent.join(call);
  await agent.say('Hello.');
  const report = await talking;
  const endReason = await agent.finish();
  return { report, turns, errors, metrics: agent.metrics, endReason, truth: sandbox.truth() };
}

/** The result of a tool at the second line is answered as the line would have been. */
function replyTo(part: GeminiPart | undefined, program: ProgramCase | undefined): Reply {
  const { text = '', functionResponse } = part ?? {};
  if (functionResponse !== undefined) return { text: answerTo(LINES[1]) };
  return (text === LINES[1] ? program?.reply : undefined) ?? { text: answerTo(text) };
}

function providersFor(fault: FaultCase, sandbox: Sandbox): PipelineProviders {
  const apiKey = 'sandbox';
  const [model = '', fluxModel = ''] = modelsOf(fault);
  return {
    stt: new deepgram.STT({
      apiKey,
      baseUrl: sandbox.deepgramUrl,
      model: fluxModel,
      eagerTurnDetection: true,
      connectTimeoutMs: PATIENCE_MS,
      stallTimeoutMs: PATIENCE_MS,
    }),
    llm: new gemini.LLM({
      apiKey,
      baseUrl: sandbox.geminiUrl,
      model,
      firstEventTimeoutMs: PATIENCE_MS,
      stallTimeoutMs: PATIENCE_MS,
    }),
    tts: new elevenlabs.TTS({
      apiKey,
      baseUrl: sandbox.elevenlabsUrl,
      model,
      transport: fault.transport ?? 'websocket',
      // Within the wait for the first audio, which contains it.
      connectTimeoutMs: PATIENCE_MS / 2,
      firstAudioTimeoutMs: PATIENCE_MS,
      stallTimeoutMs: VOICE_STALL_MS,
    }),
  };
}

/** Deepgram's `after` counts the audio of a connection: in the cases it is meant from now on. */
function injectAt(moment: Moment, { strikes }: FaultCase, sandbox: Sandbox): void {
  const heardMs = sandbox.truth().counts['stt.audio_duration.ms'] ?? 0;
  for (const { at, fault } of strikes) {
    if (at !== moment) continue;
    const { after } = fault;
    const isCountedInAudio = fault.provider === 'deepgram' && after !== undefined;
    sandbox.inject({
      ...fault,
      times: 1,
      ...(isCountedInAudio && { after: heardMs + after }),
    });
  }
}

function momentOf(event: CallEvent): Moment | undefined {
  if (event.type === 'greeting') return 'line 1';
  return event.type === 'turn' && event.index === 0 ? 'line 2' : undefined;
}

function describeError(error: ProviderError): string {
  return `${error.provider} ${error.type} ${error.providerCode ?? '-'}`;
}
