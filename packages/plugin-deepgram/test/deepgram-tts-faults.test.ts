import { once } from 'node:events';

import type { TTSStream } from '@vision-agents/core';
import { InterruptedError, MetricsCollector, ProviderError } from '@vision-agents/core';
import { ManualClock } from '@vision-agents/core/testing';
import type { DeepgramFault, Sandbox } from '@vision-agents/sandbox';
import { startSandbox } from '@vision-agents/sandbox';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';

import type { TTSOptions } from '../src/index.ts';
import { TTS } from '../src/index.ts';
import { failureOf, heard, speakAll } from './hearing.ts';

// The SDK takes a while to load; a test that times out for it would say nothing.
beforeAll(() => import('@deepgram/sdk'), 60_000);

describe.each(['flux-haley-en', 'aura-2-thalia-en'])('%s', (model) => {
  let sandbox: Sandbox;
  let collector: MetricsCollector;

  beforeEach(async () => {
    sandbox = await startSandbox({ delays: { firstAudioMs: 20, lastAudioMs: 60 } });
    collector = new MetricsCollector();
  });

  afterEach(() => sandbox.close());

  function tts(options: TTSOptions = {}): TTS {
    return new TTS({ apiKey: 'test-key', baseUrl: sandbox.deepgramUrl, model, ...options });
  }

  /** The same stream goes on after a fault, and the fault was counted once. */
  async function expectRecovery(stream: TTSStream): Promise<void> {
    sandbox.clearFaults();
    expect(heard(await speakAll(stream, 'Fine again.'))).toBe('Fine again.');
    await stream.close();
    expect(collector.metrics.ttsErrors.total).toBe(1);
    expect(sandbox.truth().counts['tts.errors']).toBe(1);
    expect(sandbox.truth().problems).toEqual([]);
    expect(collector.metrics.providerConnections.total).toBe(0);
  }

  test.each<[DeepgramFault, string, string]>([
    ['speak-handshake-401', 'authentication', '401'],
    ['speak-handshake-403', 'authentication', '403'],
    ['speak-handshake-429', 'rate_limit', '429'],
    ['speak-handshake-500', 'unavailable', '500'],
    ['speak-hung-upgrade', 'timeout', 'connect'],
  ])('%s makes opening fail with %s, code %s', async (fault, type, providerCode) => {
    sandbox.inject({ provider: 'deepgram', fault, times: 1 });
    const timeout = fault === 'speak-hung-upgrade' ? { connectTimeoutMs: 100 } : {};
    const error = await failureOf(tts(timeout).open({ metrics: collector }));
    expect(error).toBeInstanceOf(ProviderError);
    expect(error).toMatchObject({ type, providerCode });
    expect(String(error)).not.toContain('test-key');
    await expectRecovery(await tts().open({ metrics: collector }));
  });

  test.each<[DeepgramFault, string, string | undefined]>([
    ['speak-error-message', 'aborted_by_provider', 'NET-0004'],
    ['speak-malformed-json', 'protocol', 'malformed_message'],
    ['speak-wrong-types', 'protocol', 'malformed_message'],
    ['speak-reset', 'network', '1006'],
    ['speak-clean-close', 'aborted_by_provider', '1000'],
    ['speak-provider-close', 'timeout', 'NET-0000'],
    ['speak-stall', 'timeout', undefined],
    ['speak-mute', 'timeout', undefined],
    ['speak-never-ends', 'timeout', undefined],
    ['speak-no-audio', 'protocol', 'no_audio'],
  ])('%s makes a text fail with %s, code %s', async (fault, type, providerCode) => {
    // No shorter than it has to be for those that wait for it: this machine may be slow to speak.
    const stallTimeoutMs = type === 'timeout' ? 300 : 10_000;
    const stream = await tts({ stallTimeoutMs }).open({ metrics: collector });
    sandbox.inject({ provider: 'deepgram', fault, times: 1 });
    const error = await failureOf(speakAll(stream, 'This goes wrong.'));
    expect(error).toBeInstanceOf(ProviderError);
    expect(error).toMatchObject({ type, providerCode });
    expect(String(error)).not.toContain('goes wrong');
    await expectRecovery(stream);
  });

  test.each<DeepgramFault>([
    'speak-unknown-type',
    'speak-warning',
    'speak-odd-sized-audio',
    'speak-empty-audio',
  ])('%s is no error', async (fault) => {
    const stream = await tts().open({ metrics: collector });
    sandbox.inject({ provider: 'deepgram', fault, times: 1 });
    expect(heard(await speakAll(stream, 'Hello there.'))).toBe('Hello there.');
    await stream.close();
    expect(collector.metrics.ttsErrors.total).toBe(0);
    expect(sandbox.truth().counts['tts.errors']).toBe(0);
  });

  test('all texts on a socket that is lost fail, and the next opens another', async () => {
    const stream = await tts().open({ metrics: collector });
    sandbox.inject({ provider: 'deepgram', fault: 'speak-reset', times: 1 });
    const texts = ['one', 'two', 'three'];
    const errors = await Promise.all(texts.map((text) => failureOf(speakAll(stream, text))));
    expect(errors.map((error) => error instanceof ProviderError && error.type)).toEqual(
      texts.map(() => 'network'),
    );
    expect(collector.metrics.ttsErrors.total).toBe(3);
    expect(heard(await speakAll(stream, 'again'))).toBe('again');
    await stream.close();
  });

  test('texts that need a new socket and do not get one fail, each once', async () => {
    const stream = await tts().open({ metrics: collector });
    sandbox.inject({ provider: 'deepgram', fault: 'speak-reset', times: 1 });
    await failureOf(speakAll(stream, 'lost'));
    sandbox.inject({ provider: 'deepgram', fault: 'speak-handshake-500', times: 1 });
    const errors = await Promise.all([
      failureOf(speakAll(stream, 'one')),
      failureOf(speakAll(stream, 'two')),
    ]);
    expect(errors).toMatchObject([{ type: 'unavailable' }, { type: 'unavailable' }]);
    expect(collector.metrics.ttsErrors.total).toBe(3);
    expect(heard(await speakAll(stream, 'again'))).toBe('again');
    await stream.close();
  });

  test('a text that is aborted while another socket opens is never sent', async () => {
    const stream = await tts().open({ metrics: collector });
    sandbox.inject({ provider: 'deepgram', fault: 'speak-reset', times: 1 });
    await failureOf(speakAll(stream, 'lost'));
    const controller = new AbortController();
    const never = failureOf(speakAll(stream, 'never', controller.signal));
    setImmediate(() => controller.abort(new InterruptedError()));
    await never;
    expect(heard(await speakAll(stream, 'next'))).toBe('next');
    await stream.close();
    expect(sandbox.truth().counts['tts.characters']).toBe('lost'.length + 'next'.length);
  });

  test('a server that is not there is a network failure', async () => {
    const { deepgramUrl } = sandbox;
    await sandbox.close();
    const lost = new TTS({ apiKey: 'test-key', baseUrl: deepgramUrl, model });
    const error = await failureOf(lost.open({ metrics: collector }));
    expect(error).toMatchObject({ type: 'network', providerCode: 'ECONNREFUSED' });
    expect(collector.metrics.ttsErrors.total).toBe(1);
  });

  test('an abort while connecting ends the attempt at once, and is no error', async () => {
    sandbox.inject({ provider: 'deepgram', fault: 'speak-hung-upgrade', times: 1 });
    const controller = new AbortController();
    const reason = new Error('hung up');
    const opening = tts({ connectTimeoutMs: 60_000 }).open({
      metrics: collector,
      signal: controller.signal,
    });
    setImmediate(() => controller.abort(reason));
    expect(await failureOf(opening)).toBe(reason);
    expect(collector.metrics.ttsErrors.total).toBe(0);
  });
});

