/** What has to be there. @throws RangeError when it is not */
export function existing<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError('there is none');
  return value;
}
