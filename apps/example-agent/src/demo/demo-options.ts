import { parseArgs } from 'node:util';

import { ConfigurationError } from '@vision-agents/core';

import type { ProviderChoice, ProviderName, Role } from '../provider-choice.ts';
import { DEFAULT_CHOICE, PROVIDER_NAMES } from '../provider-choice.ts';

/** How the demo runs. */
export interface DemoOptions {
  readonly help: boolean;
  /** End after the first calls instead of placing new ones until Ctrl-C. */
  readonly once: boolean;
  /** Calls at the same time. */
  readonly calls: number;
  /** Turns of each call. */
  readonly turns: number;
  /** What the agent hears, thinks and speaks with. */
  readonly providers: ProviderChoice;
  /** Print the result as JSON on standard output. */
  readonly json: boolean;
  /** Undefined: 9464, or any free one where that is taken. */
  readonly metricsPort: number | undefined;
}

/** What `--help` prints. */
export const DEMO_HELP: string = `Usage: npx -y pnpm@12 demo [options]

Lets simulated callers talk to the example agent and compares the agent's metrics with what
really happened. Needs no account and no key.

Options:
  --once               end after the first calls and print the comparison
  --calls <n>          calls at the same time, 1 to 50 (default: 2)
  --turns <n>          turns of each call, 1 to 1000 (default: 5)
  --stt <name>         what hears: ${list('stt')}
  --llm <name>         what thinks: ${list('llm')}
  --tts <name>         what speaks: ${list('tts')}
  --realtime <name>    one model in place of the three: ${list('realtime')}
  --json               print the comparison as one JSON object; wants --once
  --metrics-port <n>   where /metrics is served, 1 to 65535 (default: 9464, or a free one)
  --help               show this
`;

/** Reads the demo's command line. @throws ConfigurationError which names the option */
export function parseDemoOptions(args: readonly string[]): DemoOptions {
  const { values } = parse(args);
  const json = values.json ?? false;
  const once = values.once ?? false;
  if (json && !once) {
    throw new ConfigurationError('json', 'the option --json wants --once: there is one result');
  }
  return {
    help: values.help ?? false,
    once,
    calls: wholeNumber('calls', values.calls, 1, 50) ?? 2,
    turns: wholeNumber('turns', values.turns, 1, 1000) ?? 5,
    providers: providersOf(values),
    json,
    metricsPort: wholeNumber('metrics-port', values['metrics-port'], 1, 65_535),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean' },
        once: { type: 'boolean' },
        calls: { type: 'string' },
        turns: { type: 'string' },
        json: { type: 'boolean' },
        stt: { type: 'string' },
        llm: { type: 'string' },
        tts: { type: 'string' },
        realtime: { type: 'string' },
        'metrics-port': { type: 'string' },
      },
    });
  } catch (error) {
    // parseArgs names the option and what is wrong with it.
    const message = error instanceof Error ? error.message : 'it cannot be understood';
    throw new ConfigurationError('demo', message, { cause: error });
  }
}

type ProviderOptions = { readonly [R in Role]?: string | undefined };

function providersOf(values: ProviderOptions): ProviderChoice {
  const realtime = providerName('realtime', values.realtime);
  if (realtime === undefined) {
    return {
      stt: providerName('stt', values.stt) ?? DEFAULT_CHOICE.stt,
      llm: providerName('llm', values.llm) ?? DEFAULT_CHOICE.llm,
      tts: providerName('tts', values.tts) ?? DEFAULT_CHOICE.tts,
    };
  }
  const unwanted = (['stt', 'llm', 'tts'] as const).find((role) => values[role] !== undefined);
  if (unwanted === undefined) return { realtime };
  throw new ConfigurationError(
    unwanted,
    `the option --${unwanted} does not go with --realtime: that model hears, thinks and speaks`,
  );
}

function providerName<R extends Role>(
  role: R,
  value: string | undefined,
): ProviderName<R> | undefined {
  if (value === undefined) return undefined;
  const names: readonly ProviderName<R>[] = PROVIDER_NAMES[role];
  const name = names.find((candidate) => candidate === value);
  if (name !== undefined) return name;
  throw new ConfigurationError(role, `the option --${role} must be one of ${list(role)}`);
}

function list(role: Role): string {
  return PROVIDER_NAMES[role].join(', ');
}

function wholeNumber(
  name: string,
  value: string | undefined,
  min: number,
  max: number,
): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= min && number <= max) return number;
  throw new ConfigurationError(
    name,
    `the option --${name} must be a whole number from ${min} to ${max}`,
  );
}