/** Interrupts a text of which some audio has come. */
async function interrupt(stream: TTSStream): Promise<void> {
  const controller = new AbortController();
  const speech = stream.synthesize('unheard', controller.signal);
  await speech.next();
  controller.abort(new InterruptedError());
  await failureOf(speech.next());
}

/** Has a server tell something of a turn of Flux, as it does in either of two places. */
function tell(socket: WebSocket, type: string, turn: number): void {
  const metadata = { speech_id: `turn-${turn}` };
  socket.send(JSON.stringify({ type, ...metadata, metadata }));
}

describe('a server that does not do what it is asked', () => {
  let server: WebSocketServer;
  let serve: (socket: WebSocket, message: { readonly type?: unknown }) => void;
  const sockets: WebSocket[] = [];
  const audio = Buffer.alloc(480);

  beforeEach(async () => {
    sockets.length = 0;
    server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    server.on('connection', (socket) => {
      sockets.push(socket);
      socket.on('message', (data: Buffer) => {
        const message: unknown = JSON.parse(data.toString());
        if (typeof message === 'object' && message !== null) serve(socket, { ...message });
      });
    });
    await once(server, 'listening');
  });

  afterEach(async () => {
    for (const client of server.clients) client.terminate();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });

  function tts(model: string): TTS {
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return new TTS({ apiKey: 'test-key', baseUrl: `http://127.0.0.1:${port}`, model });
  }

  test.each(['flux-haley-en', 'aura-2-thalia-en'])(
    '%s: a cut that is not answered costs the socket, and the next text nothing',
    async (model) => {
      const clock = new ManualClock();
      serve = (socket, { type }) => {
        if (type !== 'Flush') return;
        socket.send(audio);
        if (socket !== sockets[1]) return;
        socket.send(JSON.stringify({ type: 'Flushed', sequence_id: 0 }));
        socket.send(JSON.stringify({ type: 'SpeechMetadata', speech_id: 'x' }));
      };
      const stream = await tts(model).open({ clock });
      await interrupt(stream);
      await vi.waitFor(() => expect(clock.pendingTimers).toBe(1));
      const next = speakAll(stream, 'next');
      await vi.waitFor(async () => {
        await clock.advance(500);
        expect(sockets).toHaveLength(2);
      });
      expect(await next).toHaveLength(1);
      await stream.close();
    },
  );

  test('Flux: an interruption that it ignores costs the socket', async () => {
    serve = (socket, { type }) => {
      if (type === 'Flush') socket.send(audio);
      if (type !== 'Interrupt') return;
      socket.send(JSON.stringify({ type: 'Warning', code: 'INVALID_INTERRUPT_OFFSET' }));
    };
    const stream = await tts('flux-haley-en').open();
    await interrupt(stream);
    await vi.waitFor(() => expect(sockets).toHaveLength(2));
    await stream.close();
  });

  test('Flux: an interruption that comes too late costs nothing, nor does what is told of it later', async () => {
    let turn = 0;
    serve = (socket, { type }) => {
      if (type === 'Flush') {
        turn += 1;
        socket.send(audio);
        if (turn === 1) return;
        const late = { type: 'SpeechInterrupted', metadata: { speech_id: 'turn-1' } };
        socket.send(JSON.stringify(late));
        socket.send(audio);
        socket.send(JSON.stringify({ type: 'SpeechMetadata', speech_id: `turn-${turn}` }));
      } else if (type === 'Interrupt') {
        socket.send(JSON.stringify({ type: 'SpeechMetadata', speech_id: 'turn-1' }));
        socket.send(JSON.stringify({ type: 'Warning', code: 'NO_ACTIVE_SPEECH' }));
      }
    };
    const stream = await tts('flux-haley-en').open();
    await interrupt(stream);
    const frames = await speakAll(stream, 'next');
    expect(frames.reduce((sum, { samples }) => sum + samples.length, 0)).toBe(audio.length);
    expect(sockets).toHaveLength(1);
    await stream.close();
  });

  test('Flux: what is told late of one interruption is not taken for the answer to the next', async () => {
    let turn = 0;
    let interruptions = 0;
    serve = (socket, { type }) => {
      if (type === 'Flush') {
        turn += 1;
        socket.send(audio);
        if (turn < 3) return;
        tell(socket, 'SpeechInterrupted', 2);
        socket.send(audio);
        tell(socket, 'SpeechMetadata', 3);
      } else if (type === 'Interrupt') {
        interruptions += 1;
        tell(socket, interruptions === 1 ? 'SpeechMetadata' : 'SpeechInterrupted', 1);
      }
    };
    const stream = await tts('flux-haley-en').open();
    await interrupt(stream);
    await interrupt(stream);
    await vi.waitFor(() => expect(interruptions).toBe(2));
    expect(await speakAll(stream, 'next')).toHaveLength(1);
    await stream.close();
  });

  test('Aura: the end of what is cut is not taken for the end of the next', async () => {
    let turn = 0;
    serve = (socket, { type }) => {
      if (type === 'Flush') {
        turn += 1;
        socket.send(audio);
        if (turn === 2) socket.send(JSON.stringify({ type: 'Flushed', sequence_id: 2 }));
      } else if (type === 'Clear') {
        socket.send(JSON.stringify({ type: 'Flushed', sequence_id: 0 }));
        socket.send(audio);
        socket.send(JSON.stringify({ type: 'Cleared', sequence_id: 1 }));
      }
    };
    const collector = new MetricsCollector();
    const stream = await tts('aura-2-thalia-en').open({ metrics: collector });
    await interrupt(stream);
    const [frame, ...others] = await speakAll(stream, 'next');
    expect(frame?.samples).toHaveLength(audio.length / 2);
    expect(others).toEqual([]);
    await stream.close();
    // What came of the first after the interruption was paid for: counted, not heard.
    expect(collector.metrics.ttsAudioDurationMs.sum).toBe(30);
  });

  test('a socket that is closed while nobody speaks is no error; the next text opens another', async () => {
    serve = (socket, { type }) => {
      if (type !== 'Flush') return;
      socket.send(audio);
      socket.send(JSON.stringify({ type: 'Flushed', sequence_id: 0 }));
    };
    const collector = new MetricsCollector();
    const stream = await tts('aura-2-thalia-en').open({ metrics: collector });
    sockets[0]?.close(1011, 'NET-0001');
    await vi.waitFor(() => expect(collector.metrics.providerConnections.total).toBe(0));
    expect(await speakAll(stream, 'again')).toHaveLength(1);
    await stream.close();
    expect(collector.metrics.ttsErrors.total).toBe(0);
  });
});
