import type { OptionCheck } from '@vision-agents/core';
import {
  checkOptions,
  isArrayOf,
  isBoolean,
  isFunction,
  isHttpUrl,
  isNumber,
  isString,
  isText,
} from '@vision-agents/core';

/** What is the same for every server, however it is reached. */
export interface ServerOptions {
  /** What errors and the log call the server. @default the command's name, or the URL's host */
  readonly name?: string;
  /** The server's own names of the tools that the model gets. @default all, of which 128 at most */
  readonly toolNames?: readonly string[];
  /**
   * What the names of the tools begin with for the model: up to 32 letters, digits, _ or -, no digit
   * first. @default nothing
   */
  readonly namePrefix?: string;
  /**
   * The longest wait until the server is connected and has listed its tools, in milliseconds, 1 to
   * 600000. @default 10000
   */
  readonly connectTimeoutMs?: number;
  /**
   * The longest that a tool may take, a reconnection included, in milliseconds, 1 to 600000.
   * @default 30000
   */
  readonly callTimeoutMs?: number;
  /**
   * After how long without a tool at work the connection is closed, in milliseconds, 1 to 86400000;
   * the next one opens it again. @default 300000
   */
  readonly idleTimeoutMs?: number;
  /** Whether a call goes on without the tools when the server cannot be reached. @default false */
  readonly optional?: boolean;
}

/** How to start a server as a process of this machine. */
export interface StdioServerOptions extends ServerOptions {
  /** The program, run without a shell. @default none: it is required */
  readonly command: string;
  /** The program's arguments. @default none */
  readonly args?: readonly string[];
  /**
   * What its environment has besides `HOME`, `LOGNAME`, `PATH`, `SHELL`, `TERM` and `USER` of this
   * process. @default nothing
   */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder to run it in. @default the folder of this process */
  readonly cwd?: string;
}

/** How to reach a server over streamable HTTP. */
export interface HTTPServerOptions extends ServerOptions {
  /** The address of the MCP endpoint, http or https, without user and password. @default none: it is required */
  readonly url: string;
  /** Headers of every request, such as `Authorization`. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** What sends the requests, for a proxy or certificates of your own. @default that of Node.js */
  readonly fetch?: typeof fetch;
}

/** What a session needs of the options, all of it decided. */
export interface ServerSettings {
  readonly name: string;
  readonly toolNames: readonly string[] | undefined;
  readonly namePrefix: string;
  readonly connectTimeoutMs: number;
  readonly callTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

const SERVER_CHECKS: Readonly<Record<string, OptionCheck>> = {
  name: isText(),
  toolNames: isArrayOf(isText()),
  namePrefix: isNamePrefix(),
  connectTimeoutMs: isNumber({ min: 1, max: 600_000 }),
  callTimeoutMs: isNumber({ min: 1, max: 600_000 }),
  idleTimeoutMs: isNumber({ min: 1, max: 86_400_000 }),
  optional: isBoolean(),
};

const STDIO_CHECKS: Readonly<Record<string, OptionCheck>> = {
  command: isText(),
  args: isArrayOf(isString()),
  env: isRecordOf(isString()),
  cwd: isText(),
  ...SERVER_CHECKS,
};

const HTTP_CHECKS: Readonly<Record<string, OptionCheck>> = {
  url: isUrlWithoutCredentials(),
  headers: areHeaders(),
  fetch: isFunction(),
  ...SERVER_CHECKS,
};

/** @throws ConfigurationError when an option of `mcp.StdioServer` cannot work */
export function checkStdioOptions(options: StdioServerOptions): void {
  checkOptions('mcp.StdioServer', options, STDIO_CHECKS, ['command']);
}

/** @throws ConfigurationError when an option of `mcp.HTTPServer` cannot work */
export function checkHTTPOptions(options: HTTPServerOptions): void {
  checkOptions('mcp.HTTPServer', options, HTTP_CHECKS, ['url']);
}

/** The settings that are left open, decided. */
export function resolveServerOptions(options: ServerOptions, defaultName: string): ServerSettings {
  return {
    name: options.name ?? defaultName,
    toolNames: options.toolNames,
    namePrefix: options.namePrefix ?? '',
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    callTimeoutMs: options.callTimeoutMs ?? 30_000,
    idleTimeoutMs: options.idleTimeoutMs ?? 300_000,
  };
}

function isNamePrefix(): OptionCheck {
  return (value) =>
    typeof value === 'string' && /^([A-Za-z_][A-Za-z0-9_-]{0,31})?$/.test(value)
      ? undefined
      : 'must be up to 32 letters, digits, _ or -, and begin with a letter or _';
}

function isRecordOf(element: OptionCheck): OptionCheck {
  return (value) => {
    if (typeof value !== 'object' || value === null) return 'must be an object';
    const problem = Object.values(value)
      .map(element)
      .find((found) => found !== undefined);
    return problem === undefined ? undefined : `has a value that ${problem}`;
  };
}

/** What is none would end up in the message of the error that `Headers` throws. */
function areHeaders(): OptionCheck {
  return (value) => {
    const found = typeof value === 'object' && value !== null ? Object.entries(value) : [['']];
    const areFine = found.every(
      ([name, text]: unknown[]) =>
        typeof name === 'string' &&
        /^[\w!#$%&'*+.^`|~-]+$/.test(name) &&
        typeof text === 'string' &&
        /^[\x20-\x7e]*$/.test(text),
    );
    return areFine ? undefined : 'must be header names with strings of printable ASCII characters';
  };
}

/** `fetch` refuses a URL with credentials, and repeats them in its error. */
function isUrlWithoutCredentials(): OptionCheck {
  const checkUrl = isHttpUrl();
  return (value) => {
    const problem = checkUrl(value);
    if (problem !== undefined) return problem;
    const url = typeof value === 'string' ? URL.parse(value) : null;
    const isBare = url?.username === '' && url.password === '';
    return isBare ? undefined : 'must have no user and no password in it: send them in `headers`';
  };
}
