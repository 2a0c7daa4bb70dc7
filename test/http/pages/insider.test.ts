import type { FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../src/http/kit/client-address.ts';
import { isInsider } from '../../../src/http/ops/insider.ts';

const publicUrl = 'https://id.example.com';
const asks = (development: boolean, ip: string, headers: Record<string, string>) =>
  isInsider({ clientAddress: parseAddress(ip), headers } as unknown as FastifyRequest, { development, publicUrl });

describe('Kept mail and the list of what runs are shown', () => {
  test.each([
    ['localhost:3000', '127.0.0.1'],
    ['[::1]:3000', '::1'],
    ['127.0.0.1', '::ffff:127.0.0.1'],
  ])('in production to this machine itself (%s from %s)', (host, ip) => {
    expect(asks(false, ip, { host })).toBe(true);
  });

  test.each([
    ['another machine', '192.0.2.7', { host: 'localhost' }],
    ['somebody behind a proxy on this machine', '127.0.0.1', { host: 'localhost', 'x-forwarded-for': '192.0.2.7' }],
    ['… that tells the address in another way', '127.0.0.1', { host: 'localhost', 'x-real-ip': '192.0.2.7' }],
    ['… that passes the host on', '127.0.0.1', { host: 'id.example.com' }],
    ['a name that was pointed here', '127.0.0.1', { host: 'attacker.example' }],
  ])('in production not to %s', (_, ip, headers) => {
    expect(asks(false, ip, headers as Record<string, string>)).toBe(false);
  });

  test.each(['localhost:3000', 'latchkey:3000', '192.0.2.1:3000', 'id.example.com', 'app.localhost'])(
    'in development to everybody who asks %s',
    (host) => {
      expect(asks(true, '192.0.2.7', { host })).toBe(true);
    },
  );

  test('not even in development to a name that was pointed here', () => {
    expect(asks(true, '127.0.0.1', { host: 'attacker.example:3000' })).toBe(false);
  });
});
