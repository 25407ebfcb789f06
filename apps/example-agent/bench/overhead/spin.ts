/** Lets time pass, more exactly than a timer does. */
export function spin(durationMs: number): void {
  const untilMs = performance.now() + durationMs;
  while (performance.now() < untilMs);
}
