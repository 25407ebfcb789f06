import { SpanStatusCode } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';

import { ProviderError } from '../../src/index.ts';
import { asksFor, says, speaks } from '../../src/testing/index.ts';
import { CHAT, PARIS, SPEECH, tracedCall, weather } from './traced-call.ts';

describe('what fails', () => {
  test('is an error on its span and on the turn, without what others wrote into messages', async () => {
    const cause = new Error('the key sk-123 is wrong');
    const refused = new ProviderError({
      provider: 'fake',
      type: 'authentication',
      code: '401',
      message: 'the request was refused with HTTP status 401',
      cause,
    });
    const { call, traces, hangUp } = await tracedCall({
      rounds: [[{ type: 'throw', error: refused }]],
    });
    await call.userSays('Hello?');
    await hangUp();
    const message = 'fake: the request was refused with HTTP status 401';
    for (const name of [CHAT, 'agent.turn']) {
      const span = traces.only(name);
      expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message });
      expect(span.attributes).toMatchObject({
        'error.type': 'authentication',
        'vision_agents.outcome': 'error',
      });
      expect(span.events).toMatchObject([
        {
          name: 'exception',
          attributes: { 'exception.type': 'ProviderError', 'exception.message': message },
        },
      ]);
    }
    expect(JSON.stringify(traces.ended.map(({ events }) => events))).not.toContain('sk-123');
  });

  test('in a tool is an error of the tool, and not of the turn', async () => {
    const { call, traces, hangUp } = await tracedCall({
      rounds: [asksFor([PARIS]), says('Sorry.')],
      speeches: [speaks('Sorry.')],
      agent: weather(() => {
        throw new RangeError('Paris is unknown');
      }),
    });
    await call.userSays('Is it dry in Paris?');
    await call.clock.advance(500);
    await hangUp();
    const span = traces.only('execute_tool weather');
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(span.attributes).toMatchObject({ 'error.type': 'RangeError' });
    expect(span.events.map(({ attributes }) => attributes)).toEqual([
      { 'exception.type': 'RangeError' },
    ]);
    expect(traces.only('agent.turn').status.code).toBe(SpanStatusCode.UNSET);
  });

  test('is no name of a span, where the model made a tool up', async () => {
    const { call, traces, hangUp } = await tracedCall({
      rounds: [asksFor([{ ...PARIS, name: 'sell_the_house' }]), says('Sorry.')],
      speeches: [speaks('Sorry.')],
    });
    await call.userSays('Sell it.');
    await call.clock.advance(500);
    await hangUp();
    expect(traces.only('execute_tool other').attributes).toMatchObject({
      'error.type': 'unknown_tool',
    });
  });

  test('in the voice is an error of the synthesis', async () => {
    const error = new ProviderError({ provider: 'scripted', type: 'network', message: 'lost' });
    const { call, traces, hangUp } = await tracedCall({
      rounds: [says('Hello.')],
      speeches: [{ text: 'Hello.', steps: [{ type: 'throw', error }] }],
    });
    await call.userSays('Hello?');
    await hangUp();
    expect(traces.only(SPEECH).attributes).toMatchObject({
      'error.type': 'network',
      'vision_agents.outcome': 'error',
    });
    expect(traces.only('agent.turn').attributes).toMatchObject({ 'error.type': 'network' });
  });
});
