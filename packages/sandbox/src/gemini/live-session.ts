import { randomUUID } from 'node:crypto';

import type { GeminiPart, GeminiRequest } from './gemini-request.ts';
import { tokensOf } from './usage.ts';

/** A session that outlives its sockets: what was said, and which calls of functions are open. */
export class LiveSession {
  readonly contents: GeminiRequest['contents'] = [];
  readonly tools: NonNullable<GeminiRequest['tools']>;
  readonly systemInstruction: { parts?: GeminiPart[] };
  readonly #open = new Map<string, GeminiPart>();
  #callCount = 0;
  #spentAudioMs = 0;

  constructor(setup: Pick<GeminiRequest, 'tools' | 'systemInstruction'>) {
    this.tools = setup.tools ?? [];
    this.systemInstruction = setup.systemInstruction ?? {};
  }

  /** The ids of calls that have no answer yet. */
  get openCalls(): string[] {
    return [...this.#open.keys()];
  }

  /** What the model is asked. */
  get request(): GeminiRequest {
    const { contents, tools, systemInstruction } = this;
    return { contents, tools, systemInstruction };
  }

  /** Notes what a user said. */
  heard(text: string): void {
    this.contents.push({ role: 'user', parts: [{ text }] });
  }

  /** Notes what the model said. */
  said(text: string): void {
    if (text !== '') this.contents.push({ role: 'model', parts: [{ text }] });
  }

  /** Calls of functions as they go out, with new ids. */
  issue(
    calls: readonly { name: string; args: Record<string, unknown> }[],
  ): { id: string; name: string; args: Record<string, unknown> }[] {
    return calls.map((call) => {
      const issued = { id: `live-fc-${(this.#callCount += 1)}`, ...call };
      this.#open.set(issued.id, { functionCall: issued });
      return issued;
    });
  }

  /** Takes the answer to a call; false for one that nobody waits for. */
  answer(functionResponse: NonNullable<GeminiPart['functionResponse']>): boolean {
    const { id = '' } = functionResponse;
    const call = this.#open.get(id);
    if (call === undefined) return false;
    this.#open.delete(id);
    this.contents.push({ role: 'model', parts: [call] });
    const last = this.contents.at(-2);
    const parts: GeminiPart[] = [{ functionResponse }];
    // Answers to calls that were made together are given together.
    if (last?.role === 'user' && last.parts?.[0]?.functionResponse !== undefined) {
      parts.unshift(...last.parts);
    }
    this.contents.push({ role: 'user', parts });
    return true;
  }

  /** Takes all open calls back; returns their ids. */
  cancel(): string[] {
    const ids = this.openCalls;
    this.#open.clear();
    return ids;
  }

  /** Notes audio of the user. */
  listened(ms: number): void {
    this.#spentAudioMs += ms;
  }

  /** Tokens of one turn; 32 a second of audio heard, 25 a second of audio spoken, as Google counts. */
  usage(spokenMs: number): { text: number; heard: number; spoken: number } {
    const heardMs = this.#spentAudioMs;
    this.#spentAudioMs = 0;
    return {
      text: tokensOf(JSON.stringify(this.contents)),
      heard: Math.ceil((heardMs * 32) / 1000),
      spoken: Math.ceil((spokenMs * 25) / 1000),
    };
  }
}

/** The sessions that can be resumed, by the handles that were given out. */
export class LiveSessions {
  readonly #byHandle = new Map<string, LiveSession>();

  /** A new handle for a session. */
  handleFor(session: LiveSession): string {
    const handle = randomUUID();
    this.#byHandle.set(handle, session);
    return handle;
  }

  /** The session of a handle. */
  find(handle: string): LiveSession | undefined {
    return this.#byHandle.get(handle);
  }
}
