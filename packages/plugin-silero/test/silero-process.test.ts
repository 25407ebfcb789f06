import { spawnSync } from 'node:child_process';

import { expect, test } from 'vitest';

/** Opens two streams, has noise judged for them, closes one of them and leaves the other open. */
const LISTENING = `
const detector = new TurnDetector();
const [first, second] = await Promise.all([detector.open(() => {}), detector.open(() => {})]);
for (let count = 0; count < 50; count++) {
  const samples = Int16Array.from({ length: 320 }, () => (Math.random() - 0.5) * 9000);
  first.write({ samples, sampleRateHz: 16_000 });
  second.write({ samples, sampleRateHz: 16_000 });
  await setImmediate();
}
await first.close();
const open = process.getActiveResourcesInfo().filter((name) => !/Pipe|TTY/.test(name));
console.log(JSON.stringify({ open }));
`;

/** Tries to open a stream where one package cannot be had. */
const without = (name: string): string => `
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('${name}')) throw new Error('it is not there');
    return next(specifier, context);
  },
});
const error = await new TurnDetector().open(() => {}).catch((thrown) => thrown);
console.log(JSON.stringify({ code: error.providerCode, message: error.message, cause: error.cause.message }));
`;

test('a process exits by itself, in silence, with a stream still open', () => {
  expect(outcomeOf(LISTENING)).toEqual({ stdout: '{"open":[]}\n', stderr: '', status: 0 });
});

test.for([
  ['onnxruntime-node', 'runtime_unavailable', 'onnxruntime-node does not load on this machine'],
  ['@ricky0123/vad-web', 'model_unreadable', 'the model file cannot be read'],
] as const)('without %s, opening fails and says so', ([name, code, message]) => {
  const { stdout, stderr, status } = outcomeOf(without(name));
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  expect(JSON.parse(stdout)).toEqual({
    code,
    message: expect.stringContaining(message) as unknown,
    cause: 'it is not there',
  });
});

/** What a program does that can use the plugin. */
function outcomeOf(program: string): { stdout: string; stderr: string; status: number | null } {
  const imports = `
    import { registerHooks } from 'node:module';
    import { setImmediate } from 'node:timers/promises';
    import { TurnDetector } from '@vision-agents/plugin-silero';
  `;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--conditions=@vision-agents/source', '--input-type=module', '--eval', imports + program],
    { cwd: new URL('..', import.meta.url), encoding: 'utf8', timeout: 30_000 },
  );
  return { stdout, stderr, status };
}
