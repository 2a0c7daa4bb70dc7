import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, test } from 'vitest';
import { createGuardedFetch, FetchRefused, isPublicAddress } from '../../src/providers/guarded-fetch.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<{ origin: string; port: number }> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, port };
}

const isRefused = (part: string) => (fault: unknown) => fault instanceof FetchRefused && fault.message.includes(part);

describe('guarded fetch (rule 22)', () => {
  for (const address of [
    ...['127.0.0.1', '127.9.9.9', '0.0.0.0', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254'],
    ...['100.64.0.1', '224.0.0.1', '255.255.255.255', '198.18.0.1', '192.0.2.1', '240.0.0.1'],
    ...['::', '::1', 'fe80::1', 'fc00::1', 'fd12::1', 'ff02::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1'],
    ...['::ffff:a9fe:a9fe', '::127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:0:1::', '100::1', '2001:db8::1'],
    ...['', 'not an address'],
  ]) {
    test(`${address || '(empty)'} is not public`, () => assert.equal(isPublicAddress(address), false));
  }

  for (const address of ['1.1.1.1', '93.184.216.34', '::ffff:1.1.1.1', '2606:4700::1111']) {
    test(`${address} is public`, () => assert.equal(isPublicAddress(address), true));
  }

  test('private addresses are refused whether written or resolved, also one among public ones', async () => {
    const resolve = async (host: string) => (host === 'mixed.test' ? ['1.1.1.1', '10.0.0.1'] : ['127.0.0.1']);
    const fetch = createGuardedFetch({ resolve });
    for (const url of [
      'https://private.test/',
      'https://mixed.test/',
      'https://127.0.0.1/',
      'https://2130706433/',
      'https://0x7f.1/',
      'https://[::1]/',
      'https://[::ffff:127.0.0.1]/',
      'https://169.254.169.254/latest/meta-data',
    ]) {
      await assert.rejects(fetch(url), isRefused('not public'), url);
    }
    await assert.rejects(
      createGuardedFetch({ resolve: async () => [] })('https://nothing.test/'),
      isRefused('no address'),
    );
  });

  test('plain http, other schemes and user information are refused', async () => {
    const fetch = createGuardedFetch({ resolve: async () => ['1.1.1.1'] });
    await assert.rejects(fetch('http://public.test/'), isRefused('https'));
    await assert.rejects(fetch('file:///etc/passwd'), isRefused('https'));
    await assert.rejects(fetch('https://user:pw@public.test/'), isRefused('user information'));
  });

  test('an origin the operator configured may be private; its neighbour port may not', async () => {
    const { origin, port } = await serve((request, response) => {
      response.setHeader('x-method', request.method ?? '');
      response.end('hello');
    });
    const fetch = createGuardedFetch({ allowPrivate: [`${origin}/some/path`] });
    const response = await fetch(`${origin}/x`, { method: 'POST', body: 'a=1' });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('x-method'), 'POST');
    assert.equal(await response.text(), 'hello');
    await assert.rejects(fetch(`http://127.0.0.1:${port + 1}/`), FetchRefused);
  });

  test('the name is resolved once and the connection goes there', async () => {
    const { port } = await serve((_request, response) => response.end('pinned'));
    let asked = 0;
    const fetch = createGuardedFetch({
      allowPrivate: [`http://rebind.test:${port}`],
      resolve: async () => {
        asked += 1;
        return ['127.0.0.1'];
      },
    });
    assert.equal(await (await fetch(`http://rebind.test:${port}/`)).text(), 'pinned');
    assert.equal(asked, 1);
  });

  test('a redirect is handed back, not followed', async () => {
    let reached = 0;
    const inner = await serve((_request, response) => {
      reached += 1;
      response.end();
    });
    const { origin } = await serve((_request, response) => {
      response.writeHead(302, { location: inner.origin });
      response.end();
    });
    const response = await createGuardedFetch({ allowPrivate: [origin] })(origin);
    assert.equal(response.status, 302);
    assert.equal(reached, 0);
  });

  test('size is capped', async () => {
    const { origin } = await serve((_request, response) => response.end('x'.repeat(2000)));
    const fetch = createGuardedFetch({ allowPrivate: [origin], maxBytes: 1000 });
    await assert.rejects(fetch(origin), isRefused('too large'));
  });

  test('time is capped, also for an answer that drips and a name that does not resolve', async () => {
    const { origin } = await serve((_request, response) => {
      response.write('x');
    });
    const fetch = createGuardedFetch({ allowPrivate: [origin], timeoutMs: 100 });
    await assert.rejects(fetch(origin), isRefused('too long'));
    const lost = createGuardedFetch({ timeoutMs: 100, resolve: () => new Promise(() => {}) });
    await assert.rejects(lost('https://slow.test/'), isRefused('too long'));
  });
});
