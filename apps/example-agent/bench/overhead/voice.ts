import type { TTS } from '@vision-agents/core';
import type { SandboxAddresses } from '@vision-agents/sandbox';

import type { Client, MeasuredComponent } from './component.ts';

/** What every voice says. */
export const SENTENCE = 'Yes, it is.';
/** The rate of the audio that every voice makes, in Hz. */
export const SPEECH_RATE_HZ = 24_000;

/** What differs between voices. */
interface VoiceParts {
  readonly sdk: string;
  readonly bare: (sandbox: SandboxAddresses) => Promise<Client>;
  readonly plugin: (sandbox: SandboxAddresses) => TTS;
  /** How many texts a connection takes. @default any number */
  readonly operationsAConnection?: number;
}

/** A voice that speaks a sentence. */
export function voice(parts: VoiceParts): MeasuredComponent {
  const { sdk, bare, operationsAConnection = Infinity } = parts;
  return {
    sdk,
    until: 'first audio',
    operationsAConnection,
    counter: 'tts_requests_total',
    bare,
    async plugin(sandbox, context) {
      const stream = await parts.plugin(sandbox).open(context);
      return {
        async operate(stopwatch) {
          for await (const frame of stream.synthesize(SENTENCE)) {
            if (frame.samples.length > 0) stopwatch.stop();
          }
        },
        close: () => stream.close(),
      };
    },
  };
}
