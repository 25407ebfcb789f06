import { ConfigurationError } from '../errors/configuration-error.ts';

/** Says what is wrong with an option's value, or nothing when it is fine. */
export type OptionCheck = (value: unknown) => string | undefined;

/** A string that is not empty. */
export function isText(): OptionCheck {
  return (value) =>
    typeof value === 'string' && value !== '' ? undefined : 'must be a string that is not empty';
}

/** `true` or `false`. */
export function isBoolean(): OptionCheck {
  return (value) => (typeof value === 'boolean' ? undefined : 'must be true or false');
}

/** A number within a range, both ends included. */
export function isNumber(range: { min: number; max: number; integer?: boolean }): OptionCheck {
  const { min, max, integer = false } = range;
  return (value) => {
    const isWanted = integer ? Number.isInteger(value) : Number.isFinite(value);
    const isInRange = typeof value === 'number' && value >= min && value <= max;
    if (isWanted && isInRange) return undefined;
    return `must be ${integer ? 'a whole number' : 'a number'} from ${min} to ${max}`;
  };
}

/** One of a list of strings. */
export function isOneOf(allowed: readonly string[]): OptionCheck {
  return (value) =>
    typeof value === 'string' && allowed.includes(value)
      ? undefined
      : `must be one of ${allowed.map((one) => `"${one}"`).join(', ')}`;
}

/** An absolute URL of `http:` or `https:`. */
export function isHttpUrl(): OptionCheck {
  return (value) =>
    typeof value === 'string' && /^https?:$/.test(URL.parse(value)?.protocol ?? '')
      ? undefined
      : 'must be an http or https URL';
}

/** What can be sent in a header, as keys are: any other would be repeated in the message of `Headers`. */
export function isHeaderValue(): OptionCheck {
  return (value) =>
    typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)
      ? undefined
      : 'must be a string of printable ASCII characters without spaces';
}

/** An array of which each element passes. */
export function isArrayOf(element: OptionCheck): OptionCheck {
  return (value) => {
    if (!Array.isArray(value)) return 'must be an array';
    const problem = value.map(element).find((found) => found !== undefined);
    return problem === undefined ? undefined : `has an element that ${problem}`;
  };
}

/** A string, which may be empty. */
export function isString(): OptionCheck {
  return (value) => (typeof value === 'string' ? undefined : 'must be a string');
}

/** A function. */
export function isFunction(): OptionCheck {
  return (value) => (typeof value === 'function' ? undefined : 'must be a function');
}

/** Any object or function: for what TypeScript alone checks. */
export function isObject(): OptionCheck {
  return (value) =>
    (typeof value === 'object' && value !== null) || typeof value === 'function'
      ? undefined
      : 'must be an object';
}

/**
 * Refuses what a constructor was given and cannot work with: unknown options and bad values.
 * An option that is left out or `undefined` passes unless it is required.
 * @param owner what the options belong to, such as `deepgram.STT`
 * @param required the options without which nothing works
 * @throws ConfigurationError which names the option and what is allowed; a value is never repeated,
 * since it may be a key
 */
export function checkOptions(
  owner: string,
  options: object,
  checks: Readonly<Record<string, OptionCheck>>,
  required: readonly string[] = [],
): void {
  const given = new Map<string, unknown>(Object.entries(options));
  for (const [name, value] of given) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) {
      const known = Object.keys(checks).map((option) => `\`${option}\``);
      throw new ConfigurationError(
        name,
        `${owner} has no option \`${name}\`; it has ${known.join(', ')}`,
      );
    }
    const problem = value === undefined ? undefined : check(value);
    if (problem !== undefined) {
      throw new ConfigurationError(name, `the option \`${name}\` of ${owner} ${problem}`);
    }
  }
  // Last: what seems to be missing may be there under a name that was misspelt.
  const missing = required.find((name) => given.get(name) === undefined);
  if (missing !== undefined) {
    throw new ConfigurationError(missing, `${owner} needs the option \`${missing}\``);
  }
}

/**
 * A setting from its option, else from the first environment variable that is set, read now.
 * @throws ConfigurationError which names the option and the variables when neither is there
 */
export function requireSetting(
  owner: string,
  option: string,
  value: string | undefined,
  variables: readonly string[],
): string {
  const found = value ?? fromEnvironment(variables);
  if (found !== undefined) return found;
  throw new ConfigurationError(
    option,
    `${owner} needs the option \`${option}\` or the environment variable ${variables.join(' or ')}`,
  );
}

/** The value of the first of these environment variables that is set and not empty. */
export function fromEnvironment(variables: readonly string[]): string | undefined {
  return variables.map((name) => process.env[name]).find((value) => value);
}
