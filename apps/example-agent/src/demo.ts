import { ConfigurationError } from '@vision-agents/core';

import { DEMO_HELP, parseDemoOptions } from './demo/demo-options.ts';
import { resultTable } from './demo/result-table.ts';
import { runDemo } from './demo/run-demo.ts';

try {
  const options = parseDemoOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(DEMO_HELP);
  } else {
    const stop = new AbortController();
    process.once('SIGINT', () => {
      process.once('SIGINT', () => process.exit(130));
      process.stderr.write('\nEnding the calls after their present answers …\n');
      stop.abort();
    });
    const result = await runDemo(options, stop.signal);
    process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : `${resultTable(result)}\n`);
    process.exitCode = result.ok ? 0 : 1;
  }
} catch (error) {
  const isUsage = error instanceof ConfigurationError;
  process.stderr.write(`${isUsage ? error.message : String(error)}\n`);
  if (isUsage) process.stderr.write('Try --help.\n');
  process.exitCode = isUsage ? 2 : 1;
}
