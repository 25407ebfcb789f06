import type { Fault } from '@vision-agents/sandbox';

import type { Component } from './components.ts';
import { COMPONENTS } from './components.ts';

/** How a component that is connected is brought to connect anew, in vain. */
export interface Reconnecting {
  readonly faults: readonly Fault[];
  /** What is counted of the operation that loses the connection. */
  readonly errors: readonly string[];
}

const speaking: Reconnecting = {
  faults: [
    { provider: 'deepgram', fault: 'speak-reset' },
    { provider: 'deepgram', fault: 'speak-hung-upgrade' },
  ],
  errors: ['network 1006'],
};

/** What has no connection of its own is not in it. */
export const RECONNECTING: ReadonlyMap<Component, Reconnecting> = new Map([
  [COMPONENTS.fluxVoice, speaking],
  [COMPONENTS.aura, speaking],
  [
    COMPONENTS.elevenLabsSocket,
    {
      faults: [
        { provider: 'elevenlabs', fault: 'reset' },
        { provider: 'elevenlabs', fault: 'hung-upgrade' },
      ],
      errors: ['network 1006'],
    },
  ],
  [
    COMPONENTS.live,
    {
      faults: [
        { provider: 'gemini-live', fault: 'go-away', after: 1 },
        { provider: 'gemini-live', fault: 'hung-upgrade' },
      ],
      errors: [],
    },
  ],
]);
