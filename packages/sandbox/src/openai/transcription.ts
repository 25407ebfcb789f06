import { randomUUID } from 'node:crypto';

import type { FaultOf } from '../faults.ts';
import type { ClientError, ClientEvent, RealtimeChannel } from './realtime-channel.ts';
import { TranscriptionRecogniser } from './transcription-recogniser.ts';
import { readTranscriptionSettings, type TranscriptionSettings } from './transcription-settings.ts';
import { provider, streamFaults, suffer } from './transcription-strike.ts';
import { TranscriptTeller } from './transcription-transcripts.ts';

/** Bytes of PCM at 24 kHz in a ms. */
const bytesPerMs = 48;
/** How far ahead of real time audio may be: a client may send again what was lost with a connection. */
const paceToleranceMs = 16_000;
/** A commit of less audio is refused. */
const minCommitMs = 100;
/** Models that stream tell new words about so often, in ms of audio. */
const streamEveryMs = 200;

/** Serves one connected client that wants speech written down. */
export function serveTranscription(channel: RealtimeChannel): void {
  const connection = new TranscriptionConnection(channel);
  channel.listen(
    (event) => connection.receive(event),
    () => connection.stop(),
  );
  connection.start();
}

/** A session that is set up. */
interface Session {
  settings: TranscriptionSettings;
  recogniser: TranscriptionRecogniser;
  transcripts: TranscriptTeller;
}

/** One session, from its first event to the close. */
class TranscriptionConnection {
  readonly #channel: RealtimeChannel;
  #session: Session | undefined;
  #firstAudioAt: number | undefined;
  #receivedMs = 0;
  #tooFast = false;
  /** The item that the buffer will be; it has its id before. */
  #itemId = newItemId();
  #lastItemId: string | null = null;
  /** Where the speech in the buffer began, as far as the client was told. */
  #toldStartMs: number | undefined;
  #nextStreamMs = streamEveryMs;

  constructor(channel: RealtimeChannel) {
    this.#channel = channel;
  }

  start(): void {
    if (this.#take(['no-session']) !== undefined) this.#channel.mute();
    this.#channel.send('session.created', { session: { type: 'transcription' } });
  }

  receive(event: ClientEvent): void {
    switch (event.type) {
      case 'session.update':
        this.#update(event);
        return;
      case 'input_audio_buffer.append':
        this.#append(event);
        return;
      case 'input_audio_buffer.commit':
        this.#clientCommits(event);
        return;
      case 'input_audio_buffer.clear':
        this.#session?.recogniser.take();
        this.#channel.send('input_audio_buffer.cleared');
        return;
      default:
        this.#refuse('an event is none of a session for transcription', event);
    }
  }

  stop(): void {
    this.#session?.transcripts.stop();
  }

  #update(event: ClientEvent): void {
    if (this.#session !== undefined && isNoChange(event['session'])) this.#tellSettings();
    else this.#setUp(event);
  }

  /** The settings that are in effect, whatever was changed. */
  #tellSettings(type = 'transcription'): void {
    const session = { ...this.#session?.settings.session, type };
    this.#channel.send('session.updated', { session });
  }

  #setUp(event: ClientEvent): void {
    const fault = this.#take(['refused-session', 'wrong-session']);
    if (fault?.fault === 'refused-session') {
      const { name: code = 'server_error' } = fault;
      const type = code === 'server_error' ? code : 'invalid_request_error';
      this.#channel.sendError({ type, code, message: 'The session was refused.' }, event);
      return;
    }
    const settings = readTranscriptionSettings(event['session']);
    if (typeof settings === 'string' || this.#session !== undefined) {
      const problem = typeof settings === 'string' ? settings : 'a session is set up twice';
      this.#refuse(problem, event);
      return;
    }
    const { backstage } = this.#channel;
    this.#session = {
      settings,
      recogniser: new TranscriptionRecogniser(backstage, settings.vad, {
        onSpeechStarted: (audioStartMs, toldStartMs) => {
          this.#toldStartMs = toldStartMs;
          this.#sendOfBuffer('speech_started', { audio_start_ms: audioStartMs });
        },
        onSpeechStopped: (audioEndMs) => {
          this.#sendOfBuffer('speech_stopped', { audio_end_ms: audioEndMs });
          this.#commit('server');
        },
        onPiece: () => this.#heardPiece(),
      }),
      transcripts: new TranscriptTeller(this.#channel, settings),
    };
    this.#tellSettings(fault?.fault === 'wrong-session' ? 'realtime' : 'transcription');
  }

