import { AgentError, ProviderError } from '@vision-agents/core';

/** The `provider` of every error in this package. */
const PROVIDER = 'mcp';

/** Marks the answer to a request whose event stream ended without one. */
export const STREAM_ENDED = 'vision-agents:stream-ended';

/**
 * Anything that a request to a server can throw, as an error whose message the model may read.
 * @param server what people call the server
 */
export function mcpError(server: string, error: unknown): AgentError {
  if (error instanceof AgentError) return error;
  if (isAnswer(error)) {
    const hasStreamEnded = 'data' in error && error.data === STREAM_ENDED;
    return hasStreamEnded ? connectionLost(server) : toolError(error.message);
  }
  const status = redirectOf(error);
  if (status !== undefined) return httpError(server, status);
  if (isSpawnError(error)) return startError(server, error);
  const failure = ProviderError.from(PROVIDER, error);
  if (failure.type !== 'unknown') {
    const { type, providerCode: code = '' } = failure;
    return serverError(server, {
      type,
      code,
      problem: `the connection failed (${code})`,
      cause: error,
    });
  }
  const problem = 'what it sent cannot be understood';
  return serverError(server, { type: 'protocol', code: 'malformed_answer', problem, cause: error });
}

/** The error of a tool itself, in the server's words: they are meant for the model. */
export function toolError(message: string | undefined): AgentError {
  return new AgentError('tool_error', message ?? 'the tool failed and did not say why');
}

/** Whether the server answered, with an error. */
export function isToolError(error: unknown): boolean {
  return error instanceof AgentError && error.code === 'tool_error';
}

/** The error for an HTTP answer that is none. The body stays out of it: it may repeat the request. */
export function httpError(server: string, status: number): ProviderError {
  const { type } = ProviderError.fromStatus(PROVIDER, status);
  const problem = `it refused the request with HTTP status ${status}${ADVICE.get(status) ?? ''}`;
  return serverError(server, {
    type: status < 400 ? 'bad_request' : type,
    code: String(status),
    problem,
  });
}

const ADVICE: ReadonlyMap<number, string> = new Map([
  [401, '; it wants credentials in the option `headers`, or others than it got'],
  [403, '; the credentials in the option `headers` do not allow it'],
  [404, '; there is no MCP endpoint at the option `url`, or the session is gone'],
  [405, '; there is no endpoint for streamable HTTP at the option `url`'],
]);

/** The error for a wait for the connection that was too long. */
export function timeoutError(server: string, timeoutMs: number): ProviderError {
  const problem = `it was not ready within ${timeoutMs} ms`;
  return serverError(server, { type: 'timeout', code: 'connect_timeout', problem });
}

/** The error for a server that ended, or answered with an error, before its tools were known. */
export function notReady(server: string, cause: unknown): ProviderError {
  const problem = 'it ended or refused before it was ready';
  return serverError(server, { type: 'unavailable', code: 'not_ready', problem, cause });
}

/** The error for a connection that was lost in the middle. */
export function connectionLost(server: string): ProviderError {
  const problem = 'the connection was lost before there was a result; the tool may have run';
  return serverError(server, { type: 'network', code: 'connection_lost', problem });
}

/** The error for a server that was not there a moment ago. */
export function unreachable(server: string, pauseMs: number): ProviderError {
  const problem = `it could not be reached; it is tried again in ${Math.ceil(pauseMs / 1000)} s at the earliest`;
  return serverError(server, { type: 'unavailable', code: 'unreachable', problem });
}

/** Whether the server does not know the session any more. It has run nothing then. */
export function isSessionGone(error: unknown): boolean {
  return error instanceof ProviderError && error.providerCode === '404';
}

/** Whether the connection is of no more use after this error. */
export function isLoss(error: unknown): boolean {
  const isBroken =
    error instanceof ProviderError && (error.type === 'network' || error.type === 'timeout');
  return isBroken || isSessionGone(error);
}

interface Problem {
  readonly type: ProviderError['type'];
  readonly code: string;
  readonly problem: string;
  readonly cause?: unknown;
}

/** An error of the server, which it names. */
export function serverError(server: string, { problem, ...details }: Problem): ProviderError {
  const message = `the server "${server}" failed: ${problem}`;
  return new ProviderError({ provider: PROVIDER, message, ...details });
}

/** Of an error that the server sent. By name: the SDK is not loaded yet when this module is. */
function isAnswer(error: unknown): error is Error {
  return error instanceof Error && error.name === 'McpError';
}

/** The status of a redirection to somewhere else, which the SDK does not follow. */
function redirectOf(error: unknown): number | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'number' && code >= 300 && code < 400 ? code : undefined;
}

/** Of a program that cannot be run. */
function isSpawnError(error: unknown): boolean {
  const call = error instanceof Error && 'syscall' in error ? error.syscall : undefined;
  return typeof call === 'string' && call.startsWith('spawn');
}

function startError(server: string, error: unknown): ProviderError {
  const found = error instanceof Error && 'code' in error ? error.code : undefined;
  const code = typeof found === 'string' ? found : 'not_started';
  const isMissing = code === 'ENOENT';
  const why = isMissing ? ': there is no such `command`, or no such folder `cwd`' : ` (${code})`;
  const problem = `it could not be started${why}`;
  return serverError(server, { type: 'unavailable', code, problem, cause: error });
}
