// Every component is constructed, and a call's page is served as it was packed.
import { Agent } from '@vision-agents/core';
import * as deepgram from '@vision-agents/plugin-deepgram';
import * as elevenlabs from '@vision-agents/plugin-elevenlabs';
import * as gemini from '@vision-agents/plugin-gemini';
import * as local from '@vision-agents/plugin-local';
import * as mcp from '@vision-agents/plugin-mcp';
import * as silero from '@vision-agents/plugin-silero';

const apiKey = 'dummy';
const edge = new local.Edge();
await using agent = new Agent({
  edge,
  agentUser: { id: 'agent' },
  stt: new deepgram.STT({ apiKey }),
  llm: new gemini.LLM({ apiKey }),
  tts: new elevenlabs.TTS({ apiKey }),
});
const toolSource = new mcp.HTTPServer({ url: 'https://tools.example.org/mcp' });
const detector = new silero.TurnDetector();
const { pageUrl } = await edge.createCall('default', 'packed');
const page = await fetch(pageUrl, { signal: AbortSignal.timeout(10_000) });
const html = await page.text();
await edge.close();
console.log(
  JSON.stringify({
    status: page.status,
    isPage: html.includes('<html'),
    turns: agent.metrics.agentTurns.total,
    detector: detector.provider,
    tools: toolSource.name,
  }),
);
