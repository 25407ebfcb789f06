import { placeCall } from '@vision-agents/sandbox';
import { expect, it } from 'vitest';

import { freePort } from '../src/free-port.ts';
import { entryIn } from './log-entry.ts';
import { startProgram } from './program.ts';
import { startCollector } from './trace-collector.ts';

it('talks to a caller without any key and sums the call up', async () => {
  const port = await freePort();
  const environment = { OTEL_EXPORTER_PROMETHEUS_PORT: String(port) };
  await using program = startProgram('main', ['--call-id', 'test-metrics'], environment);
  await program.waitFor(/No DEEPGRAM_API_KEY, no ELEVENLABS_API_KEY, no GOOGLE_API_KEY or/);
  const [, page = ''] = await program.waitFor(/Talk to the agent at: (http\S+)/);
  const url = page.replace('http:', 'ws:').replace('/?', '/call?');
  const report = await placeCall({ url, lines: ['what is the weather in Paris?'] });
  expect(report.problems).toEqual([]);
  expect(report.greeting).not.toBe('');
  expect(report.turns[0]?.heard).toContain('Paris');

  const { stdout, stderr, code } = await program.ended;
  expect(stdout).toContain(`Metrics available at: http://127.0.0.1:${port}/metrics`);
  expect(stdout).toMatch(/Response latency: \d+ ms avg, \d+ ms p95 of 2/);
  expect(stdout).toMatch(/Tokens: [1-9]\d* in \/ [1-9]\d* out/);
  expect(stdout).toContain('Turns: 1, interruptions: 0');
  expect(code).toBe(0);

  const lines = stderr.trim().split('\n').map(entryIn);
  const summary = lines.map(({ msg, turn_id, outcome }) => [msg, turn_id, outcome]);
  expect(summary).toEqual([
    ['call joined', undefined, undefined],
    ['turn ended', 'turn-1', 'completed'],
    ['turn ended', 'turn-2', 'completed'],
    ['call ended', undefined, undefined],
  ]);
  expect(new Set(lines.map(({ call_id }) => call_id))).toEqual(new Set(['test-metrics']));
  expect(stderr).not.toMatch(/Paris|weather|help/i);
}, 60_000);

it('sends its spans to the collector that the environment names, to the last', async () => {
  await using collector = await startCollector();
  const environment = {
    OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()),
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  };
  await using program = startProgram('main', ['--call-id', 'traced'], environment);
  await program.waitFor(new RegExp(`Traces go to: ${collector.url}`));
  const [, page = ''] = await program.waitFor(/Talk to the agent at: (http\S+)/);
  const url = page.replace('http:', 'ws:').replace('/?', '/call?');
  await placeCall({ url, lines: [] });
  const { stderr, code } = await program.ended;
  expect(code).toBe(0);

  const spans = collector.spans();
  const call = spans.find(({ name }) => name === 'agent.call');
  const turn = spans.find(({ name }) => name === 'agent.turn');
  expect(spans.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['chat gemini-2.5-flash-lite', 'text_to_speech eleven_flash_v2_5']),
  );
  expect(turn?.parentSpanId).toBe(call?.spanId);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  const lines = stderr.trim().split('\n').map(entryIn);
  expect(lines.map(({ trace_id }) => trace_id)).toEqual(lines.map(() => call?.traceId));
  expect(lines.find(({ msg }) => msg === 'turn ended')).toMatchObject({ span_id: turn?.spanId });
}, 60_000);

it('ends cleanly on Ctrl-C while it waits for somebody', async () => {
  const environment = { OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()) };
  await using program = startProgram('main', [], environment);
  await program.waitFor(/Talk to the agent at/);
  program.signal('SIGINT');
  const { code } = await program.ended;
  expect(code).not.toBeNull();
}, 30_000);

it('shows its help without starting anything', async () => {
  await using program = startProgram('main', ['--help']);
  const { stdout, code } = await program.ended;
  expect(stdout).toContain('--call-id <id>');
  expect(stdout).not.toContain('Metrics available');
  expect(code).toBe(0);
});

it.each([
  [['--volume', '11'], 'there is no option --volume; there are --call-type'],
  [['sing'], 'there is no command "sing"; there is run'],
  [['--log-level', 'loud'], '--log-level must be one of debug, info, warn, error, silent'],
])('refuses %j', async (args, message) => {
  await using program = startProgram('main', args);
  const { stderr, code } = await program.ended;
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});
