import { ConfigurationError } from '../errors/configuration-error.ts';
import type { ToolDeclaration } from '../llm/llm-request.ts';
import {
  checkOptions,
  isBoolean,
  isFunction,
  isNumber,
  isObject,
  isText,
} from '../options/option-checks.ts';
import type { InputSchema } from './standard-schema.ts';
import { describeIssues } from './standard-schema.ts';

/** What a tool's work gets besides its input. */
export interface ToolContext {
  /**
   * Aborted when the tool takes too long or the call ends, and for a tool that is `readOnly` also when
   * the user interrupts the answer that wanted it.
   */
  readonly signal: AbortSignal;
}

/** What a tool is made of. */
export interface ToolOptions<Input> {
  /** Tells the model what the tool does and when to use it. */
  readonly description: string;
  /** The input: a schema of zod or of any other library that follows Standard JSON Schema. */
  readonly input: InputSchema<Input>;
  /** Does the work. A string goes to the model as it is, anything else as JSON. */
  readonly execute: (input: Input, context: ToolContext) => unknown;
  /** The longest that it may take, in milliseconds, 1 to 600000. @default 30000 */
  readonly timeoutMs?: number;
  /**
   * Whether it only looks things up. Such a tool is aborted when the user interrupts; any other goes
   * on to its end, since what it does must not be left half done. @default false
   */
  readonly readOnly?: boolean;
}

/** Something that the model can have done. Made by {@link tool}. */
export interface Tool {
  readonly description: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly timeoutMs: number;
  readonly readOnly: boolean;
  /** Checks an input alone, and throws when it is bad; absent where only the tool's owner can. */
  readonly check?: (input: unknown) => Promise<unknown>;
  /** Checks the input and does the work; throws when either fails. */
  readonly run: (input: unknown, context: ToolContext) => Promise<unknown>;
}

/** The tools of an agent by the name under which the model knows them. */
export type Tools = Readonly<Record<string, Tool>>;

/**
 * A tool from its description, input schema and work.
 * @throws ConfigurationError when an option cannot work
 */
export function tool<Input>(options: ToolOptions<Input>): Tool {
  const checks = {
    description: isText(),
    input: isObject(),
    execute: isFunction(),
    timeoutMs: isNumber({ min: 1, max: 600_000 }),
    readOnly: isBoolean(),
  };
  checkOptions('tool', options, checks, ['description', 'input', 'execute']);
  const inputSchema = jsonSchemaOf(options.input);
  const schema = options.input['~standard'];
  const check = async (input: unknown): Promise<Input> => {
    const result = await schema.validate(input);
    if (result.issues) throw new TypeError(`bad input: ${describeIssues(result.issues)}`);
    return result.value;
  };
  return {
    description: options.description,
    inputSchema,
    timeoutMs: options.timeoutMs ?? 30_000,
    readOnly: options.readOnly ?? false,
    check,
    run: async (input, context) => options.execute(await check(input), context),
  };
}

function jsonSchemaOf(input: InputSchema<unknown>): Record<string, unknown> {
  let inputSchema: Record<string, unknown>;
  try {
    inputSchema = input['~standard'].jsonSchema.input({ target: 'draft-2020-12' });
  } catch (cause) {
    const message =
      'the option `input` of tool must be a schema that can describe itself as JSON Schema, such as one of zod from 4.2 on';
    throw new ConfigurationError('input', message, { cause });
  }
  if (inputSchema['type'] === 'object') return inputSchema;
  const message = 'the option `input` of tool must describe an object: models name what they give';
  throw new ConfigurationError('input', message);
}

/** Refuses tools with names that a provider would refuse. */
export function checkToolNames(tools: Tools): void {
  for (const name of Object.keys(tools)) {
    if (/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(name)) continue;
    throw new ConfigurationError(
      'tools',
      `the option \`tools\` of Agent has the name "${name}"; a name has 1 to 64 letters, digits, _ or -`,
    );
  }
}

/** The tools as a model is told of them. */
export function toolDeclarations(tools: Tools): readonly ToolDeclaration[] {
  return Object.entries(tools).map(([name, { description, inputSchema }]) => ({
    name,
    description,
    inputSchema,
  }));
}
