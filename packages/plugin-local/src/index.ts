export { Edge } from './local-edge.ts';
export type { LocalCall } from './local-edge.ts';
export type { EdgeOptions } from './local-options.ts';
