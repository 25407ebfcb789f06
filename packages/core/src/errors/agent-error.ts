/**
 * The root of every error that these packages throw on purpose.
 * `code` is stable and meant for programs; `message` is meant for people.
 */
export class AgentError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AgentError';
    this.code = code;
  }
}
