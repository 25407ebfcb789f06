import { createRequire } from 'node:module';

/** The version of this package: that of its meters and its tracer. */
export function packageVersion(): string {
  try {
    const manifest: unknown = createRequire(import.meta.url)('../../package.json');
    return manifest instanceof Object && 'version' in manifest
      ? String(manifest.version)
      : 'unknown';
  } catch {
    // Bundled into a program, the package has no manifest any more; its metrics matter more.
    return 'unknown';
  }
}
