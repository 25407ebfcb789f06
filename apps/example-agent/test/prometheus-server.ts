import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import { freePort } from '../src/free-port.ts';

/** A real Prometheus that scrapes one target twice a second and has the repository's rules loaded. */
export interface PrometheusServer extends AsyncDisposable {
  /** The values of an instant query, one for each series. */
  query(expression: string): Promise<number[]>;
  /** Asks again until the first value passes, and returns it. */
  until(expression: string, passes: (value: number) => boolean): Promise<number>;
}

/** The part of an answer of Prometheus' HTTP API that is read here. */
const queryAnswer = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
});

const RULES = fileURLToPath(new URL('../../../rules/*.yml', import.meta.url));

/** Starts Debian's `prometheus` on a free port with a database of its own. */
export async function startPrometheus(target: string): Promise<PrometheusServer> {
  const directory = await mkdtemp(join(tmpdir(), 'prometheus-'));
  const port = await freePort();
  const config = join(directory, 'prometheus.yml');
  await writeFile(
    config,
    [
      'global: { scrape_interval: 500ms, evaluation_interval: 500ms }',
      `rule_files: ['${RULES}']`,
      'scrape_configs:',
      `  - { job_name: agent, static_configs: [{ targets: ['${target}'] }] }`,
    ].join('\n'),
  );
  const child = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const query = async (expression: string): Promise<number[]> => {
    const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`;
    const answer = queryAnswer.parse(await (await fetch(url)).json());
    return answer.data.result.map(({ value }) => Number(value[1]));
  };
  const until = async (expression: string, passes: (value: number) => boolean): Promise<number> => {
    for (;;) {
      const [value] = await query(expression).catch(() => []);
      if (value !== undefined && passes(value)) return value;
      await new Promise((resolve) => {
        setTimeout(resolve, 200);
      });
    }
  };
  return {
    query,
    until,
    async [Symbol.asyncDispose]() {
      child.kill();
      await once(child, 'close');
      await rm(directory, { recursive: true, force: true });
    },
  };
}
