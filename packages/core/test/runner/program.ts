/** A program as a user would write it, on fakes in real time; the runner's tests start it. */
import { setTimeout as wait } from 'node:timers/promises';

import { metrics, trace } from '@opentelemetry/api';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import { TracerProvider } from '@opentelemetry/sdk-trace';

import { Agent, AgentLauncher, Runner } from '../../src/index.ts';
import {
  ScriptedEdge,
  ScriptedLLM,
  ScriptedSTT,
  ScriptedTTS,
  speaks,
} from '../../src/testing/index.ts';

const mode = process.env['PROGRAM_MODE'];

class ShutdownReader extends MetricReader {
  /** Keeps the process alive, as an exporter's server does. */
  readonly #timer = setInterval(() => undefined, 60_000);

  protected override async onForceFlush(): Promise<void> {}

  protected override async onShutdown(): Promise<void> {
    clearInterval(this.#timer);
    process.stdout.write('metrics shut down\n');
    if (mode === 'bad-metrics') throw new Error('no route to the collector');
  }
}

class ShutdownProcessor implements SpanProcessor {
  onStart(): void {}

  onEnd(): void {}

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {
    process.stdout.write('traces shut down\n');
  }
}

trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new ShutdownProcessor()] }));
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [new ShutdownReader()] }));

function createAgent(): Agent {
  const present = mode === 'nobody' ? [] : [{ id: 'caller' }];
  return new Agent({
    edge: new ScriptedEdge([{ present }]),
    agentUser: { id: 'agent' },
    llm: new ScriptedLLM([]),
    stt: new ScriptedSTT([{}]),
    tts: new ScriptedTTS([speaks('A long story.', { audioMs: 60_000 })]),
  });
}

const launcher = new AgentLauncher({
  async createAgent() {
    if (mode !== 'slow-agent') return createAgent();
    process.stdout.write('making the agent\n');
    await wait(500);
    return createAgent();
  },
  async joinCall(agent, { callType, callId }) {
    if (mode === 'failing') throw new Error('a bad program');
    const call = await agent.createCall(callType, callId);
    if (mode === 'nobody') process.stdout.write('waiting\n');
    await agent.join(call);
    void agent.say('A long story.');
    process.stdout.write(`joined ${call.type} ${call.id}\n`);
    if (mode === 'hang-up') await agent.close('hangup');
    process.stdout.write(`ended ${await agent.finish()}\n`);
    if (mode === 'stubborn') await new Promise(() => undefined);
  },
});

await new Runner(launcher).cli();
