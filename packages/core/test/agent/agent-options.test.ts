import { describe, expect, test } from 'vitest';

import { Agent, tool } from '../../src/index.ts';
import {
  ManualClock,
  ScriptedEdge,
  ScriptedLLM,
  ScriptedRealtime,
  ScriptedSTT,
  ScriptedTTS,
} from '../../src/testing/index.ts';
import { CITY_INPUT } from '../fakes/city-input.ts';

const clock = new ManualClock();
const OPTIONS = {
  edge: new ScriptedEdge([]),
  agentUser: { id: 'agent' },
  llm: new ScriptedLLM([], { clock }),
  stt: new ScriptedSTT([]),
  tts: new ScriptedTTS([]),
};
const WEATHER = tool({ description: 'Weather.', input: CITY_INPUT, execute: () => 'sunny' });

test.each([
  ['edge', undefined],
  ['edge', null],
  ['agentUser', undefined],
  ['agentUser', {}],
  ['agentUser', { id: '' }],
  ['llm', undefined],
  ['stt', undefined],
  ['tts', undefined],
  ['tts', 'elevenlabs'],
  ['instructions', 5],
  ['turnDetector', {}], // the fake speech to text detects turns itself
  ['endpointing', 700],
  ['endpointing', {}], // there is no turn detector
  ['tools', 'weather'],
  ['tools', { 'get weather': WEATHER }],
  ['maxToolRounds', -1],
  ['maxToolRounds', 1.5],
  ['maxToolRounds', 101],
  ['toolFiller', 'One moment, please.'],
  ['logger', 'console'],
  ['clock', 5],
  ['interruption', true],
  ['interruption', 'never'],
  ['crossTalk', 'loudest'],
  ['llmm', OPTIONS.llm],
])('the option %s = %j is refused by name', (option, value) => {
  const make = (): Agent => new Agent({ ...OPTIONS, [option]: value });
  expect(make).toThrow(expect.objectContaining({ code: 'configuration', option }));
  expect(make).toThrow(`\`${option}\``);
});

test.each([
  ['text', {}],
  ['text', { text: '' }],
  ['afterMs', { text: 'One moment.', afterMs: -1 }],
  ['afterMs', { text: 'One moment.', afterMs: 600_001 }],
  ['after', { text: 'One moment.', after: 5 }],
])('the field %s of toolFiller = %j is refused by name', (option, toolFiller) => {
  const make = (): Agent =>
    new Agent({ ...OPTIONS, ...Object.fromEntries([['toolFiller', toolFiller]]) });
  expect(make).toThrow(expect.objectContaining({ code: 'configuration', option }));
  expect(make).toThrow('toolFiller');
});

test.each([
  {},
  { toolFiller: { text: 'One moment.' } },
  { toolFiller: { text: 'One moment.', afterMs: 0 } },
  { instructions: '' },
  { maxToolRounds: 0 },
  { tools: {} },
  { tools: { weather: WEATHER } },
  { logger: undefined },
  { interruption: false },
  { interruption: {} },
  { interruption: { minSpeechMs: 0, minWords: 0, falseAlarmMs: 0, backchannels: {} } },
  { interruption: { minWords: 20, backchannels: { en: ['mhm'] } } },
  { crossTalk: 'first-speaker' },
])('the options %j are fine', (options) => {
  expect(() => new Agent({ ...OPTIONS, ...(options as object) })).not.toThrow();
});

test.each([
  ['minSpeechMs', -1],
  ['minSpeechMs', 10_001],
  ['minWords', 1.5],
  ['minWords', 21],
  ['falseAlarmMs', '2s'],
  ['backchannels', ['mhm']],
  ['backchannels', { en: 'mhm' }],
  ['words', 3],
])('the option %s = %j of interruption is refused by name', (option, value) => {
  const make = (): Agent => new Agent({ ...OPTIONS, interruption: { [option]: value } });
  expect(make).toThrow(expect.objectContaining({ code: 'configuration', option }));
});

describe('an agent with a realtime model', () => {
  const REALTIME = {
    edge: OPTIONS.edge,
    agentUser: OPTIONS.agentUser,
    realtime: new ScriptedRealtime([]),
  };

  test.each([
    ['llm', OPTIONS.llm],
    ['stt', OPTIONS.stt],
    ['tts', OPTIONS.tts],
    ['interruption', false],
    ['speculation', true],
    ['apology', 'Sorry.'],
    ['edge', undefined],
    ['agentUser', {}],
    ['realtime', 'gemini'],
    ['realtime', null],
    ['tools', { 'get weather': WEATHER }],
    ['llmm', OPTIONS.llm],
  ])('refuses the option %s = %j by name', (option, value) => {
    const make = (): Agent => new Agent({ ...REALTIME, [option]: value });
    expect(make).toThrow(expect.objectContaining({ code: 'configuration', option }));
    expect(make).toThrow(`\`${option}\``);
  });

  test('wants nothing else', () => {
    expect(() => new Agent(REALTIME)).not.toThrow();
    expect(() => new Agent({ ...REALTIME, tools: { get_weather: WEATHER } })).not.toThrow();
  });
});
