import { once } from 'node:events';
import { createServer } from 'node:net';

import { metrics } from '@opentelemetry/api';
import { afterEach, expect, it, vi } from 'vitest';

import { freePort } from '../src/free-port.ts';
import { exportMetrics } from '../src/metrics-export.ts';

afterEach(() => metrics.disable());

async function targetInfo(url: string): Promise<string> {
  const page = await (await fetch(url)).text();
  return page.split('\n').find((line) => line.startsWith('target_info')) ?? '';
}

it('serves what the figures are of', async () => {
  await using served = await exportMetrics({ port: await freePort(), environment: 'sandbox' });
  const info = await targetInfo(served.url);
  expect(info).toContain('service_name="voice-agent"');
  expect(info).toContain('service_version="1.0.0"');
  expect(info).toContain('deployment_environment="sandbox"');
  expect(info).toContain('deployment_environment_name="sandbox"');
});

it('lets OTEL_RESOURCE_ATTRIBUTES have the last word', async () => {
  vi.stubEnv(
    'OTEL_RESOURCE_ATTRIBUTES',
    'service.name=mine,deployment.environment.name=staging,team=voice',
  );
  await using served = await exportMetrics({ port: await freePort() });
  const info = await targetInfo(served.url);
  expect(info).toContain('service_name="mine"');
  expect(info).toContain('deployment_environment="staging"');
  expect(info).toContain('deployment_environment_name="staging"');
  expect(info).toContain('team="voice"');
});

it('takes host and port from the environment', async () => {
  const port = await freePort();
  vi.stubEnv('OTEL_EXPORTER_PROMETHEUS_PORT', String(port));
  vi.stubEnv('OTEL_EXPORTER_PROMETHEUS_HOST', '127.0.0.2');
  await using served = await exportMetrics();
  expect(served.url).toBe(`http://127.0.0.2:${port}/metrics`);
  expect((await fetch(served.url)).status).toBe(200);
});

it('takes any free port for 0', async () => {
  await using served = await exportMetrics({ port: 0 });
  expect(Number(new URL(served.url).port)).not.toBe(9464);
  expect((await fetch(served.url)).status).toBe(200);
});

it('says what to do when the port is taken', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  await expect(exportMetrics({ port: port ?? 0 })).rejects.toThrow(
    `metrics cannot be served on 127.0.0.1:${port}; if another program is there, ` +
      'set OTEL_EXPORTER_PROMETHEUS_PORT to a free port',
  );
  taken.close();
});

it('refuses a port that cannot be one', async () => {
  vi.stubEnv('OTEL_EXPORTER_PROMETHEUS_PORT', 'http');
  await expect(exportMetrics()).rejects.toThrow('a whole number from 0 to 65535');
});
