import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { Refusal } from '../../src/base/refusal.ts';
import { finishProviderFlow } from '../../src/core/identities/finish-provider-flow.ts';
import { startProviderFlow } from '../../src/core/identities/start-provider-flow.ts';
import { createGuardedFetch } from '../../src/providers/guarded-fetch.ts';
import { openProviders } from '../../src/providers/open-providers.ts';
import { turnstile } from '../../src/providers/turnstile.ts';
import { type OidcIssuer, startOidcIssuer } from '../kit/oidc-issuer.ts';
import { anonymous, finishing, type ProviderWorld, providerWorld, starting } from '../kit/provider-world.ts';
import { type TcpProxy, tcpProxy } from '../kit/tcp-proxy.ts';

/** How long an answer is waited for. */
const timeoutMs = 300;
const faults = ['cutBusy', 'refuse', 'hang'] as const;
describe('An OpenID provider behind a cable that breaks', () => {
  let cable: TcpProxy;
  let issuer: OidcIssuer;
  let world: ProviderWorld;

  beforeAll(async () => {
    issuer = await startOidcIssuer({
      addressOf: async (port) => {
        cable = await tcpProxy({ host: '127.0.0.1', port });
        return `http://127.0.0.1:${cable.port}`;
      },
    });
    const fetch = createGuardedFetch({ allowPrivate: [issuer.issuer], timeoutMs });
    await cable.refuse();
    const providers = openProviders([issuer.config()], { clock: systemClock(), fetch });
    world = await providerWorld(providers, new Date().toISOString());
    issuer.signInAs({ sub: 'carol', email: 'carol@example.org', email_verified: true, name: 'Carol' });
  });
  afterAll(async () => {
    await world?.close();
    await cable?.restore();
    await issuer?.close();
    await cable?.close();
  });

  /** As far as the browser's way back. */
  async function visit() {
    const { url, state } = await startProviderFlow(world.ctx, anonymous, starting());
    const callback = await issuer.visit(url);
    const [code, iss] = [callback.searchParams.get('code'), callback.searchParams.get('iss')];
    return () => finishProviderFlow(world.ctx, anonymous, finishing({ state, code, issuer: iss }));
  }

  test('absent at the start: sign-in by it is refused in words, until it is there', async () => {
    await expect(startProviderFlow(world.ctx, anonymous, starting())).rejects.toMatchObject({
      code: 'provider_unavailable',
    });
    await cable.restore();
    const { outcome } = await (await visit())();
    expect(outcome).toMatchObject({ kind: 'signed_in' });
  });

  test.each(faults)(
    '%s on the way back: a refusal in words and no session, and the next try signs in',
    async (fault) => {
      const finish = await visit();
      await cable[fault]();
      const { outcome } = await finish();
      expect(outcome).toBeInstanceOf(Refusal);
      expect(outcome).toMatchObject({ code: 'provider_unavailable' });
      await cable.restore();
      expect((await (await visit())()).outcome).toMatchObject({ kind: 'signed_in' });
    },
  );
});

describe('Turnstile behind a cable that breaks', () => {
  let service: Server;
  let cable: TcpProxy;
  let challenge: ReturnType<typeof turnstile>;
  const told: string[] = [];

  beforeAll(async () => {
    service = createServer((_request, response) => response.end('{"success": true}')).listen(0, '127.0.0.1');
    await new Promise((resolve) => service.once('listening', resolve));
    cable = await tcpProxy({ host: '127.0.0.1', port: (service.address() as AddressInfo).port });
    const url = `http://127.0.0.1:${cable.port}/siteverify`;
    const fetch = createGuardedFetch({ allowPrivate: [url], timeoutMs });
    challenge = turnstile(fetch, { secret: 's', url }, (what) => void told.push(what));
  });
  afterEach(() => cable.restore());
  afterAll(async () => {
    service?.closeAllConnections();
    service?.close();
    await cable?.close();
  });

  const ask = () =>
    challenge.verify({ token: 't', action: 'sign_up_with_credential', ip: null, isOwnHost: () => true });

  test.each(faults)('%s: the answer is neither yes nor no, told once, and yes again afterwards', async (fault) => {
    expect(await ask()).toBe('yes');
    told.length = 0;
    await cable[fault]();
    expect(await Promise.all([ask(), ask()])).toEqual(['unavailable', 'unavailable']);
    expect(told).toEqual(['Turnstile does not answer: nobody new can sign up where it is asked']);
    await cable.restore();
    expect(await ask()).toBe('yes');
  });
});
