import type { RawData } from 'ws';

/** A message of `ws` in one piece, whatever form it came in. */
export function bufferOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
