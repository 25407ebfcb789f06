import type { Resource } from '@opentelemetry/resources';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';

/**
 * What figures and spans are of. `deployment.environment.name` replaced `deployment.environment` in the
 * semantic conventions; dashboards of both ages find theirs.
 */
export function serviceResource(environment: string): Resource {
  const fromEnv = detectResources({ detectors: [envDetector] });
  const named =
    fromEnv.attributes['deployment.environment.name'] ??
    fromEnv.attributes['deployment.environment'] ??
    environment;
  return resourceFromAttributes({
    'service.name': 'voice-agent',
    'service.version': '1.0.0',
    'deployment.environment': named,
    'deployment.environment.name': named,
  }).merge(fromEnv);
}
