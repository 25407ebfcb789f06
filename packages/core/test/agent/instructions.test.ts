import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { says, speaks } from '../../src/testing/index.ts';
import { CALLER, TestCall } from '../fakes/test-call.ts';

async function folderWith(file: string, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'instructions-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, file), text);
  return folder;
}

test('a file that the instructions mention reaches the model', async () => {
  const instructionsDirectory = await folderWith('persona.md', 'You are a pirate.');
  const call = new TestCall({
    rounds: [says('Ahoy.')],
    speeches: [speaks('Ahoy.')],
    agent: { instructions: 'Be brief. @persona.md', instructionsDirectory },
  });
  await call.startJoining();
  await call.userSays('Hello?');
  await call.clock.advance(500);
  expect(call.llm.requests[0]?.instructions).toContain('You are a pirate.');
});

test('a file that is not there fails the join, and nothing stays open', async () => {
  const instructionsDirectory = await folderWith('persona.md', '');
  const call = new TestCall({
    join: { present: [CALLER] },
    agent: { instructions: '@other.md', instructionsDirectory },
    openings: [],
  });
  await expect(call.startJoining()).rejects.toThrow('other.md');
  expect(call.tts.openConnections).toBe(0);
});

test('what cannot be spoken is shown and not sent to the voice', async () => {
  const call = await new TestCall({
    rounds: [says('**Yes**, we are! \u{1F389} See [our page](https://example.com).')],
    speeches: [speaks('Yes, we are!'), speaks('See our page.')],
  }).join();
  await call.userSays('Are you open?');
  await call.clock.advance(2000);
  expect(call.turns).toMatchObject([{ outcome: 'completed' }]);
  expect(call.agentTranscripts.at(-1)?.text).toContain('**Yes**');
});
