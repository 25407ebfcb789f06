import type {
  ComponentContext,
  ConnectContext,
  STTConnection,
  STTStream,
} from '../../src/index.ts';
import { ProviderError, STT } from '../../src/index.ts';
import type { ManualClock } from '../../src/testing/index.ts';
import { pause, ScriptedSTTConnection } from '../../src/testing/index.ts';
import type { OpeningPlan } from './conversation-plan.ts';
import { planFor } from './served.ts';

/** Speech to text whose connections open as the plan says, and which knows whom each listens to. */
export class GenerativeSTT extends STT {
  readonly provider = 'generative';
  readonly model = 'generative-stt';
  readonly sampleRateHz = 16_000;
  readonly detectsTurns: boolean;
  readonly connections: ScriptedSTTConnection[] = [];
  /** Who is about to be listened to: known to whoever lets them join. */
  joining = '';
  openings = 0;
  failures = 0;
  readonly #plans: readonly OpeningPlan[];
  readonly #clock: ManualClock;
  /** All openings for one participant are made with the same signal. */
  readonly #listeners = new WeakMap<AbortSignal, string>();
  readonly #newest = new Map<string, ScriptedSTTConnection>();
  readonly #first = new WeakSet<ScriptedSTTConnection>();
  readonly #openedAtMs = new WeakMap<ScriptedSTTConnection, number>();
  #opening = '';

  constructor(detectsTurns: boolean, plans: readonly OpeningPlan[], clock: ManualClock) {
    super();
    this.detectsTurns = detectsTurns;
    this.#plans = plans;
    this.#clock = clock;
  }

  get openConnections(): number {
    return this.connections.filter(({ isClosed }) => !isClosed).length;
  }

  /** When a connection was opened, on the call's clock. */
  openedAtMs(connection: ScriptedSTTConnection): number {
    return this.#openedAtMs.get(connection) ?? 0;
  }

  /** Whether a connection is the first that listens to a participant. */
  isFirst(connection: ScriptedSTTConnection): boolean {
    return this.#first.has(connection);
  }

  /** The connection that listens to a participant, if one is open. */
  connectionOf(participantId: string): ScriptedSTTConnection | undefined {
    const newest = this.#newest.get(participantId);
    return newest?.isClosed === true ? undefined : newest;
  }

  override open(context: ComponentContext = {}): Promise<STTStream> {
    const { signal } = context;
    this.#opening = (signal && this.#listeners.get(signal)) ?? this.joining;
    if (signal) this.#listeners.set(signal, this.#opening);
    return super.open(context);
  }

  protected async connect(context: ConnectContext): Promise<STTConnection> {
    const participantId = this.#opening;
    const plan = planFor(this.#plans, this.openings);
    this.openings += 1;
    await pause(this.#clock, Math.max(1, plan.delayMs), context.signal);
    if (plan.fails) {
      this.failures += 1;
      throw ProviderError.fromStatus(this.provider, 503);
    }
    const connection = new ScriptedSTTConnection(context.socketOpened());
    this.connections.push(connection);
    if (!this.#newest.has(participantId)) this.#first.add(connection);
    this.#newest.set(participantId, connection);
    this.#openedAtMs.set(connection, this.#clock.now());
    return connection;
  }
}
