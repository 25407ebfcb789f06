import type { TurnRecord } from '@vision-agents/core';
import * as local from '@vision-agents/plugin-local';
import { launchSandbox, speak } from '@vision-agents/sandbox';
import { expect, it, vi } from 'vitest';

// The Chromium of the page's own tests.
import { startTalkingBrowser } from '../../../packages/plugin-local/test/browser.ts';
import { createAgent } from '../src/create-agent.ts';
import { sandboxProviders } from '../src/sandbox-providers.ts';
import { openTalkingPage } from './talking-page.ts';

const QUESTION = 'what is the weather in Paris?';
const MICROPHONE_RATE_HZ = 48_000;
/** Until the page is connected, and until the recording begins anew, when all is long over. */
const [SILENCE_BEFORE_S, SILENCE_AFTER_S] = [3, 60];
const PATIENCE = { timeout: 30_000, interval: 100 };

it(
  'answers aloud what it is asked on its page, in a real browser',
  { timeout: 90_000 },
  async () => {
    await using sandbox = await launchSandbox();
    await using opened = new AsyncDisposableStack();
    const edge = opened.adopt(new local.Edge(), (part) => part.close());
    await using agent = createAgent(sandboxProviders(sandbox), edge);
    const recording = recordingOf(QUESTION);
    const { browser } = opened.adopt(await startTalkingBrowser(recording), (part) => part.close());
    const call = await edge.createCall('browser', 'call');
    const view = await openTalkingPage(browser, call);
    const heardByAgent: string[] = [];
    const turns: TurnRecord[] = [];
    agent.on('user-transcript', ({ text, final }) => final && heardByAgent.push(text));
    agent.on('turn', (record) => turns.push(record));
    const joining = agent.join(call);
    await view.page.click('#talk');
    await joining;

    await vi.waitFor(() => expect(turns).toHaveLength(1), PATIENCE);
    expect(heardByAgent).toEqual([QUESTION]);
    const answer = turns[0]?.agentText ?? '';
    expect(answer).toMatch(/^Here is the answer for Paris: .*celsius/);
    await vi.waitFor(async () => {
      const missed = missedWords(answer, await view.heard());
      // On a busy machine audio comes late to the loudspeaker, and a gap costs a letter.
      expect(missed.slice(2)).toEqual([]);
    }, PATIENCE);
    expect(await view.texts('.caption')).toEqual([`You ${QUESTION}`, `Agent ${answer}`]);

    await view.page.click('#talk');
    expect(await agent.finish()).toBe('hangup');
    expect(await view.texts('#status')).toEqual(['You hung up.']);
    expect(view.problems).toEqual([]);

    const { metrics } = agent;
    expect(await sandbox.truth()).toHaveProperty('problems', []);
    expect(metrics.agentTurns.total).toBe(1);
    expect(metrics.sttTranscripts.total).toBe(1);
    expect(metrics.llmToolCalls.total).toBe(1);
    expect(metrics.agentResponseLatencyMs.count).toBe(1);
    expect(metrics.agentInterruptions.total).toBe(0);
  },
);

/** What the microphone plays, over and over. */
function recordingOf(text: string): Int16Array {
  const speech = speak(text, { sampleRateHz: MICROPHONE_RATE_HZ });
  const recording = new Int16Array(
    speech.length + (SILENCE_BEFORE_S + SILENCE_AFTER_S) * MICROPHONE_RATE_HZ,
  );
  recording.set(speech, SILENCE_BEFORE_S * MICROPHONE_RATE_HZ);
  return recording;
}

/** The words of a text that were not heard; a gap may have cut one in two. */
function missedWords(text: string, heard: string): readonly string[] {
  const words = text.match(/\w+/g) ?? [];
  return words.filter((word) => !heard.replaceAll(' ', '').includes(word));
}
