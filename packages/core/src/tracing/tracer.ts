import type { Tracer, TracerProvider } from '@opentelemetry/api';
import { trace } from '@opentelemetry/api';

import { packageVersion } from '../metrics/package-version.ts';

/** The tracer that makes every span. */
export const TRACER_NAME = 'vision_agents';

let boundProvider: TracerProvider | undefined;
let tracer: Tracer | undefined;

/**
 * The tracer of the provider that is set now. The tracing API has a proxy, so a provider that is set
 * later is found; one that takes the place of another is not, and needs a new tracer.
 */
export function liveTracer(): Tracer {
  const provider = trace.getTracerProvider();
  if (tracer === undefined || provider !== boundProvider) {
    boundProvider = provider;
    tracer = provider.getTracer(TRACER_NAME, packageVersion());
  }
  return tracer;
}
