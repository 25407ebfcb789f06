import type { Backstage } from './backstage.ts';
import { isDelays } from './delays.ts';
import { isFault } from './faults.ts';
import { parseObject } from './json.ts';
import { readBody, sendJson, type Route } from './loopback-server.ts';

/** Lets any process read the truth and throw switches: `GET /control/truth`, `POST|DELETE /control/faults`, `POST /control/delays`. */
export function controlRoute({ truth, faults, delays }: Backstage): Route {
  return {
    prefix: 'control',
    http: async ({ request, path }, response) => {
      const action = `${request.method} ${path}`;
      const body: unknown = parseObject(await readBody(request));
      if (action === 'POST /faults' && isFault(body)) faults.inject(body);
      else if (action === 'POST /delays' && isDelays(body)) delays.configure(body);
      else if (action === 'DELETE /faults') faults.clear();
      else if (action !== 'GET /truth') {
        sendJson(response, 400, { error: 'no such switch' });
        return;
      }
      sendJson(response, 200, truth.read());
    },
  };
}
