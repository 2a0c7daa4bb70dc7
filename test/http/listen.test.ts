import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { listen } from '../../src/http/listen.ts';

const urlOf = (address: string, port: number) => `http://${address.includes(':') ? `[${address}]` : address}:${port}/`;

function anApp() {
  const app = Fastify();
  app.get('/', async () => 'here');
  const port = () => (app.server.address() as AddressInfo).port;
  const ask = async (address: string) => (await fetch(urlOf(address, port()))).text();
  return { app, port, ask };
}

test('localhost is every address it stands for, and one server answers at all of them', async () => {
  const { app, port, ask } = anApp();
  let connections = 0;
  app.server.on('connection', () => {
    connections += 1;
  });
  const names = ['127.0.0.1', '::1'];
  await listen(app, { host: 'localhost', port: 0 }, async () => names);
  for (const address of names) expect([address, await ask(address)]).toEqual([address, 'here']);
  expect(connections).toBe(2);
  const taken = port();
  await app.close();
  for (const address of names) await expect(fetch(urlOf(address, taken))).rejects.toThrow('fetch failed');
});

test('localhost means what this machine says', async () => {
  const { app, ask } = anApp();
  await listen(app, { host: 'localhost', port: 0 });
  expect(await ask('localhost')).toBe('here');
  await app.close();
});

test('an address that this machine does not have is done without', async () => {
  const { app, ask } = anApp();
  await listen(app, { host: 'localhost', port: 0 }, async () => ['127.0.0.1', '192.0.2.1']);
  expect(await ask('127.0.0.1')).toBe('here');
  await app.close();
});

test('an address is that address alone', async () => {
  const { app, ask } = anApp();
  await listen(app, { host: '127.0.0.1', port: 0 });
  expect(app.addresses()).toHaveLength(1);
  expect(await ask('127.0.0.1')).toBe('here');
  await app.close();
});
