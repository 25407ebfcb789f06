import { isDeepStrictEqual } from 'node:util';

/**
 * The value as it arrives in another process.
 * @throws TypeError when JSON loses anything of it
 */
export function throughJson<T>(value: T): T {
  const arrived: unknown = JSON.parse(JSON.stringify(value));
  if (!isTheSame(arrived, value)) throw new TypeError('JSON loses something');
  return arrived;
}

function isTheSame<T>(arrived: unknown, sent: T): arrived is T {
  return isDeepStrictEqual(arrived, sent);
}
