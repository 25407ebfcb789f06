import { metrics } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { ConfigurationError, fromEnvironment } from '@vision-agents/core';

import { freePort } from './free-port.ts';
import { serviceResource } from './service-resource.ts';

/** Where the metrics are served and what they are of. All of it may be left out. */
export interface MetricsExportOptions {
  /** @default OTEL_EXPORTER_PROMETHEUS_HOST, else 127.0.0.1 */
  host?: string;
  /** 0 to 65535; 0 takes any free one. @default OTEL_EXPORTER_PROMETHEUS_PORT, else 9464 */
  port?: number;
  /** The deployment environment, such as `production`. @default 'development' */
  environment?: string;
}

/** Metrics that are being served, until it is disposed of or the meter provider is shut down. */
export interface MetricsExport extends AsyncDisposable {
  /** The address for a browser or a Prometheus. */
  readonly url: string;
}

/**
 * Serves this process's metrics for Prometheus.
 * @throws ConfigurationError when the port is taken or cannot be one
 */
export async function exportMetrics(options: MetricsExportOptions = {}): Promise<MetricsExport> {
  const host = options.host ?? fromEnvironment(['OTEL_EXPORTER_PROMETHEUS_HOST']) ?? '127.0.0.1';
  const wanted =
    options.port ?? portOf(fromEnvironment(['OTEL_EXPORTER_PROMETHEUS_PORT']) ?? '9464');
  // To the exporter, 0 is its own default.
  const port = wanted === 0 ? await freePort() : wanted;
  const exporter = new PrometheusExporter({ host, port, preventServerStart: true });
  try {
    await exporter.startServer();
  } catch (error) {
    throw new ConfigurationError(
      'port',
      `metrics cannot be served on ${host}:${port}; if another program is there, ` +
        'set OTEL_EXPORTER_PROMETHEUS_PORT to a free port',
      { cause: error },
    );
  }
  const resource = serviceResource(options.environment ?? 'development');
  const provider = new MeterProvider({ resource, readers: [exporter] });
  if (!metrics.setGlobalMeterProvider(provider)) {
    throw new ConfigurationError(
      'provider',
      'the global meter provider is set already, or two versions of @opentelemetry/api are installed',
    );
  }
  return {
    url: `http://${host}:${port}/metrics`,
    [Symbol.asyncDispose]: () => provider.shutdown(),
  };
}

function portOf(value: string): number {
  const port = Number(value);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new ConfigurationError(
    'port',
    'OTEL_EXPORTER_PROMETHEUS_PORT must be a whole number from 0 to 65535',
  );
}
