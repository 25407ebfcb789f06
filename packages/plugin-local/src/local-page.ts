import { readFile } from 'node:fs/promises';

/** A file that the browser gets. */
export interface PageFile {
  readonly contentType: string;
  readonly body: Buffer;
}

// As far from dist/ as from src/, so the published package finds its page too.
const ASSETS = new URL('../assets/', import.meta.url);

const FILES = [
  { path: '/', name: 'page.html', contentType: 'text/html; charset=utf-8' },
  { path: '/page.css', name: 'page.css', contentType: 'text/css; charset=utf-8' },
  { path: '/page.js', name: 'page.js', contentType: 'text/javascript; charset=utf-8' },
  { path: '/view.js', name: 'view.js', contentType: 'text/javascript; charset=utf-8' },
  { path: '/worklet.js', name: 'worklet.js', contentType: 'text/javascript; charset=utf-8' },
];

/** The page and its parts, by their paths. */
export async function loadPage(): Promise<ReadonlyMap<string, PageFile>> {
  const entries = FILES.map(async ({ path, name, contentType }) => {
    const body = await readFile(new URL(name, ASSETS));
    return [path, { contentType, body }] as const;
  });
  return new Map(await Promise.all(entries));
}

/** What every answer carries: nothing from elsewhere, nothing kept, no token in a referrer. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};
