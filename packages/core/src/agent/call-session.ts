import type { Clock } from '../clock/clock.ts';
import { readInstructions } from '../conversation/instructions.ts';
import { wordSegmenter } from '../conversation/word-segmenter.ts';
import type {
  Call,
  Caption,
  EdgeConnection,
  EdgeHandlers,
  Participant,
  SessionEndReason,
} from '../edge/edge.ts';
import { AgentError } from '../errors/agent-error.ts';
import { InterruptedError } from '../errors/interrupted-error.ts';
import { childLogger } from '../logging/child-logger.ts';
import { errorFields } from '../logging/error-fields.ts';
import type { Logger } from '../logging/logger.ts';
import type { MetricsCollector } from '../metrics/agent-metrics.ts';
import { Recorder } from '../metrics/recorder.ts';
import type { ComponentContext } from '../stream/component-context.ts';
import { connectContext } from '../stream/component-context.ts';
import type { ToolSourceSession } from '../tools/tool-source.ts';
import { openToolSources } from '../tools/tool-source.ts';
import { CallTrace } from '../tracing/call-trace.ts';
import { isContentWanted } from '../tracing/trace-scope.ts';
import type { AgentEvents } from './agent-events.ts';
import type { AgentOptions } from './agent-options.ts';
import type { Briefing, Engine, EngineOpening } from './engine.ts';
import { openEngine } from './engine.ts';
import type { EventEmitter } from './event-emitter.ts';
import { monitorEventLoop } from './event-loop-monitor.ts';

/** What a session is made with. */
export interface CallSessionParts {
  readonly options: AgentOptions;
  readonly call: Call;
  readonly metrics: MetricsCollector;
  readonly events: EventEmitter<AgentEvents>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Somebody who came, and when. */
interface Arrival {
  readonly participant: Participant;
  readonly atMs: number;
}

/** The agent's life in one call: everything that was opened for it, from joining to leaving. */
export class CallSession {
  readonly #parts: CallSessionParts;
  readonly #recorder: Recorder;
  readonly #trace: CallTrace;
  /** What everything that is opened for the call gets. */
  readonly #context: ComponentContext;
  readonly #controller = new AbortController();
  readonly #present = new Set<string>();
  readonly #firstParticipant = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<SessionEndReason>();
  readonly #stopMonitor = monitorEventLoop();
  #joinedAtMs: number | undefined;
  #edge: EdgeConnection | undefined;
  #opening: EngineOpening | undefined;
  #tools: ToolSourceSession | undefined;
  #engine: Engine | undefined;
  #ending: Promise<void> | undefined;
  /** Participants who came before everything was ready for them. */
  #early: Arrival[] | undefined = [];

  constructor(parts: CallSessionParts) {
    const { call, options, metrics, clock } = parts;
    this.#trace = new CallTrace({
      call,
      provider: options.edge.provider,
      clock,
      capturesContent: options.captureContent ?? isContentWanted(),
    });
    const logger = childLogger(parts.logger, this.#trace.logFields);
    parts.events.logTo(logger);
    this.#parts = { ...parts, logger };
    const { signal } = this.#controller;
    this.#context = { metrics, clock, logger, signal, trace: this.#trace.scope };
    this.#recorder = new Recorder({}, parts.metrics);
    this.#firstParticipant.promise.catch(() => undefined);
  }

  /** Why the call ended, once it has and everything is closed. */
  get ended(): Promise<SessionEndReason> {
    return this.#ended.promise;
  }

  /** What runs the conversation, while the call lasts. @throws AgentError `not_in_call` */
  get engine(): Engine {
    if (!this.#engine || this.#ending) {
      throw new AgentError('not_in_call', 'the agent is not in a call; join one first');
    }
    return this.#engine;
  }

  /** Opens what speaks and joins the call, side by side. @throws what failed first; nothing stays open */
  async open(): Promise<void> {
    const { options, call, clock, metrics } = this.#parts;
    const askedAtMs = clock.now();
    // The first of a process takes its time: better now than when a caller interrupts.
    wordSegmenter();
    const { signal } = this.#controller;
    const context = this.#context;
    const edgeRecorder = new Recorder({ provider: options.edge.provider }, metrics);
    const read = readInstructions(options.instructions ?? '', {
      ...(options.instructionsDirectory && { baseDirectory: options.instructionsDirectory }),
    });
    const collected = openToolSources(options.tools ?? {}, options.toolSources ?? [], context);
    const brief = async (): Promise<Briefing> => {
      const [instructions, { tools }] = await Promise.all([read, collected]);
      return { instructions, tools };
    };
    const results = await Promise.allSettled([
      openEngine(options, context, brief),
      // Not within the call's span: what it starts may be a server that all calls share.
      options.edge.join(call, {
        ...connectContext(context, edgeRecorder, signal),
        agentUser: options.agentUser,
        handlers: this.#handlers(),
        metrics,
      }),
      read,
      collected,
    ]);
    const [opening, edge, instructions, tools] = results;
    if (opening.status === 'fulfilled') this.#opening = opening.value;
    if (edge.status === 'fulfilled') this.#edge = edge.value;
    if (tools.status === 'fulfilled') this.#tools = tools.value;
    const failed = results.find((result) => result.status === 'rejected');
    const words = instructions.status === 'fulfilled' ? instructions.value : undefined;
    if (!this.#opening || !this.#edge || !this.#tools || words === undefined || this.#ending) {
      if (!this.#ending) {
        this.#failed(failed?.reason, 'the call could not be joined');
        await this.end('error');
        throw failed?.reason;
      }
      // Its end did not see what was opened since.
      await this.#release('error');
      throw new AgentError('call_ended', 'the call ended while the agent joined');
    }
    const briefing = { instructions: words, tools: this.#tools.tools };
    this.#joined(this.#opening, this.#edge, briefing);
    const durationMs = clock.now() - askedAtMs;
    this.#recorder.histogram('agentJoinDurationMs').record(durationMs);
    this.#trace.joined(durationMs);
    const fields = { ...this.#trace.spanFields, edge: options.edge.provider, join_ms: durationMs };
    this.#parts.logger.info(fields, 'call joined');
  }

  /** Waits until somebody is there. @throws AgentError `call_ended` or `participant_timeout` */
  async participant(timeoutMs: number): Promise<void> {
    if (timeoutMs === 0) return;
    const cancel = this.#parts.clock.after(timeoutMs, () => {
      const message = `nobody joined the call within ${timeoutMs} ms`;
      this.#firstParticipant.reject(new AgentError('participant_timeout', message));
    });
    try {
      await this.#firstParticipant.promise;
    } finally {
      cancel();
    }
  }

