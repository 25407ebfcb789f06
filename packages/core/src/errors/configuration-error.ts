import { AgentError } from './agent-error.ts';

/** An option that cannot work: the message names the option in backticks and what it may be. */
export class ConfigurationError extends AgentError {
  readonly option: string;

  constructor(option: string, message: string, options?: ErrorOptions) {
    super('configuration', message, options);
    this.name = 'ConfigurationError';
    this.option = option;
  }
}
