import { spawnSync } from 'node:child_process';

/** What the tests need of the system: the program, and the Debian packages that bring it. */
const TOOLS = [
  { program: 'prometheus', debianPackage: 'prometheus' },
  { program: 'promtool', debianPackage: 'prometheus' },
  { program: 'chromium', debianPackage: 'chromium' },
  { program: 'espeak-ng', debianPackage: 'espeak-ng' },
];

const missing = [
  ...new Set(
    TOOLS.filter(({ program }) => !isInstalled(program)).map(({ debianPackage }) => debianPackage),
  ),
];

if (missing.length > 0) {
  const install = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  const mayInstall = process.getuid?.() === 0 && isInstalled('apt-get');
  if (!mayInstall) {
    process.stderr.write(
      `The tests need ${missing.join(' and ')}. Install what is missing and try again:\n` +
        `  sudo apt-get update && sudo ${install}\n`,
    );
    process.exit(1);
  }
  process.stderr.write(`Installing what the tests need: ${missing.join(', ')} …\n`);
  run('apt-get update');
  // A service of the same name must not start: the tests run their own on free ports.
  run(install, { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' });
}

function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

function run(command: string, environment: Record<string, string> = {}): void {
  const { status, stderr } = spawnSync('sh', ['-c', command], {
    env: { ...process.env, ...environment },
    encoding: 'utf8',
    timeout: 600_000,
  });
  if (status === 0) return;
  process.stderr.write(`"${command}" failed:\n${stderr}\n`);
  process.exit(1);
}
