import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { ConfigurationError, fromEnvironment } from '@vision-agents/core';

import { serviceResource } from './service-resource.ts';

/** Where spans are sent; undefined where the environment names no place. */
export function traceEndpoint(): string | undefined {
  return fromEnvironment(['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT']);
}

/** Sends spans to the collector that the environment names, in batches, until the provider is shut down. */
export function exportTraces(environment: string): TracerProvider {
  return setTracerProvider(
    environment,
    new BatchSpanProcessor({ exporter: new OTLPTraceExporter() }),
  );
}

/**
 * Sets the global tracer provider, and the way in which spans find their parents.
 * @throws ConfigurationError when there is one already
 */
export function setTracerProvider(environment: string, processor: SpanProcessor): TracerProvider {
  const resource = serviceResource(environment);
  const provider = new TracerProvider({ resource, spanProcessors: [processor] });
  if (!trace.setGlobalTracerProvider(provider)) {
    throw new ConfigurationError(
      'provider',
      'the global tracer provider is set already, or two versions of @opentelemetry/api are installed',
    );
  }
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  return provider;
}
