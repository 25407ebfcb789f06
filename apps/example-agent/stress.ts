import { MetricsCollector } from '@vision-agents/core';
import * as gemini from '@vision-agents/plugin-gemini';
import * as elevenlabs from '@vision-agents/plugin-elevenlabs';
import { launchSandbox } from '@vision-agents/sandbox';
import { setTimeout as sleep } from 'node:timers/promises';
await using sandbox = await launchSandbox();
const llm = new gemini.LLM({ apiKey: 'x', baseUrl: sandbox.geminiUrl, model: 'gemini-2.5-flash-lite' });
const tts = new elevenlabs.TTS({ apiKey: 'x', baseUrl: sandbox.elevenlabsUrl });
const collector = new MetricsCollector();
let n = 0, bad = 0, badOut = 0, badComp = 0, aborted = 0;
for (let i = 0; i < 0; i++) {
  const c = new MetricsCollector();
  const before = await sandbox.truth();
  const ac = new AbortController();
  const ms = 150 + Math.random() * 300;
  const t = setTimeout(() => ac.abort(), ms);
  let done = false;
  try { for await (const _ of llm.respond({ instructions: 'x', messages: [{ role: 'user', text: `tell me a story ${i}`, participantId: 'a' }] }, { metrics: c, signal: ac.signal })); done = true } catch {}
  clearTimeout(t);
  await sleep(60);
  const after = await sandbox.truth();
  n++;
  const d = (k) => after.counts[k] - before.counts[k];
  if (!done) aborted++;
  if (d('llm.tokens.input') !== c.metrics.llmInputTokens.total) bad++;
  if (d('llm.tokens.output') !== c.metrics.llmOutputTokens.total) badOut++;
  if (after.outcomes['llm.requests'].completed - before.outcomes['llm.requests'].completed !== (done ? 1 : 0)) badComp++;
}
console.log({ n, aborted, bad, badOut, badComp });
await using voice = await tts.open({ metrics: collector });
const b = await sandbox.truth();
await Promise.all(Array.from({ length: 300 }, async (_, i) => {
  await sleep(i * 110);
  const ac = new AbortController();
  const t = setTimeout(() => ac.abort(), 50 + Math.random() * 300);
  try { for await (const _ of voice.synthesize(`One night a ship lost its way, number ${i}.`, ac.signal)); } catch {}
  clearTimeout(t);
}));
await voice.close();
await sleep(100);
const a = await sandbox.truth();
console.log(a.outcomes['tts.requests'], a.counts['tts.requests'], collector.metrics.ttsRequests.total, a.counts['tts.characters'], collector.metrics.ttsCharacters.total, a.counts['tts.audio_duration.ms'], collector.metrics.ttsAudioDurationMs.sum, collector.metrics.ttsLatencyMs.count, a.problems);
