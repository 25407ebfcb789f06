import type { ServerResponse } from 'node:http';

import type { Backstage } from '../backstage.ts';
import { readBody, sendJson, type Route, type Routed } from '../loopback-server.ts';
import { quoting } from '../quotation.ts';
import { RequestGuard } from '../request-guard.ts';
import { think, type ReplyHook } from './brain.ts';
import { readGeminiRequest } from './gemini-request.ts';
import { streamGeneration } from './generation.ts';
import { liveUpgrade } from './live-route.ts';
import { writeEvent } from './sse.ts';
import { ToolMemory } from './tool-memory.ts';

const refusals = {
  'status-400': [400, 'INVALID_ARGUMENT', 'Request contains an invalid argument.'],
  'status-401': [401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.'],
  'status-403': [403, 'PERMISSION_DENIED', 'Method does not allow unregistered callers.'],
  'status-429': [429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).'],
  'status-500': [500, 'INTERNAL', 'An internal error has occurred.'],
  'status-503': [503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.'],
} as const;

const refusalFaults = [
  'status-400',
  'status-401',
  'status-403',
  'status-429',
  'status-500',
  'status-503',
] as const;

type Refusal = readonly [code: number, status: string, message: string];

/** Gemini: `models/{model}:streamGenerateContent?alt=sse` and the Live socket, in all API versions. */
export function geminiRoute(backstage: Backstage, replyHook: ReplyHook | undefined): Route {
  const { truth, faults, random } = backstage;
  const guard = new RequestGuard('gemini', truth);
  const tools = new ToolMemory(truth);

  async function answer(routed: Routed, model: string, response: ServerResponse): Promise<void> {
    const startedAt = performance.now();
    const json = await readBody(routed.request);
    const failed = guard.check(routed.request, json);
    truth.count('llm.requests');
    const refuse = ([code, status, message]: Refusal): void => {
      failed();
      truth.outcome('llm.requests', 'failed');
      const details =
        code === 429
          ? [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '2s' }]
          : [];
      const quoted = quoting(message, routed.request, json);
      sendJson(response, code, { error: { code, message: quoted, status, details } });
    };
    const fail = (refusal: Refusal): void => {
      truth.count('llm.errors');
      truth.problem(`gemini: ${refusal[2]}`);
      refuse(refusal);
    };
    const refusal = faults.take('gemini', refusalFaults)?.fault;
    if (refusal !== undefined) {
      refuse(refusals[refusal]);
      return;
    }
    if (typeof routed.request.headers['x-goog-api-key'] !== 'string') {
      fail(refusals['status-403']);
      return;
    }
    const request = readGeminiRequest(json);
    if (request === undefined || routed.query.get('alt') !== 'sse') {
      fail(refusals['status-400']);
      return;
    }
    const toolProblem = tools.check(request);
    if (toolProblem !== undefined) {
      fail([400, 'INVALID_ARGUMENT', toolProblem]);
      return;
    }
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'server-timing': 'gfet4t7; dur=1',
    });
    // The real service answers before it has a token: whoever takes the headers for one must notice.
    response.flushHeaders();
    const silent = faults.take('gemini', ['empty', 'safety'])?.fault;
    if (silent !== undefined) {
      failed();
      truth.outcome('llm.requests', 'failed');
      if (silent === 'safety') {
        await writeEvent(response, '{"promptFeedback":{"blockReason":"SAFETY"}}', random);
      }
      response.end();
      return;
    }
    const reply = (await replyHook?.(request)) ?? think(request);
    const generation = { request, model, reply, tools, startedAt, failed };
    await streamGeneration(backstage, generation, response);
  }

  return {
    prefix: 'gemini',
    upgrade: liveUpgrade(backstage, replyHook),
    http: async (routed, response) => {
      const model = /^\/v1(?:beta|alpha)?\/models\/([^/:]+):streamGenerateContent$/.exec(
        routed.path,
      )?.[1];
      if (model === undefined) {
        sendJson(response, 404, {
          error: { code: 404, message: 'Not found', status: 'NOT_FOUND' },
        });
      } else await answer(routed, model, response);
    },
  };
}
