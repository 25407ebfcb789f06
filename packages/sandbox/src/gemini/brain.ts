import {
  textOfParts,
  type GeminiFunction,
  type GeminiPart,
  type GeminiRequest,
} from './gemini-request.ts';

/** What the simulated model says: text, or functions to call, or both. */
export interface Reply {
  text?: string;
  toolCalls?: { name: string; args: Record<string, unknown> }[];
  /** How much longer than the delays say it takes before the first chunk. Default 0. */
  thinkMs?: number;
}

/** Scripts answers; undefined leaves a request to the built-in model. */
export type ReplyHook = (request: GeminiRequest) => Reply | undefined | Promise<Reply | undefined>;

const greeting = 'Hello! How can I help you today?';
/** Long enough to be talked into. */
const story = [
  'Once there was a lighthouse keeper.',
  'He spoke to nobody but the sea.',
  'One night a ship lost its way.',
  'It called to him through the fog.',
  'He answered, and his voice was hoarse.',
  'The ship came home before the morning.',
  'Its crew brought him bread and news.',
  'They stayed until the fog was gone.',
  'His door has never been locked since.',
].join(' ');
const numbers =
  'One, two, three, four, five. Six, seven, eight, nine, ten. ' +
  'Eleven, twelve, thirteen, fourteen, fifteen. Sixteen, seventeen, eighteen, nineteen, twenty.';
/** Long enough to be interrupted before the first word. */
const ponderingMs = 1500;

/** The built-in model: the same request always gets the same answer. */
export function think(request: GeminiRequest): Reply {
  const last = request.contents.at(-1)?.parts ?? [];
  const results = last.flatMap((part) => part.functionResponse ?? []);
  if (results.length > 0) return { text: results.map((result) => told(result, request)).join(' ') };
  const words = textOfParts(last).trim();
  if (words === '' || /^(?:hi|hello|hey|greet|say hello)\b/i.test(words)) return { text: greeting };
  if (/\bstory\b/i.test(words)) return { text: story };
  if (/\bcount to twenty\b/i.test(words)) return { text: numbers };
  const place = /weather\b.*?\b(?:in|for|at)\s+(?:the\s+)?([\p{L} '-]+)/iu.exec(words)?.[1]?.trim();
  const weather = functionsOf(request).find(({ name }) => name === 'get_weather');
  if (place !== undefined && weather !== undefined) {
    return { toolCalls: [{ name: weather.name, args: { [placeArgument(weather)]: place } }] };
  }
  const subject = words.replace(/[.!?\s]+$/u, '');
  const echo = { text: `You said: ${subject}. What else can I do for you?` };
  return /^think\b/i.test(words) ? { ...echo, thinkMs: ponderingMs } : echo;
}

function functionsOf(request: GeminiRequest): GeminiFunction[] {
  return (request.tools ?? []).flatMap((tool) => tool.functionDeclarations ?? []);
}

function placeArgument({ parameters, parametersJsonSchema }: GeminiFunction): string {
  return Object.keys(parameters?.properties ?? parametersJsonSchema?.properties ?? {})[0] ?? 'city';
}

function told(
  { id, name, response = {} }: NonNullable<GeminiPart['functionResponse']>,
  request: GeminiRequest,
): string {
  const calls = request.contents.flatMap(({ parts = [] }) =>
    parts.flatMap((part) => part.functionCall ?? []),
  );
  const call = calls.findLast((candidate) =>
    id === undefined ? candidate.name === name : candidate.id === id,
  );
  const subject = Object.values(call?.args ?? {}).join(', ');
  return `Here is the answer for ${subject === '' ? name : subject}: ${plain(response)}.`;
}

/** Any JSON as words. */
function plain(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value).replace(/\.$/, '');
  if (Array.isArray(value)) return value.map(plain).join(', ');
  return Object.entries(value)
    .map(([key, item]) =>
      ['output', 'result', 'content'].includes(key) ? plain(item) : `${key} ${plain(item)}`,
    )
    .join(', ');
}
