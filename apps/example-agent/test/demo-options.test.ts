import { describe, expect, it } from 'vitest';

import { DEMO_HELP, parseDemoOptions } from '../src/demo/demo-options.ts';
import { PROVIDER_NAMES } from '../src/provider-choice.ts';

describe('the command line of the demo', () => {
  it('has defaults for everything', () => {
    expect(parseDemoOptions([])).toEqual({
      help: false,
      once: false,
      calls: 2,
      turns: 5,
      providers: { stt: 'deepgram', llm: 'gemini', tts: 'elevenlabs' },
      json: false,
      metricsPort: undefined,
    });
  });

  it('takes what the README says', () => {
    const options = parseDemoOptions(['--once', '--calls', '3', '--turns=7', '--json']);
    expect(options).toMatchObject({ once: true, calls: 3, turns: 7, json: true });
  });

  it('takes providers by name, and leaves the others as they are', () => {
    expect(parseDemoOptions(['--stt', 'elevenlabs', '--tts=deepgram-aura']).providers).toEqual({
      stt: 'elevenlabs',
      llm: 'gemini',
      tts: 'deepgram-aura',
    });
    expect(parseDemoOptions(['--realtime', 'gemini']).providers).toEqual({ realtime: 'gemini' });
  });

  it.each(Object.entries(PROVIDER_NAMES))('takes and lists every --%s', (role, names) => {
    expect(DEMO_HELP).toContain(names.join(', '));
    for (const name of names) {
      expect(parseDemoOptions([`--${role}`, name]).providers).toMatchObject({ [role]: name });
    }
  });

  it.each([
    [['--calls', '0'], '--calls must be a whole number from 1 to 50'],
    [['--calls', '51'], '--calls must be a whole number from 1 to 50'],
    [['--turns', 'many'], '--turns must be a whole number from 1 to 1000'],
    [['--turns', '1.5'], '--turns must be a whole number from 1 to 1000'],
    [['--metrics-port', '65536'], '--metrics-port must be a whole number from 1 to 65535'],
    [['--stt', 'whisper'], '--stt must be one of deepgram, deepgram-nova, elevenlabs, openai'],
    [['--llm', ''], '--llm must be one of gemini, openai, openai-chat'],
    [['--tts', 'toString'], '--tts must be one of elevenlabs, elevenlabs-http, deepgram, '],
    [['--realtime', 'openai-chat'], '--realtime must be one of gemini, openai'],
    [['--realtime', 'gemini', '--tts', 'openai'], '--tts does not go with --realtime'],
    [['--json'], '--json wants --once'],
    [['--loud'], "Unknown option '--loud'"],
    [['stop'], "Unexpected argument 'stop'"],
    [['--calls'], "Option '--calls <value>' argument missing"],
  ])('refuses %j and says why', (args, message) => {
    expect(() => parseDemoOptions(args)).toThrow(message);
  });
});
