import { readFileSync } from 'node:fs';

/** How long this process was ready to run and others had the cores, in milliseconds; 0 where nobody tells. */
export function waitedMs(): number {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0; // only Linux counts it
  }
}
