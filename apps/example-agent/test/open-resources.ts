import { setTimeout as sleep } from 'node:timers/promises';

/** How often each kind of thing that keeps the process alive is there: sockets, servers, timers. */
export function openResources(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** What there is more of than before, once all that is being closed is closed, or `patienceMs` later. */
export async function leftOpen(
  before: Readonly<Record<string, number>>,
  patienceMs: number,
): Promise<readonly string[]> {
  for (let waitedMs = 0; ; waitedMs += 100) {
    const more = Object.entries(openResources())
      .filter(([kind, count]) => count > (before[kind] ?? 0))
      .map(([kind]) => kind);
    if (more.length === 0 || waitedMs >= patienceMs) return more;
    await sleep(100);
  }
}