  #append(event: ClientEvent): void {
    const bytes = Buffer.from(String(event['audio']), 'base64');
    if (this.#session === undefined) {
      this.#refuse('audio came before the session was set up', event);
    } else if (typeof event['audio'] !== 'string' || bytes.length % 2 !== 0) {
      this.#refuse('audio is not PCM of 16 bits in base64', event);
    } else {
      this.#receivedMs += bytes.length / bytesPerMs;
      this.#channel.backstage.truth.count('stt.audio_duration.ms', bytes.length / bytesPerMs);
      this.#checkPace();
      const fault = this.#take(streamFaults, this.#receivedMs);
      if (fault !== undefined) suffer(this.#channel, fault, this.#itemId);
      if (!this.#channel.isClosing) this.#session.recogniser.write(bytes);
    }
  }

  #checkPace(): void {
    const now = performance.now();
    this.#firstAudioAt ??= now;
    if (this.#tooFast || this.#receivedMs - (now - this.#firstAudioAt) < paceToleranceMs) return;
    this.#tooFast = true;
    this.#channel.backstage.truth.problem(`${provider}: audio was sent faster than real time`);
  }

  #heardPiece(): void {
    if (this.#session === undefined) return;
    const { settings, recogniser, transcripts } = this.#session;
    transcripts.advance(recogniser.audioMs);
    if (!settings.isStreaming || recogniser.audioMs < this.#nextStreamMs) return;
    this.#nextStreamMs += streamEveryMs;
    // The last word may grow still.
    transcripts.stream(this.#itemId, recogniser.words.slice(0, -1));
  }

  #clientCommits(event: ClientEvent): void {
    const { bufferedMs = 0 } = this.#session?.recogniser ?? {};
    if (bufferedMs >= minCommitMs) {
      this.#commit('client');
      return;
    }
    const error = {
      code: 'input_audio_buffer_commit_empty',
      message: `buffer too small: expected at least 100ms of audio, but it has ${bufferedMs.toFixed(2)}ms`,
    };
    // A turn that the service has ended by itself meanwhile is nobody's mistake.
    if (this.#session?.settings.vad === undefined) this.#channel.refuse(error, event);
    else this.#channel.sendError({ type: 'invalid_request_error', ...error }, event);
  }

  #commit(by: 'server' | 'client'): void {
    if (this.#session === undefined) return;
    const { settings, recogniser, transcripts } = this.#session;
    const itemId = this.#itemId;
    const committedAtMs = by === 'server' ? recogniser.audioMs : undefined;
    if (settings.isStreaming) transcripts.stream(itemId, recogniser.words);
    const words = recogniser.take();
    this.#sendOfBuffer('committed', { previous_item_id: this.#lastItemId });
    this.#sendItem();
    this.#lastItemId = itemId;
    this.#itemId = newItemId();
    transcripts.transcribe({ itemId, words, committedAtMs, startMs: this.#toldStartMs });
    this.#toldStartMs = undefined;
  }

  #sendItem(): void {
    const content = [{ type: 'input_audio', transcript: null }];
    const item = { id: this.#itemId, type: 'message', role: 'user', status: 'completed', content };
    for (const type of ['conversation.item.added', 'conversation.item.done']) {
      this.#channel.send(type, { previous_item_id: this.#lastItemId, item });
    }
  }

  #sendOfBuffer(type: string, fields: Record<string, unknown>): void {
    this.#channel.send(`input_audio_buffer.${type}`, { ...fields, item_id: this.#itemId });
  }

  #refuse(problem: string, event: ClientEvent): void {
    const error: ClientError = { code: 'invalid_value', message: problem };
    this.#channel.refuse(error, event);
  }

  #take<Name extends FaultOf<typeof provider>['fault']>(
    names: readonly Name[],
    progress?: number,
  ): (FaultOf<typeof provider> & { fault: Name }) | undefined {
    const { backstage, struck } = this.#channel;
    return backstage.faults.take(provider, names, progress, struck);
  }
}

/** Only what an update names is changed, so that this one asks what the settings are. */
function isNoChange(session: unknown): boolean {
  if (typeof session !== 'object' || session === null) return false;
  const { type, ...changes }: { type?: unknown } = session;
  return type === 'transcription' && Object.keys(changes).length === 0;
}

function newItemId(): string {
  return `item_${randomUUID()}`;
}
