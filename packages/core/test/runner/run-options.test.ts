import { expect, test } from 'vitest';

import { HELP, parseCommandLine } from '../../src/runner/run-options.ts';

const DEFAULTS = { name: 'run', callType: 'default', callId: undefined, logLevel: 'info' };

test.each([
  ['', DEFAULTS],
  ['run', DEFAULTS],
  ['--call-type livestream --call-id 42', { ...DEFAULTS, callType: 'livestream', callId: '42' }],
  ['run --call-id=42', { ...DEFAULTS, callId: '42' }],
  ['--call-id 42 run', { ...DEFAULTS, callId: '42' }],
  ['--call-id=-1', { ...DEFAULTS, callId: '-1' }],
  ['--call-id 1 --call-id 2', { ...DEFAULTS, callId: '2' }],
  ['--log-level silent', { ...DEFAULTS, logLevel: 'silent' }],
  ['--log-level=debug', { ...DEFAULTS, logLevel: 'debug' }],
  ['--help', { name: 'help' }],
  ['run --call-id 42 --help', { name: 'help' }],
  ['dance --help', { name: 'help' }],
])('"%s" is understood', (line, command) => {
  expect(parseCommandLine(split(line))).toEqual(command);
});

test.each([
  ['--colour red', 'colour', 'there is no option --colour'],
  ['-h', 'h', 'there is no option -h'],
  ['--no-help', 'no-help', 'there is no option --no-help'],
  ['dance', 'command', 'there is no command "dance"; there is run'],
  ['run dance', 'command', 'there is no command "dance"'],
  ['--call-id', 'call-id', 'the option --call-id needs a value'],
  ['--call-id=', 'call-id', 'the option --call-id needs a value'],
  ['--call-id --log-level debug', 'call-id', 'the option --call-id needs a value'],
  ['--call-type --help', 'call-type', 'the option --call-type needs a value'],
  ['--help=yes', 'help', 'the option --help takes no value'],
  ['--log-level loud', 'log-level', 'debug, info, warn, error, silent'],
])('"%s" is refused with what is wrong', (line, option, message) => {
  const parse = (): unknown => parseCommandLine(split(line));
  expect(parse).toThrow(expect.objectContaining({ code: 'configuration', option }));
  expect(parse).toThrow(message);
});

test('the help names every option', () => {
  for (const name of ['run', '--call-type', '--call-id', '--log-level', '--help']) {
    expect(HELP).toContain(name);
  }
});

function split(line: string): string[] {
  return line === '' ? [] : line.split(' ');
}
