import type { TurnOutcome } from '@vision-agents/core';
import type { DeepgramFault, ElevenLabsFault, GeminiFault } from '@vision-agents/sandbox';

import type { FaultCase, Strike } from './fault-case.ts';

/** Where in the second line a fault of Deepgram's strikes, in ms from its beginning. */
const IN_THE_LINE_MS = 300;
/** So many chunks of 100 ms are most of an answer: it ends while the caller is still listening. */
const MOST_OF_THE_AUDIO = 8;

/** Ears that are lost while nobody speaks are back before anybody does, and nothing is missed. */
function inThePause(fault: DeepgramFault, error: string): FaultCase {
  return {
    name: `deepgram ${fault}`,
    strikes: [{ at: 'pause', fault: { provider: 'deepgram', fault } }],
    errors: [`deepgram ${error}`],
    turns: ['completed', 'completed', 'completed'],
  };
}

/** So they are when they are lost and the way back is barred, once. */
function onTheWayBack(fault: DeepgramFault, error: string): FaultCase {
  const { strikes, errors, turns } = inThePause('reset', 'network 1006');
  return {
    name: `deepgram ${fault} on the way back`,
    strikes: [...strikes, { at: 'pause', fault: { provider: 'deepgram', fault } }],
    errors: [...errors, `deepgram ${error}`],
    turns,
  };
}

/** What strikes in the middle of a line, and what becomes of its turn. */
function inTheLine(
  fault: DeepgramFault,
  errors: readonly string[],
  second: TurnOutcome,
): FaultCase {
  const after = IN_THE_LINE_MS;
  return {
    name: `deepgram ${fault} in the line`,
    strikes: [{ at: 'line 2', fault: { provider: 'deepgram', fault, after } }],
    errors: errors.map((error) => `deepgram ${error}`),
    turns: ['completed', second, 'completed'],
  };
}

const DEEPGRAM: readonly FaultCase[] = [
  {
    name: 'deepgram handshake-500 at first',
    strikes: [{ at: 'first connection', fault: { provider: 'deepgram', fault: 'handshake-500' } }],
    errors: ['deepgram unavailable 500'],
    turns: ['completed', 'completed', 'completed'],
  },
  onTheWayBack('handshake-401', 'authentication 401'),
  onTheWayBack('handshake-403', 'authentication 403'),
  onTheWayBack('handshake-429', 'rate_limit 429'),
  onTheWayBack('handshake-500', 'unavailable 500'),
  onTheWayBack('hung-upgrade', 'timeout connect'),
  inThePause('reset', 'network 1006'),
  inThePause('clean-close', 'aborted_by_provider 1000'),
  inThePause('provider-close', 'timeout NET-0000'),
  inThePause('error-message', 'unavailable INTERNAL_SERVER_ERROR'),
  inTheLine('reset', ['network 1006'], 'completed'),
  inTheLine('stall', ['timeout stall'], 'completed'),
  inTheLine('malformed-json', ['protocol malformed_message'], 'completed'),
  inTheLine('wrong-types', ['protocol malformed_message'], 'completed'),
  inTheLine('unknown-type', [], 'completed'),
  inTheLine('empty-transcript', [], 'no_response'),
];

/** What strikes the answer to the second line, and what becomes of its turn. */
function inTheVoice(
  fault: ElevenLabsFault,
  error: string | undefined,
  second: TurnOutcome,
  after?: number,
): FaultCase {
  const strike: Strike = {
    at: 'line 2',
    fault: { provider: 'elevenlabs', fault, ...(after !== undefined && { after }) },
  };
  return {
    name: `elevenlabs ${fault}${after === undefined ? '' : ` after ${after} chunks`}`,
    ...(fault.startsWith('http-') && { transport: 'http' }),
    strikes: [strike],
    errors: error === undefined ? [] : [`elevenlabs ${error}`],
    turns: ['completed', second, 'completed'],
  };
}

