import { request } from 'node:http';

import { ConfigurationError } from '@vision-agents/core';
import { expect, onTestFinished, test } from 'vitest';

import { Edge } from '../src/index.ts';
import { joinTestCall } from './test-call.ts';
import { connectCaller } from './test-caller.ts';

// `fetch` does not let one set a Host header.
function statusOf(url: string | URL, headers = {}, method = 'GET'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers, method }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject);
    sent.end();
  });
}

function changed(url: string, name: string, value: string | undefined): string {
  const changedUrl = new URL(url);
  if (value === undefined) changedUrl.searchParams.delete(name);
  else changedUrl.searchParams.set(name, value);
  return changedUrl.href;
}

test('the page and all that it loads are served, with a policy that allows nothing else', async () => {
  const { call } = await joinTestCall(new Edge());
  const response = await fetch(call.pageUrl);
  const html = await response.text();
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  const paths = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1] ?? '');
  expect(paths).toEqual(['/page.css', '/page.js']);
  for (const path of [...paths, '/view.js', '/worklet.js']) {
    const file = await fetch(new URL(path, call.pageUrl));
    expect(file.headers.get('content-type')).toMatch(/^text\/(css|javascript)/);
    expect(await file.text()).not.toBe('');
  }
});

test('the page needs the token and a call that exists', async () => {
  const { call } = await joinTestCall(new Edge());
  expect(await statusOf(call.pageUrl)).toBe(200);
  expect(await statusOf(changed(call.pageUrl, 'token', undefined))).toBe(403);
  expect(await statusOf(changed(call.pageUrl, 'token', 'wrong'))).toBe(403);
  expect(await statusOf(changed(call.pageUrl, 'id', 'other'))).toBe(404);
  expect(await statusOf(new URL('/../package.json', call.pageUrl))).toBe(404);
  expect(await statusOf(call.pageUrl, {}, 'POST')).toBe(405);
});

test('a name that somebody else made resolve to this machine gets nothing', async () => {
  const { call } = await joinTestCall(new Edge());
  expect(await statusOf(call.pageUrl, { host: 'evil.example' })).toBe(403);
  const headers = { host: 'evil.example' };
  await expect(connectCaller(call.socketUrl, {}, { headers })).rejects.toThrow('HTTP 403');
});

test.for([
  ['a wrong token', 403, { token: 'wrong' }],
  ['an empty token', 403, { token: '' }],
  ['another call', 404, { id: 'other' }],
  ['a rate below 8000', 400, { rate: '7999' }],
  ['a rate above 48000', 400, { rate: '48001' }],
  ['a rate that is no number', 400, { rate: 'x' }],
] as const)('%s is refused before the upgrade with %i', async ([, status, query]) => {
  const { call, told } = await joinTestCall(new Edge());
  await expect(connectCaller(call.socketUrl, query)).rejects.toThrow(`HTTP ${status}`);
  expect(told).toEqual([]);
});

test('a socket on another path is refused', async () => {
  const { call } = await joinTestCall(new Edge());
  const url = call.socketUrl.replace('/call?', '/other?');
  await expect(connectCaller(url)).rejects.toThrow('HTTP 404');
});

test('pages of other origins cannot open a socket, allowed ones can', async () => {
  const { call } = await joinTestCall(new Edge({ allowedOrigins: ['https://voice.example'] }));
  const from = (origin: string) => connectCaller(call.socketUrl, {}, { headers: { origin } });
  await expect(from('https://evil.example')).rejects.toThrow('HTTP 403');
  await expect(from('null')).rejects.toThrow('HTTP 403');
  await from(new URL(call.pageUrl).origin);
  await from('https://voice.example');
});

test('every start has another token of 128 bits', async () => {
  const tokens = [];
  for (const edge of [new Edge(), new Edge()]) {
    const { call } = await joinTestCall(edge);
    tokens.push(new URL(call.pageUrl).searchParams.get('token') ?? '');
  }
  expect(tokens[0]).not.toBe(tokens[1]);
  expect(Buffer.from(tokens[0] ?? '', 'base64url')).toHaveLength(16);
});

test('a port that is taken is the fault of `port`, and free again it serves', async () => {
  const other = new Edge();
  const { port } = new URL((await other.createCall('default', 'a')).pageUrl);
  const edge = new Edge({ port: Number(port) });
  onTestFinished(() => edge.close());
  const failure = edge.createCall('default', 'a');
  await expect(failure).rejects.toThrow(ConfigurationError);
  await expect(failure).rejects.toMatchObject({ option: 'port' });
  await expect(failure).rejects.toThrow(`127.0.0.1:${port}`);
  await other.close();
  expect((await edge.createCall('default', 'a')).pageUrl).toContain(`:${port}/`);
});

test('an address that is not of this machine is the fault of `host`', async () => {
  const edge = new Edge({ host: '192.0.2.1' });
  await expect(edge.createCall('default', 'a')).rejects.toMatchObject({ option: 'host' });
});

test('closing the edge frees the port, twice if need be', async () => {
  const edge = new Edge();
  const { pageUrl } = await edge.createCall('default', 'a');
  await edge.close();
  await edge.close();
  await expect(statusOf(pageUrl)).rejects.toThrow('ECONNREFUSED');
});

test('onListening gets the page of each call once', async () => {
  const urls: string[] = [];
  const edge = new Edge({ onListening: (url) => urls.push(url) });
  const { call } = await joinTestCall(edge, { callId: 'ä & b' });
  const second = await edge.createCall('default', 'second');
  await edge.createCall('default', 'second');
  expect(urls).toEqual([call.pageUrl, second.pageUrl]);
  expect(new URL(call.pageUrl).searchParams.get('id')).toBe('ä & b');
  expect(await statusOf(call.pageUrl)).toBe(200);
});
