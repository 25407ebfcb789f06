import { MetricsCollector } from '@vision-agents/core';
import { RecordingLogger } from '@vision-agents/core/testing';
import { startSandbox } from '@vision-agents/sandbox';

import { COMPONENTS } from './components.ts';

/** Has every component load its SDK, which can take longer than an impatient one waits. */
export async function loadSdks(): Promise<void> {
  await using sandbox = await startSandbox();
  for (const { open, urlOf, modelOf } of Object.values(COMPONENTS)) {
    const trial = await open({
      apiKey: 'sandbox',
      baseUrl: urlOf(sandbox),
      model: modelOf('warm-up'),
      impatientIn: undefined,
      metrics: new MetricsCollector(),
      logger: new RecordingLogger(),
    });
    await trial.operate('hello');
    await trial.close();
  }
}
