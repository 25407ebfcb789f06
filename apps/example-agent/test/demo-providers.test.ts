import { expect, it } from 'vitest';

import { PROVIDER_NAMES } from '../src/provider-choice.ts';
import { demoResult } from './demo-result.ts';
import { startProgram } from './program.ts';

const RUN_MS = 120_000;
/** So many demos at once leave each enough of a small machine. */
const SIDE_BY_SIDE = 3;

/** Each provider once, beside the defaults; those by themselves are what the demo's own test runs. */
const OPTIONS = Object.entries(PROVIDER_NAMES).flatMap(([role, names]) =>
  names.slice(role === 'realtime' ? 0 : 1).map((name) => `--${role}=${name}`),
);
const ROUNDS = OPTIONS.flatMap((_, index) =>
  index % SIDE_BY_SIDE === 0 ? [OPTIONS.slice(index, index + SIDE_BY_SIDE)] : [],
);

/** What the callers do in two calls of one turn, whoever hears and answers them. */
const ACTS = {
  'agent.turns': 2,
  'agent.turns{outcome="completed"}': 1,
  'agent.turns{outcome="interrupted"}': 1,
  'agent.sessions{reason="hangup"}': 1,
  'agent.sessions{reason="closed"}': 1,
};

/** What a model that hears and speaks by itself was asked, and what three were. */
const REALTIME_WORK = ['realtime.responses', 'realtime.audio.input.duration.ms'];
const PIPELINE_WORK = ['stt.transcripts', 'llm.requests', 'tts.requests'];

it.each(ROUNDS.map((options) => ({ options })))(
  'every count is what happened with $options',
  async ({ options }) => {
    const results = await Promise.all(options.map(run));
    for (const { option, result } of results) {
      expect([option, result.problems]).toEqual([option, []]);
      const truth = (name: string): number | undefined => result.counts[name]?.truth;
      const acts = Object.keys(ACTS).map((name) => [name, truth(name)]);
      expect([option, Object.fromEntries(acts)]).toEqual([option, ACTS]);
      const isRealtime = option.startsWith('--realtime');
      for (const name of isRealtime ? REALTIME_WORK : PIPELINE_WORK) {
        expect([option, name, truth(name)]).not.toEqual([option, name, 0]);
      }
      for (const name of isRealtime ? PIPELINE_WORK : REALTIME_WORK) {
        expect([option, name, truth(name)]).toEqual([option, name, 0]);
      }
    }
  },
  RUN_MS,
);

async function run(option: string) {
  const args = ['--once', '--json', '--calls', '2', '--turns', '1', option];
  await using demo = startProgram('demo', args);
  const { stdout, stderr } = await demo.ended;
  if (stdout === '') throw new Error(`the demo with ${option} printed no result:\n${stderr}`);
  return { option, result: demoResult.parse(JSON.parse(stdout)) };
}
