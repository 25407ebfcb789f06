import type { Clock } from '../clock/clock.ts';
import type { Edge, User } from '../edge/edge.ts';
import { ConfigurationError } from '../errors/configuration-error.ts';
import type { FallbackLLM } from '../fallback/fallback-llm.ts';
import type { FallbackSTT } from '../fallback/fallback-stt.ts';
import type { FallbackTTS } from '../fallback/fallback-tts.ts';
import type { LLM } from '../llm/llm.ts';
import type { Logger } from '../logging/logger.ts';
import {
  checkOptions,
  isArrayOf,
  isBoolean,
  isNumber,
  isObject,
  isOneOf,
  isString,
  isText,
} from '../options/option-checks.ts';
import type { Realtime } from '../realtime/realtime.ts';
import type { STT } from '../stt/stt.ts';
import type { ToolSource } from '../tools/tool-source.ts';
import type { Tools } from '../tools/tool.ts';
import { checkToolNames } from '../tools/tool.ts';
import type { TTS } from '../tts/tts.ts';
import type { TurnDetector } from '../turn-detection/turn-detector.ts';
import type { CrossTalk } from './floor.ts';
import type { InterruptionOptions } from './interruption-options.ts';
import { interruptionSettings } from './interruption-options.ts';

/** Words that pass the time while tools work. */
export interface ToolFiller {
  /** What the agent says, such as "One moment, please." */
  readonly text: string;
  /** How long the caller has heard nothing while tools work, in milliseconds, 0 to 600000. @default 2000 */
  readonly afterMs?: number;
}

/** How the end of a turn that a turn detector found is taken. */
export interface EndpointingOptions {
  /**
   * How much longer than the detector the agent waits where the words so far end in the middle of a
   * sentence, in milliseconds, 0 to 10000; 0 takes every end as it comes. It answers as soon as words come
   * that finish the sentence. @default 700
   */
  readonly unfinishedDelayMs?: number;
}

/** What every agent is made of. */
export interface SharedAgentOptions {
  /** The way to the callers. */
  readonly edge: Edge;
  /** Who the agent is in a call. */
  readonly agentUser: User;
  /**
   * What the model is told before everything else. `@persona.md` adds the file of that name from
   * `instructionsDirectory`; it is read when the agent joins.
   */
  readonly instructions?: string;
  /** Where files mentioned in `instructions` lie; nothing outside it is read. @default the working directory */
  readonly instructionsDirectory?: string;
  /** What the model can have done, by name. */
  readonly tools?: Tools;
  /** What brings more tools into each call, such as a server that offers them; opened with the join. */
  readonly toolSources?: readonly ToolSource[];
  /**
   * How long a caller may wait for the first audio of an answer before that counts as dead air, in
   * milliseconds, 1 to 600000. @default 10000
   */
  readonly deadAirMs?: number;
  /**
   * Whether spans and log lines hold what was said: transcripts, prompts, arguments and results of tools.
   * @default false, unless `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` is `true`, `SPAN_ONLY`
   * or `SPAN_AND_EVENT`
   */
  readonly captureContent?: boolean;
  /** Any of pino's shape. @default JSON lines on standard error */
  readonly logger?: Logger;
  /** @default the process's clock */
  readonly clock?: Clock;
}

/** What an agent is made of that hears with one model, thinks with another and speaks with a third. */
interface PipelineParts {
  readonly llm: LLM | FallbackLLM;
  readonly stt: STT | FallbackSTT;
  readonly tts: TTS | FallbackTTS;
  /** Finds where users' turns start and end, for an `stt` that does not. */
  readonly turnDetector?: TurnDetector;
  /** How the ends of turns are taken that `turnDetector` finds; needs one. */
  readonly endpointing?: EndpointingOptions;
  /** How often in a row the model may ask for tools before it has to answer, 0 to 100. @default 5 */
  readonly maxToolRounds?: number;
  /**
   * What the agent says when tools keep a caller waiting, once in an answer, unless it says something
   * anyway. It is no answer: the response latency goes on until that. @default nothing
   */
  readonly toolFiller?: ToolFiller;
  /**
   * Whether to ask the model as soon as a turn is probably over, where the speech to text tells
   * that. The answer is held back until the turn is over, and dropped when the user goes on: then its
   * tokens were spent for nothing. @default true
   */
  readonly speculation?: boolean;
  /**
   * When users may cut the agent off by speaking; `false` for never: then what they say while the
   * agent responds is answered after it. @default each option's default
   */
  readonly interruption?: InterruptionOptions | false;
  /** Whom the agent listens to when several speak at once. @default 'open' */
  readonly crossTalk?: CrossTalk;
  /**
   * What the agent says when an answer fails or is empty; an empty string for nothing.
   * @default "I'm sorry, something went wrong. Could you say that again?"
   */
  readonly apology?: string;
}

