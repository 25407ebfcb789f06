/** Imports what it is given, and prints what that took: `node imports.ts [package …]`. */
const startedAtMs = performance.now();
for (const name of process.argv.slice(2)) await import(name);
const importMs = performance.now() - startedAtMs;
// The most that the process ever had, in kilobytes: what was collected since was paid for too.
const { maxRSS } = process.resourceUsage();
process.stdout.write(JSON.stringify({ importMs, memoryMB: maxRSS / 1000 }));
