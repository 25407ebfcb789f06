import { connect } from 'node:net';

/**
 * How a socket reaches a service without TLS, such as one on this machine: the SDK insists on `wss:`, so
 * the connection under it has to be plain. Nothing for a service with TLS.
 */
export function connectionTo(baseUrl: string): { createConnection?: typeof connect } {
  const { protocol, hostname, port } = new URL(baseUrl);
  if (protocol !== 'http:') return {};
  const address = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) };
  return { createConnection: () => connect(address) };
}