/**
 * The first answer loses the socket. It is replaced before the next one: that the first attempt at it fails
 * is no error of anybody's answer.
 */
function whileReplaced(fault: ElevenLabsFault): FaultCase {
  return {
    name: `elevenlabs ${fault} while the socket is replaced`,
    strikes: [
      { at: 'line 1', fault: { provider: 'elevenlabs', fault: 'reset' } },
      { at: 'line 1', fault: { provider: 'elevenlabs', fault } },
    ],
    errors: ['elevenlabs network 1006'],
    turns: ['error', 'completed', 'completed'],
  };
}

const ELEVENLABS: readonly FaultCase[] = [
  whileReplaced('handshake-401'),
  whileReplaced('handshake-429'),
  whileReplaced('handshake-500'),
  whileReplaced('hung-upgrade'),
  inTheVoice('error-message', 'unavailable internal_error', 'error'),
  inTheVoice('error-message', 'unavailable internal_error', 'error', 3),
  inTheVoice('malformed-json', 'protocol malformed_message', 'error'),
  inTheVoice('reset', 'network 1006', 'error'),
  inTheVoice('reset', 'network 1006', 'error', 3),
  inTheVoice('stall', 'timeout -', 'error'),
  inTheVoice('stall', 'timeout -', 'error', MOST_OF_THE_AUDIO),
  inTheVoice('never-final', 'timeout -', 'error'),
  inTheVoice('odd-sized-audio', undefined, 'completed'),
  inTheVoice('empty-audio', undefined, 'completed'),
  inTheVoice('http-401', 'authentication 401', 'error'),
  inTheVoice('http-422', 'bad_request 422', 'error'),
  inTheVoice('http-429-concurrency', 'rate_limit too_many_concurrent_requests', 'error'),
  inTheVoice('http-429-busy', 'rate_limit system_busy', 'error'),
  inTheVoice('http-500', 'unavailable 500', 'error'),
  inTheVoice('http-reset', 'network ECONNRESET', 'error'),
  inTheVoice('http-stall', 'timeout -', 'error', 0),
  inTheVoice('http-stall', 'timeout -', 'error', MOST_OF_THE_AUDIO),
  inTheVoice('http-empty', 'protocol no_audio', 'error'),
  inTheVoice('http-odd-chunks', undefined, 'completed'),
];

/** What strikes the model's answer to the second line, and what becomes of its turn. */
function inTheModel(
  fault: GeminiFault,
  error: string | undefined,
  second: TurnOutcome = 'error',
): FaultCase {
  return {
    name: `gemini ${fault}`,
    strikes: [{ at: 'line 2', fault: { provider: 'gemini', fault } }],
    errors: error === undefined ? [] : [`gemini ${error}`],
    turns: ['completed', second, 'completed'],
  };
}

const GEMINI: readonly FaultCase[] = [
  inTheModel('status-400', 'bad_request 400'),
  inTheModel('status-401', 'authentication 401'),
  inTheModel('status-403', 'authentication 403'),
  inTheModel('status-429', 'rate_limit 429'),
  inTheModel('status-500', 'unavailable 500'),
  inTheModel('status-503', 'unavailable 503'),
  inTheModel('error-event', 'unavailable 503'),
  inTheModel('malformed-json', 'protocol malformed_answer'),
  inTheModel('reset', 'network ECONNRESET'),
  inTheModel('eof', 'protocol truncated'),
  inTheModel('empty', 'protocol truncated'),
  inTheModel('stall-before-first', 'timeout -'),
  inTheModel('stall', 'timeout -'),
  // The service did what it promises: it was asked, refuses to say anything, and says so.
  inTheModel('safety', undefined, 'error'),
];

/** Every fault of the sandbox, in a call. */
export const FAULT_CASES: readonly FaultCase[] = [...DEEPGRAM, ...ELEVENLABS, ...GEMINI];
