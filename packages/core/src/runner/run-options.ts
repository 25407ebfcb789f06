import { parseArgs } from 'node:util';

import { ConfigurationError } from '../errors/configuration-error.ts';
import type { LogLevel } from '../logging/logger.ts';
import { LOG_LEVELS } from '../logging/logger.ts';

/** A command line that can be acted on. */
export type RunnerCommand =
  | { readonly name: 'help' }
  | {
      readonly name: 'run';
      readonly callType: string;
      readonly callId: string | undefined;
      readonly logLevel: LogLevel;
    };

/** What `--help` prints. */
export const HELP: string = `Usage: agent [run] [options]

Commands:
  run                  join one call and stay until it ends (the default)

Options:
  --call-type <type>   the type of the call at the edge (default: "default")
  --call-id <id>       the id of the call (default: a new one)
  --log-level <level>  ${LOG_LEVELS.join(', ')} (default: "info")
  --help               show this
`;

const COMMANDS = ['run'];

const OPTIONS = {
  'call-type': { type: 'string', default: 'default' },
  'call-id': { type: 'string' },
  'log-level': { type: 'string', default: 'info' },
  help: { type: 'boolean', default: false },
} as const;

/** Reads a command line. @throws ConfigurationError which names the option and what is allowed */
export function parseCommandLine(args: readonly string[]): RunnerCommand {
  const { tokens } = parseArgs({ args: [...args], options: OPTIONS, strict: false, tokens: true });
  const known = Object.keys(OPTIONS).map((name) => `--${name}`);
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    if (!known.includes(token.rawName)) {
      throw new ConfigurationError(
        token.name,
        `there is no option ${token.rawName}; there are ${known.join(', ')}`,
      );
    }
    const takesValue = token.name !== 'help';
    const isNextOption = token.inlineValue === false && token.value.startsWith('-');
    if (takesValue && (token.value === undefined || token.value === '' || isNextOption)) {
      throw new ConfigurationError(token.name, `the option ${token.rawName} needs a value`);
    }
    if (!takesValue && token.value !== undefined) {
      throw new ConfigurationError(token.name, `the option ${token.rawName} takes no value`);
    }
  }

  const { values, positionals } = parseArgs({
    args: [...args],
    options: OPTIONS,
    allowPositionals: true,
  });
  if (values.help) return { name: 'help' };
  const [command = 'run', ...rest] = positionals;
  if (!COMMANDS.includes(command) || rest.length > 0) {
    const unknown = rest[0] ?? command;
    throw new ConfigurationError(
      'command',
      `there is no command "${unknown}"; there is ${COMMANDS.join(', ')}`,
    );
  }
  return {
    name: 'run',
    callType: values['call-type'],
    callId: values['call-id'],
    logLevel: logLevelOf(values['log-level']),
  };
}

function logLevelOf(value: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === value);
  if (level !== undefined) return level;
  throw new ConfigurationError(
    'log-level',
    `the option --log-level must be one of ${LOG_LEVELS.join(', ')}`,
  );
}
