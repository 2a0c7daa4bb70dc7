import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { json } from '../../../src/http/kit/answer.ts';
import { send } from '../../../src/http/kit/send.ts';

/** A server whose one path answers with these headers, and whose errors have words of their own. */
async function answered(headers: Record<string, string | string[]>) {
  const app = Fastify();
  app.setErrorHandler((_fault, _request, reply) => send(reply, { status: 500, body: 'in the words of the dialect' }));
  app.get('/', (_request, reply) => send(reply, { ...json({}), headers }));
  const reply = await app.inject('/');
  await app.close();
  return reply;
}

test.each([
  ['letters beyond ASCII', { location: 'https://app。example.com/' }],
  ['letters of Latin-1', { location: '/é' }],
  ['a line break', { location: '/x\r\nset-cookie: a=b' }],
  ['one of several lines', { 'set-cookie': ['a=b', 'c=ж'] }],
])('a head with %s is not written: the fault is answered as any other', async (_what, headers) => {
  const reply = await answered(headers);
  expect([reply.statusCode, reply.json()]).toEqual([500, 'in the words of the dialect']);
  expect(reply.headers.location).toBeUndefined();
});

test('any other is written as it is', async () => {
  const reply = await answered({ location: '/x?a=%D0%B6', 'set-cookie': ['a=b', 'c=d'] });
  expect([reply.statusCode, reply.headers.location, reply.headers['set-cookie']]).toEqual([
    200,
    '/x?a=%D0%B6',
    ['a=b', 'c=d'],
  ]);
});
