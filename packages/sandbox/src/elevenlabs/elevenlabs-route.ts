import type { Backstage } from '../backstage.ts';
import { sendJson, type Route } from '../loopback-server.ts';
import { RequestGuard } from '../request-guard.ts';
import { answerHttpStream } from './http-stream.ts';
import { multiStreamUpgrade } from './multi-stream-upgrade.ts';
import { scribeUpgrade } from './scribe-upgrade.ts';
import { refuse } from './upgrade.ts';

/** ElevenLabs: speech over a multi-context socket and over HTTP, and speech to text (Scribe realtime). */
export function elevenLabsRoute(backstage: Backstage): Route {
  const guard = new RequestGuard('elevenlabs', backstage.truth);
  const upgradeToMultiStream = multiStreamUpgrade(backstage);
  const upgradeToScribe = scribeUpgrade(backstage);
  return {
    prefix: 'elevenlabs',
    http: async (routed, response) => {
      if (/^\/v1\/text-to-speech\/[^/]+\/stream$/.test(routed.path)) {
        await answerHttpStream(backstage, guard, routed, response);
      } else sendJson(response, 404, { detail: { status: 'not_found', message: 'Not found' } });
    },
    upgrade: (routed, socket, head) => {
      const { path } = routed;
      if (/^\/v1\/text-to-speech\/[^/]+\/multi-stream-input$/.test(path)) {
        upgradeToMultiStream(routed, socket, head);
      } else if (path === '/v1/speech-to-text/realtime') upgradeToScribe(routed, socket, head);
      else {
        backstage.truth.problem('elevenlabs: No such endpoint.');
        refuse(socket, [404, 'not_found', 'No such endpoint.']);
      }
    },
  };
}
