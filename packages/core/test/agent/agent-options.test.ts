import { expect, test } from 'vitest';

import { Agent, tool } from '../../src/index.ts';
import { CITY_INPUT } from '../fakes/city-input.ts';
import { FakeEdge } from '../fakes/fake-edge.ts';
import { FakeLLM } from '../fakes/fake-llm.ts';
import { FakeSTT } from '../fakes/fake-stt.ts';
import { FakeTTS } from '../fakes/fake-tts.ts';
import { ManualClock } from '../manual-clock.ts';

const clock = new ManualClock();
const OPTIONS = {
  edge: new FakeEdge(clock, []),
  agentUser: { id: 'agent' },
  llm: new FakeLLM(clock, []),
  stt: new FakeSTT(clock, []),
  tts: new FakeTTS(clock, []),
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
  ['logger', 'console'],
  ['clock', 5],
  ['llmm', OPTIONS.llm],
])('the option %s = %j is refused by name', (option, value) => {
  const make = (): Agent => new Agent({ ...OPTIONS, [option]: value });
  expect(make).toThrow(expect.objectContaining({ code: 'configuration', option }));
  expect(make).toThrow(`\`${option}\``);
});

test.each([
  {},
  { instructions: '' },
  { maxToolRounds: 0 },
  { tools: {} },
  { tools: { weather: WEATHER } },
  { logger: undefined },
])('the options %j are fine', (options) => {
  expect(() => new Agent({ ...OPTIONS, ...(options as object) })).not.toThrow();
});
