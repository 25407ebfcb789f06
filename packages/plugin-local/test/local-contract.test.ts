import { pcmBytes } from '@vision-agents/core';
import { describeEdge } from '@vision-agents/core/testing';
import { describe, test } from 'vitest';

import { Edge } from '../src/index.ts';
import { connectCaller } from './test-caller.ts';

/** The bytes of a millisecond of the agent's voice, at the rate of the test's callers. */
const BYTES_A_MS = 48;

describeEdge(
  'local.Edge',
  { describe, test },
  {
    create() {
      const edge = new Edge();
      return {
        edge,
        async enter({ type, id }) {
          const { socketUrl } = await edge.createCall(type, id);
          const { socket, frames } = await connectCaller(socketUrl);
          return {
            say: ({ samples }) => {
              if (socket.readyState === socket.OPEN) socket.send(pcmBytes(samples));
            },
            heardMs: () => Buffer.concat(frames).length / BYTES_A_MS,
            leave: () => socket.close(),
          };
        },
      };
    },
  },
);
