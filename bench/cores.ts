import { readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/** Has this process run before others: what they do with the machine is not to be measured. */
export function runFirst(): void {
  try {
    setPriority(constants.priority.PRIORITY_HIGH);
  } catch (error) {
    // Where that may not be asked for, it is measured.
    process.emitWarning(`the priority is as it was: ${String(error)}`);
  }
}

/** How long this process was ready to run and others had the cores, in milliseconds; 0 where nobody tells. */
export function waitedMs(): number {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0; // only Linux counts it
  }
}
