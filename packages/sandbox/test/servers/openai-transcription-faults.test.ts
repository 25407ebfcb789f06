import {
  startSandbox,
  type OpenAITranscriptionFault,
  type Sandbox,
  type SandboxOptions,
} from '@vision-agents/sandbox';
import { afterEach, describe, expect, test } from 'vitest';

import { RawClient, refusal } from '../raw-client.ts';
import {
  headers,
  is,
  openTranscription,
  says,
  send,
  transcription,
  types,
  update,
  urlOf,
} from './transcription-client.ts';

let sandbox: Sandbox;
afterEach(() => sandbox.close());

async function connect(
  input: Record<string, unknown> = {},
  options: SandboxOptions = {},
): Promise<RawClient> {
  const opened = await openTranscription(input, options);
  ({ sandbox } = opened);
  return opened.client;
}

function inject(
  fault: OpenAITranscriptionFault,
  more: { after?: number; times?: number; name?: string } = {},
): void {
  sandbox.inject({ provider: 'openai-transcription', fault, ...more });
}

describe('faults', () => {
  test.each([
    ['handshake-401', 401],
    ['handshake-403', 403],
    ['handshake-404', 404],
    ['handshake-429', 429],
    ['handshake-quota', 429],
    ['handshake-500', 500],
    ['handshake-503', 503],
  ] as const)('%s', async (fault, status) => {
    sandbox = await startSandbox();
    inject(fault);
    expect((await refusal(urlOf(sandbox), { headers })).status).toBe(status);
    expect(sandbox.truth().counts).toMatchObject({ 'stt.errors': 1, 'realtime.errors': 0 });
  });

  test('hung-upgrade', async () => {
    sandbox = await startSandbox();
    inject('hung-upgrade');
    const client = new RawClient(urlOf(sandbox), { headers, handshakeTimeout: 200 });
    expect(await client.closed).toBe(1006);
  });

  test('no-session: nothing is told from the start', async () => {
    sandbox = await startSandbox();
    inject('no-session');
    const client = await new RawClient(urlOf(sandbox), { headers }).open();
    client.send(update());
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(client.texts).toEqual([]);
  });

  test('refused-session and wrong-session concern the setting up', async () => {
    sandbox = await startSandbox();
    inject('refused-session', { name: 'model_not_found', times: 1 });
    inject('wrong-session', { times: 1 });
    const client = await new RawClient(urlOf(sandbox), { headers }).open();
    client.send(update());
    expect(await client.message(is('error'))).toMatchObject({
      error: { code: 'model_not_found', event_id: 'mine' },
    });
    client.send(update());
    expect(await client.message(is('session.updated'))).toMatchObject({
      session: { type: 'realtime' },
    });
  });

  test.each([
    ['session-expired', 1001],
    ['reset', 1006],
    ['clean-close', 1000],
    ['provider-close', 1011],
  ] as const)('%s ends the session with %i', async (fault, code) => {
    const client = await connect();
    inject(fault, { after: 200 });
    send(client, 'Hello', 700);
    expect(await client.closed).toBe(code);
    expect(types(client).includes('error')).toBe(fault === 'session-expired');
    expect(sandbox.truth().counts['stt.errors']).toBe(1);
    expect(sandbox.truth().problems).toEqual([]);
  });

  test('what is odd comes in between', async () => {
    const client = await connect();
    for (const fault of ['malformed-json', 'wrong-types', 'unknown-type', 'error-event'] as const) {
      inject(fault);
    }
    send(client, 'Hello', 700);
    await client.message(says('Hello'));
    expect(client.texts.length).toBe(client.messages.length + 1);
    expect(client.messages.filter(({ delta }) => delta === 42)).toHaveLength(1);
    expect(types(client)).toEqual(expect.arrayContaining(['surprise', 'error']));
    expect(sandbox.truth().counts['stt.errors']).toBe(3);
  });

  test('giant-message is more than any message is', async () => {
    const client = await connect();
    inject('giant-message');
    send(client, 100);
    await client.message(is('surprise'));
    expect(client.texts.at(-1)?.length).toBeGreaterThan(16 * 1024 * 1024);
  });

  test('duplicate-messages: from then on each event comes twice', async () => {
    const client = await connect();
    inject('duplicate-messages');
    send(client, 'Hello', 700);
    await expect.poll(() => client.messages.filter(says('Hello'))).toHaveLength(2);
    const ids = client.messages.slice(2).map(({ event_id: id }) => id);
    expect(new Set(ids).size).toBe(ids.length / 2);
    expect(sandbox.truth().counts).toMatchObject({ 'stt.transcripts': 1, 'stt.errors': 0 });
  });

  test('those of a transcript concern the next one', async () => {
    const client = await connect();
    const faults = ['empty-transcript', 'transcription-failed', 'no-transcript'] as const;
    for (const fault of faults) inject(fault, { times: 1 });
    for (const word of ['One', 'Two', 'Six', 'Ten']) send(client, word, 600);
    await client.message(says('Ten'));
    const told = client.messages.filter(
      ({ type }) => type === `${transcription}.completed` || type === `${transcription}.failed`,
    );
    expect(told.map(({ transcript, error }) => transcript ?? typeof error)).toEqual([
      '',
      'object',
      'Ten',
    ]);
    expect(sandbox.truth().counts).toMatchObject({ 'stt.transcripts': 1, 'stt.errors': 2 });
  });

  test('reordered-transcripts: a transcript comes after the next', async () => {
    const client = await connect();
    inject('reordered-transcripts', { times: 1 });
    send(client, 'One', 700, 'Two', 700);
    await client.message(says('One'));
    const told = client.messages.filter(is(`${transcription}.completed`));
    expect(told.map(({ transcript }) => transcript)).toEqual(['Two', 'One']);
    expect(sandbox.truth().counts).toMatchObject({ 'stt.transcripts': 2, 'stt.errors': 0 });
  });

  test.each(['stall', 'slow-reader'] as const)('%s: nothing more is told', async (fault) => {
    const client = await connect();
    inject(fault, { after: 200 });
    send(client, 'Hello', 700);
    await expect.poll(() => sandbox.truth().counts['stt.errors']).toBe(1);
    const pong = new Promise((resolve) => client.ws.once('pong', resolve));
    client.ws.ping();
    const none = new Promise((resolve) => setTimeout(resolve, 200, 'none'));
    const answer = await Promise.race([pong, none]);
    expect(answer === 'none').toBe(fault === 'slow-reader');
    expect(types(client)).not.toContain(`${transcription}.completed`);
  });
});
