import type { ServerResponse } from 'node:http';

import type { Backstage } from '../backstage.ts';
import type { ReplyHook } from '../gemini/brain.ts';
import { readBody, sendJson, type Route, type Routed } from '../loopback-server.ts';
import { RequestGuard } from '../request-guard.ts';
import { streamAnswer, type AnswerPlan } from './answer-stream.ts';
import { CallMemory } from './call-memory.ts';
import { ChatCompletions } from './chat-completions.ts';
import { realtimeUpgrade } from './realtime-route.ts';
import {
  invalidRequest,
  refusals,
  sendRefusal,
  standardHeaders,
  type Refusal,
} from './refusals.ts';
import { Responses } from './responses.ts';
import { answerSpeech } from './speech.ts';

const refusalFaults = [
  'status-400',
  'status-401',
  'status-403',
  'status-404',
  'status-429',
  'quota',
  'status-500',
  'status-503',
] as const;

/** An answer but for when it was asked for; a text says what is wrong with the request. */
export type PlannedAnswer = Omit<AnswerPlan, 'startedAt' | 'failed'> | string;

/** An endpoint of the language models. */
export interface ModelEndpoint {
  plan(json: string): Promise<PlannedAnswer>;
}

/** OpenAI: `/v1/responses`, `/v1/chat/completions`, `/v1/audio/speech`, and sockets at `/v1/realtime`. */
export function openAIRoute(backstage: Backstage, replyHook: ReplyHook | undefined): Route {
  const { truth, faults } = backstage;
  const guard = new RequestGuard('openai', truth);
  const calls = new CallMemory(truth);
  const endpoints: Record<string, ModelEndpoint> = {
    '/v1/responses': new Responses(backstage, calls, replyHook),
    '/v1/chat/completions': new ChatCompletions(backstage, calls, replyHook),
  };

  async function answer(
    endpoint: ModelEndpoint,
    { request }: Routed,
    response: ServerResponse,
  ): Promise<void> {
    const startedAt = performance.now();
    const json = await readBody(request);
    const failed = guard.check(request, json);
    truth.count('llm.requests');
    const refuse = (refusal: Refusal): void => {
      failed();
      truth.outcome('llm.requests', 'failed');
      sendRefusal(response, refusal);
    };
    const fail = (refusal: Refusal): void => {
      truth.count('llm.errors');
      truth.problem(`openai: ${refusal.message}`);
      refuse(refusal);
    };
    if (faults.take('openai', ['hung']) !== undefined) {
      failed();
      truth.outcome('llm.requests', 'failed');
      return;
    }
    const refusal = faults.take('openai', refusalFaults)?.fault;
    if (refusal !== undefined) {
      refuse(refusals[refusal]);
      return;
    }
    if (!/^Bearer \S+$/.test(request.headers.authorization ?? '')) {
      fail(refusals['status-401']);
      return;
    }
    const plan = await endpoint.plan(json);
    if (typeof plan === 'string') {
      fail(invalidRequest(plan));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', ...standardHeaders() });
    // The real service answers before it has a token: whoever takes the headers for one must notice.
    response.flushHeaders();
    if (faults.take('openai', ['empty']) !== undefined) {
      failed();
      truth.outcome('llm.requests', 'failed');
      response.end();
      return;
    }
    await streamAnswer(backstage, { ...plan, startedAt, failed }, response);
  }

  return {
    prefix: 'openai',
    upgrade: realtimeUpgrade(backstage, replyHook),
    http: async (routed, response) => {
      const endpoint = endpoints[routed.path];
      if (endpoint !== undefined) await answer(endpoint, routed, response);
      else if (routed.path === '/v1/audio/speech') {
        await answerSpeech(backstage, guard, routed, response);
      } else sendJson(response, 404, { error: { message: 'Unknown request URL.' } });
    },
  };
}
