import { describe, expect, it } from 'vitest';

import { parseDemoOptions } from '../src/demo/demo-options.ts';

describe('the command line of the demo', () => {
  it('has defaults for everything', () => {
    expect(parseDemoOptions([])).toEqual({
      help: false,
      once: false,
      calls: 2,
      turns: 5,
      json: false,
      metricsPort: undefined,
    });
  });

  it('takes what the README says', () => {
    const options = parseDemoOptions(['--once', '--calls', '3', '--turns=7', '--json']);
    expect(options).toMatchObject({ once: true, calls: 3, turns: 7, json: true });
  });

  it.each([
    [['--calls', '0'], '--calls must be a whole number from 1 to 50'],
    [['--calls', '51'], '--calls must be a whole number from 1 to 50'],
    [['--turns', 'many'], '--turns must be a whole number from 1 to 1000'],
    [['--turns', '1.5'], '--turns must be a whole number from 1 to 1000'],
    [['--metrics-port', '65536'], '--metrics-port must be a whole number from 1 to 65535'],
    [['--json'], '--json wants --once'],
    [['--loud'], "Unknown option '--loud'"],
    [['stop'], "Unexpected argument 'stop'"],
    [['--calls'], "Option '--calls <value>' argument missing"],
  ])('refuses %j and says why', (args, message) => {
    expect(() => parseDemoOptions(args)).toThrow(message);
  });
});
