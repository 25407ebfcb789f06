import { type Clock, systemClock } from '../clock/clock.ts';
import type { ReconnectAttempt } from '../connection/reconnects.ts';
import { ProviderError } from '../errors/provider-error.ts';
import type { Recorder } from '../metrics/recorder.ts';
import { within } from '../tracing/operation-span.ts';
import type { ComponentContext, ConnectContext } from './component-context.ts';
import { connectContext } from './component-context.ts';

/** How a stream and the call that it belongs to end each other. */
export interface StreamLife {
  readonly clock: Clock;
  /** Its abort ends the stream; the call's signal aborts it. */
  readonly controller: AbortController;
  /** To be called when the stream is closed: the call lives on without it. */
  readonly onClosed: () => void;
}

/** What opening a component's stream takes. */
export interface StreamOpening<Connection, Stream> {
  readonly provider: string;
  readonly component: ReconnectAttempt['component'];
  readonly context: ComponentContext;
  readonly recorder: { readonly recorder: Recorder; error(error: ProviderError): void };
  /** The plugin's part. */
  readonly connect: (context: ConnectContext) => Promise<Connection>;
  /** Core's part: what the caller gets, around the plugin's connection. */
  readonly wrap: (connection: Connection, life: StreamLife) => Stream;
}

/**
 * Opens the stream of a component for one call, in the one way that there is: with a signal of its
 * own that the call's aborts, its failure typed and counted once, and nothing left open by a call
 * that ends meanwhile.
 * @throws ProviderError when the provider cannot be reached or refuses
 * @throws the reason of the call's signal once that is aborted
 */
export async function openStream<Connection, Stream extends { close(): Promise<void> }>(
  opening: StreamOpening<Connection, Stream>,
): Promise<Stream> {
  const { context, recorder, provider, component } = opening;
  context.signal?.throwIfAborted();
  const controller = new AbortController();
  const abort = (): void => controller.abort(context.signal?.reason);
  context.signal?.addEventListener('abort', abort, { once: true });
  const onClosed = (): void => context.signal?.removeEventListener('abort', abort);
  try {
    const plugins = connectContext(context, recorder.recorder, controller.signal, (attempt) =>
      context.onReconnect?.({ provider, component, ...attempt }),
    );
    const connection = await within(context.trace, () => opening.connect(plugins));
    const clock = context.clock ?? systemClock;
    const stream = opening.wrap(connection, { clock, controller, onClosed });
    // The call may have ended meanwhile, and the plugin may not have looked.
    if (controller.signal.aborted) await stream.close();
    controller.signal.throwIfAborted();
    return stream;
  } catch (error) {
    onClosed();
    controller.abort();
    if (context.signal?.aborted === true) throw error;
    const failure = ProviderError.from(provider, error);
    recorder.error(failure);
    throw failure;
  }
}
