import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { Refusal } from '../../../src/base/refusal.ts';
import { finishProviderFlow } from '../../../src/core/identities/finish-provider-flow.ts';
import { refreshProviderToken } from '../../../src/core/identities/refresh-provider-token.ts';
import { startProviderFlow } from '../../../src/core/identities/start-provider-flow.ts';
import { createGuardedFetch } from '../../../src/providers/guarded-fetch.ts';
import { openProviders } from '../../../src/providers/open-providers.ts';
import { type OidcIssuer, startOidcIssuer } from '../../kit/oidc-issuer.ts';
import { anonymous, finishing, type ProviderWorld, providerWorld, starting } from '../../kit/provider-world.ts';

let issuer: OidcIssuer;
let world: ProviderWorld;

beforeAll(async () => {
  issuer = await startOidcIssuer();
  const fetch = createGuardedFetch({ allowPrivate: [issuer.issuer] });
  const providers = openProviders([issuer.config()], { clock: systemClock(), fetch });
  world = await providerWorld(providers, new Date().toISOString());
});
afterAll(async () => {
  await world.close();
  await issuer.close();
});

describe('sign-in through a real OpenID provider', () => {
  test('from the first redirect to a session, and tokens that refresh', async () => {
    issuer.signInAs({ sub: 'carol', email: 'carol@example.org', email_verified: true, name: 'Carol' });
    const { url, state } = await startProviderFlow(world.ctx, anonymous, starting());
    const callback = await issuer.visit(url);
    assert.equal(callback.searchParams.get('state'), state);
    const { flow, outcome } = await finishProviderFlow(
      world.ctx,
      anonymous,
      finishing({ state, code: callback.searchParams.get('code'), issuer: callback.searchParams.get('iss') }),
    );
    assert.equal(flow?.returnTo, '/done');
    assert.ok(!(outcome instanceof Refusal), outcome instanceof Refusal ? `${outcome.code} ${outcome.detail.why}` : '');
    assert.equal(outcome.kind, 'signed_in');
    if (outcome.kind !== 'signed_in' || outcome.admission.kind !== 'session') return assert.fail();
    assert.equal(outcome.person.email?.normal, 'carol@example.org');
    const actor = { ...anonymous, kind: 'user', live: outcome.admission.live } as const;
    const refreshed = await refreshProviderToken(world.ctx, actor, { provider: 'corp', subject: null });
    assert.ok(refreshed.tokens.accessToken);
  });

  test('a code of another flow does not fit: its verifier and nonce are its own', async () => {
    issuer.signInAs({ sub: 'dave', email: 'dave@example.org', email_verified: true });
    const theirs = await issuer.visit((await startProviderFlow(world.ctx, anonymous, starting())).url);
    const { state } = await startProviderFlow(world.ctx, anonymous, starting());
    const { outcome } = await finishProviderFlow(
      world.ctx,
      anonymous,
      finishing({ state, code: theirs.searchParams.get('code'), issuer: theirs.searchParams.get('iss') }),
    );
    assert.ok(outcome instanceof Refusal);
    assert.equal(outcome.code, 'provider_code_rejected');
  });
});
