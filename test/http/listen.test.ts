import { lookup } from 'node:dns/promises';
import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { listen } from '../../src/http/listen.ts';
import { rawRequest } from '../kit/stage.ts';

test('localhost is every address it stands for, and one server answers at all of them', async () => {
  const app = Fastify();
  let connections = 0;
  app.server.on('connection', () => {
    connections += 1;
  });
  app.get('/', async () => 'here');
  await listen(app, { host: 'localhost', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const addresses = await lookup('localhost', { all: true });
  for (const { address, family } of addresses) {
    const host = family === 6 ? `[${address}]` : address;
    expect([address, await fetch(`http://${host}:${port}/`).then((reply) => reply.text())]).toEqual([address, 'here']);
  }
  expect(connections).toBe(addresses.length);
  await app.close();
  for (const { address, family } of addresses) {
    const host = family === 6 ? `[${address}]` : address;
    await expect(fetch(`http://${host}:${port}/`)).rejects.toThrow('fetch failed');
  }
});

test('an address is that address alone', async () => {
  const app = Fastify();
  app.get('/', async () => 'here');
  await listen(app, { host: '127.0.0.1', port: 0 });
  expect(app.addresses()).toHaveLength(1);
  const { port } = app.server.address() as AddressInfo;
  expect((await rawRequest(`http://127.0.0.1:${port}`, '/')).text).toBe('here');
  await app.close();
});
