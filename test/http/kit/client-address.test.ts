import { describe, expect, test } from 'vitest';
import { clientAddressBehind, parseAddress } from '../../../src/http/kit/client-address.ts';

describe('An address', () => {
  test.each([
    ['203.0.113.50', '203.0.113.50'],
    [' 203.0.113.50 ', '203.0.113.50'],
    ['203.0.113.50:40001', '203.0.113.50'],
    ['2001:db8::1', '2001:db8::1'],
    ['2001:0DB8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:40001', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%25eth0]:443', 'fe80::1'],
    ['::ffff:203.0.113.50', '203.0.113.50'],
    ['::FFFF:cb00:7132', '203.0.113.50'],
    ['[::ffff:203.0.113.50]:40001', '203.0.113.50'],
    ['::1', '::1'],
  ])('%j is %s', (text, address) => {
    expect(parseAddress(text)).toBe(address);
  });

  test.each([
    undefined,
    '',
    ' ',
    'unknown',
    '_hidden',
    '_SEVKISEK',
    'example.com',
    'localhost',
    '203.0.113',
    '203.0.113.256',
    '203.0.113.050',
    '0xcb007132',
    '3405803826',
    '203.0.113.50:',
    '203.0.113.50:http',
    '203.0.113.50:123456',
    '203.0.113.50%eth0',
    '[203.0.113.50]',
    '[2001:db8::1',
    '2001:db8::1]',
    '2001:db8::1::2',
    '203.0.113.50; drop',
    `${'1'.repeat(10_000)}.0.0.1`,
    `2001:db8::1${' '.repeat(10_000)}`,
  ])('%j is none', (text) => {
    expect(parseAddress(text)).toBeNull();
  });
});

describe('The client of a request (rule 21)', () => {
  const read = (proxies: readonly string[], remoteAddress: string | undefined, forwarded?: string | string[]) =>
    clientAddressBehind(proxies)({
      socket: { remoteAddress },
      headers: { ...(forwarded !== undefined && { 'x-forwarded-for': forwarded }) },
    } as never);
  const proxy = '10.0.0.1';
  const behind = (forwarded?: string | string[]) => read(['10.0.0.0/8', '::1'], proxy, forwarded);

  test('without proxies is the connection, whatever headers say', () => {
    expect(read([], '198.51.100.7', '203.0.113.50')).toBe('198.51.100.7');
    expect(read([], '::ffff:198.51.100.7')).toBe('198.51.100.7');
    expect(read([], 'fe80::1%eth0')).toBe('fe80::1');
    expect(read([], undefined, '203.0.113.50')).toBeNull();
  });

  test('of a connection that is no proxy is that connection', () => {
    expect(read(['10.0.0.0/8'], '198.51.100.7', '203.0.113.50')).toBe('198.51.100.7');
    expect(read(['10.0.0.0/8'], undefined, '203.0.113.50')).toBeNull();
  });

  test('behind a proxy is what the proxy says, in one spelling', () => {
    expect(behind('203.0.113.50:40001')).toBe('203.0.113.50');
    expect(behind('[2001:db8::1]:40001')).toBe('2001:db8::1');
    expect(behind('::ffff:203.0.113.50')).toBe('203.0.113.50');
    expect(read(['10.0.0.0/8'], '::ffff:10.0.0.1', '203.0.113.50')).toBe('203.0.113.50');
  });

  test('is the right-most address that is no proxy', () => {
    expect(behind('192.0.2.66, 203.0.113.50')).toBe('203.0.113.50');
    expect(behind('192.0.2.66, 203.0.113.50:1234, 10.1.2.3:5678, [::1]:9')).toBe('203.0.113.50');
    expect(behind(['192.0.2.66', '203.0.113.50, 10.1.2.3'])).toBe('203.0.113.50');
    expect(behind(`${'192.0.2.66, '.repeat(2000)}203.0.113.50`)).toBe('203.0.113.50');
  });

  test('is the last proxy when all are proxies', () => {
    expect(behind('10.9.9.9, 10.1.2.3')).toBe('10.9.9.9');
    expect(behind(undefined)).toBe(proxy);
  });

  test.each(['', ' ', ',', 'unknown', '_hidden', 'x'.repeat(20_000), '203.0.113.50,', '203.0.113.50, unknown'])(
    'is the proxy’s own address where it passes on no address (%.20j)',
    (forwarded) => {
      expect(behind(forwarded)).toBe(proxy);
    },
  );

  test('is the proxy that reported what is no address, not what a client wrote before it', () => {
    expect(behind('203.0.113.50, unknown, 10.1.2.3')).toBe('10.1.2.3');
  });
});
