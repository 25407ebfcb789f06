import { describeTurnDetector } from '@vision-agents/core/testing';
import { describe, test } from 'vitest';

import { TurnDetector } from '../src/index.ts';
import { joined, quiet, RATE_HZ, soundIn, speak } from './speech.ts';

const samples = joined(quiet(1000), speak('Where is the sun?'), quiet(1500));
const speech = { frame: { samples, sampleRateHz: RATE_HZ }, ...soundIn(samples) };

describeTurnDetector(
  'silero.TurnDetector',
  { describe, test },
  { create: () => ({ detector: new TurnDetector(), speech }) },
);