/** What an agent is made of whose one model does all three. */
interface RealtimeParts {
  /** The model that hears, thinks and speaks; it also finds the ends of turns and yields to users. */
  readonly realtime: Realtime;
}

type Without<Parts> = { readonly [Name in keyof Parts]?: undefined };

/** The options of an agent with a speech to text, a language model and a voice. */
export interface PipelineAgentOptions
  extends SharedAgentOptions, PipelineParts, Without<RealtimeParts> {}

/** The options of an agent with one model that hears and speaks by itself. */
export interface RealtimeAgentOptions
  extends SharedAgentOptions, RealtimeParts, Without<PipelineParts> {}

/** What an agent is made of: `llm`, `stt` and `tts`, or `realtime` in place of the three. */
export type AgentOptions = PipelineAgentOptions | RealtimeAgentOptions;

const SHARED_CHECKS = {
  edge: isObject(),
  agentUser: isObject(),
  instructions: isString(),
  instructionsDirectory: isText(),
  tools: isObject(),
  toolSources: isArrayOf(isObject()),
  deadAirMs: isNumber({ min: 1, max: 600_000 }),
  captureContent: isBoolean(),
  logger: isObject(),
  clock: isObject(),
};

const PIPELINE_CHECKS = {
  llm: isObject(),
  stt: isObject(),
  tts: isObject(),
  turnDetector: isObject(),
  endpointing: isObject(),
  speculation: isBoolean(),
  interruption: (value: unknown) => (value === false ? undefined : isObject()(value)),
  crossTalk: isOneOf(['open', 'first-speaker']),
  apology: isString(),
  maxToolRounds: isNumber({ min: 0, max: 100, integer: true }),
  toolFiller: isObject(),
};

/** @throws ConfigurationError which names the option that cannot work */
export function checkAgentOptions(options: AgentOptions): void {
  if (options.realtime === undefined) checkPipelineOptions(options);
  else checkRealtimeOptions(options);
  const idProblem = isText()(options.agentUser.id);
  if (idProblem !== undefined) {
    throw new ConfigurationError(
      'agentUser',
      `the \`id\` of Agent's option \`agentUser\` ${idProblem}`,
    );
  }
  checkToolNames(options.tools ?? {});
}

function checkRealtimeOptions(options: RealtimeAgentOptions): void {
  const unwanted = Object.keys(PIPELINE_CHECKS).find(
    (name) => Object.entries(options).find(([given]) => given === name)?.[1] !== undefined,
  );
  if (unwanted !== undefined) {
    throw new ConfigurationError(
      unwanted,
      `the option \`${unwanted}\` of Agent is not wanted: its \`realtime\` model hears, thinks and speaks by itself`,
    );
  }
  checkOptions('Agent', options, { ...SHARED_CHECKS, ...PIPELINE_CHECKS, realtime: isObject() }, [
    'edge',
    'agentUser',
  ]);
}

function checkPipelineOptions(options: PipelineAgentOptions): void {
  const checks = { ...SHARED_CHECKS, ...PIPELINE_CHECKS, realtime: isObject() };
  checkOptions('Agent', options, checks, ['edge', 'agentUser', 'llm', 'stt', 'tts']);
  if (options.turnDetector && options.stt.detectsTurns) {
    throw new ConfigurationError(
      'turnDetector',
      'the option `turnDetector` of Agent is not wanted: its `stt` detects turns by itself',
    );
  }
  checkEndpointing(options);
  if (options.toolFiller) {
    const fillerChecks = { text: isText(), afterMs: isNumber({ min: 0, max: 600_000 }) };
    checkOptions("Agent's `toolFiller`", options.toolFiller, fillerChecks, ['text']);
  }
  if (options.interruption !== false) interruptionSettings(options.interruption ?? {});
}

function checkEndpointing({ endpointing, turnDetector }: PipelineAgentOptions): void {
  if (endpointing === undefined) return;
  checkOptions('Agent.endpointing', endpointing, {
    unfinishedDelayMs: isNumber({ min: 0, max: 10_000 }),
  });
  if (!turnDetector) {
    throw new ConfigurationError(
      'endpointing',
      'the option `endpointing` of Agent needs the option `turnDetector`',
    );
  }
}