  /** Leaves the call and closes everything. Idempotent; never throws. */
  end(reason: SessionEndReason): Promise<void> {
    if (!this.#ending) {
      const { promise, resolve } = Promise.withResolvers<void>();
      // Set before anybody hears of the end: a listener or the edge may come back here.
      this.#ending = promise;
      resolve(this.#end(reason));
    }
    return this.#ending;
  }

  #joined(opening: EngineOpening, edge: EdgeConnection, briefing: Briefing): void {
    const { clock, events } = this.#parts;
    this.#engine = opening.start({
      ...this.#parts,
      ...briefing,
      context: this.#context,
      trace: this.#trace,
      signal: this.#controller.signal,
      playout: edge.playout,
      showCaption: (caption) => this.#caption(edge, caption),
      onFatal: (error) => {
        this.#failed(error, 'the call cannot go on');
        void this.end('error');
      },
    });
    this.#joinedAtMs = clock.now();
    this.#recorder.counter('agentSessionsActive').add(1);
    events.emit('state', { state: 'listening' });
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const arrival of early) this.#admit(arrival);
  }

  /** Captions are a courtesy: an edge that cannot show one must not stop the conversation. */
  #caption(edge: EdgeConnection, caption: Caption): void {
    try {
      edge.caption(caption);
    } catch (error) {
      this.#parts.logger.warn(errorFields(error), 'a caption could not be shown');
    }
  }

  #handlers(): EdgeHandlers {
    const { events, clock } = this.#parts;
    return {
      participantJoined: (participant, waitedMs = 0) => {
        const arrival = { participant, atMs: clock.now() - waitedMs };
        if (this.#early) this.#early.push(arrival);
        else if (!this.#ending) this.#admit(arrival);
      },
      participantLeft: (participant) => {
        this.#early = this.#early?.filter((early) => early.participant.id !== participant.id);
        this.#present.delete(participant.id);
        this.#engine?.dismiss(participant);
        events.emit('participant-left', { participant });
      },
      audio: (participant, frame) => {
        if (this.#present.has(participant.id)) this.#engine?.hear(participant, frame);
      },
      ended: (reason, error) => {
        if (error) {
          events.emit('error', { error });
          this.#failed(error, 'the call broke off');
        }
        void this.end(reason);
      },
    };
  }

  #admit({ participant, atMs }: Arrival): void {
    if (this.#present.has(participant.id)) return;
    this.#present.add(participant.id);
    this.#engine?.admit(participant, atMs);
    this.#parts.events.emit('participant-joined', { participant });
    this.#firstParticipant.resolve();
  }

  async #end(reason: SessionEndReason): Promise<void> {
    const { clock, events, metrics, logger } = this.#parts;
    this.#engine?.stop();
    await this.#release(reason);
    const durationMs = this.#joinedAtMs === undefined ? undefined : clock.now() - this.#joinedAtMs;
    if (durationMs !== undefined) {
      this.#recorder.counter('agentSessionsActive').add(-1);
      this.#recorder.counter('agentSessions', { reason }).add(1);
      this.#recorder.histogram('agentSessionDurationMs').record(durationMs);
    }
    this.#trace.end(reason);
    const fields = { ...this.#trace.spanFields, reason, turns: metrics.metrics.agentTurns.total };
    logger.info(
      { ...fields, ...(durationMs !== undefined && { duration_ms: durationMs }) },
      'call ended',
    );
    events.emit('ended', { reason });
    this.#ended.resolve(reason);
  }

  #failed(error: unknown, message: string): void {
    this.#trace.failed(error);
    this.#parts.logger.error({ ...this.#trace.spanFields, ...errorFields(error) }, message);
  }

  async #release(reason: SessionEndReason): Promise<void> {
    this.#stopMonitor();
    this.#firstParticipant.reject(new AgentError('call_ended', 'the call ended'));
    this.#controller.abort(new InterruptedError());
    this.#present.clear();
    // None may fail, but if one does the call is over all the same.
    await Promise.allSettled([
      this.#edge?.close(reason),
      (this.#engine ?? this.#opening)?.close(),
      this.#tools?.close(),
    ]);
  }
}
