import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'vitest';
import { later, minutes } from '../../../src/base/clock.ts';
import { Refusal, type RefusalCode } from '../../../src/base/refusal.ts';
import { asSystem } from '../../../src/core/acting.ts';
import type { Actor, UserActor } from '../../../src/core/actor.ts';
import type { Context } from '../../../src/core/context.ts';
import { finishProviderFlow } from '../../../src/core/identities/finish-provider-flow.ts';
import { linkProviderToken } from '../../../src/core/identities/link-provider-token.ts';
import { listIdentities } from '../../../src/core/identities/list-identities.ts';
import { readProviderProfile } from '../../../src/core/identities/read-provider-profile.ts';
import { readProviderToken } from '../../../src/core/identities/read-provider-token.ts';
import { refreshProviderToken } from '../../../src/core/identities/refresh-provider-token.ts';
import { startProviderFlow } from '../../../src/core/identities/start-provider-flow.ts';
import { unlinkIdentity } from '../../../src/core/identities/unlink-identity.ts';
import { defaultPolicy } from '../../../src/core/policy.ts';
import { removePassword } from '../../../src/core/users/remove-password.ts';
import {
  anonymous,
  finishing,
  type ProviderWorld,
  providerWorld,
  refusedWith,
  type ScriptedProvider,
  scriptedProvider,
  starting,
} from '../../kit/provider-world.ts';

let world: ProviderWorld;
let corp: ScriptedProvider;
let other: ScriptedProvider;
let alice: UserActor;
let bob: UserActor;

beforeEach(async () => {
  corp = scriptedProvider('corp');
  other = scriptedProvider('other', { trusted: false });
  const all = [corp, other];
  world = await providerWorld({ find: (key) => all.find(({ facts }) => facts.key === key) ?? null, list: () => all });
  alice = await world.member('alice@example.org', true);
  bob = await world.member('bob@example.org', true);
});
afterEach(() => world.close());

async function link(actor: UserActor, { ctx = world.ctx, provider = 'corp', back = actor as Actor } = {}) {
  const { state } = await startProviderFlow(ctx, actor, starting({ intent: 'link', provider }));
  return (await finishProviderFlow(ctx, back, finishing({ state, provider }))).outcome;
}

async function linked(actor: UserActor, options?: { ctx?: Context; provider?: string }) {
  const outcome = await link(actor, options);
  assert.ok(!(outcome instanceof Refusal), outcome instanceof Refusal ? outcome.code : '');
  assert.equal(outcome.kind, 'linked');
  return (outcome as Extract<typeof outcome, { kind: 'linked' }>).identity;
}

const rejects = (work: Promise<unknown>, code: RefusalCode) =>
  assert.rejects(work, (fault) => {
    assert.ok(fault instanceof Refusal, String(fault));
    assert.equal(fault.code, code);
    return true;
  });

describe('linking an identity', () => {
  test('the signed-in person gets the identity and no new session', async () => {
    const sessions = await world.ctx.store.read.sessions.listOf(alice.live.user.id, world.clock.now());
    const identity = await linked(alice);
    assert.equal(identity.userId, alice.live.user.id);
    assert.equal(identity.lastSignInAt, null);
    const after = await world.ctx.store.read.sessions.listOf(alice.live.user.id, world.clock.now());
    assert.equal(after.length, sessions.length);
    const { identities, password } = await listIdentities(world.ctx, alice);
    assert.deepEqual(
      identities.map(({ id }) => id),
      [identity.id],
    );
    assert.ok(password);
  });

  test('linking again renews tokens and changes nothing else', async () => {
    corp.says.tokens = { accessToken: 'a1' };
    const first = await linked(alice);
    corp.says.tokens = { accessToken: 'a2' };
    assert.equal((await linked(alice)).id, first.id);
    assert.equal((await readProviderToken(world.ctx, alice, { id: first.id })).accessToken, 'a2');
  });

  test("somebody else's identity is taken", async () => {
    await linked(alice);
    corp.says.profile = { email: 'bob@example.org' };
    refusedWith(await link(bob), 'identity_taken');
  });

  test('another address is refused unless policy allows it', async () => {
    corp.says.profile = { email: 'else@example.org' };
    refusedWith(await link(alice), 'identity_address_differs');
    const ctx = world.withPolicy({ providers: { ...defaultPolicy.providers, linkDifferentEmails: true } });
    await linked(alice, { ctx });
  });

  test('not trusted and not verified is not linkable; not trusted but verified is', async () => {
    other.says.profile = { emailVerified: false };
    refusedWith(await link(alice, { provider: 'other' }), 'identity_not_linkable');
    other.says.profile = {};
    await linked(alice, { provider: 'other' });
  });

  test('the session that asked must still be there, and nobody else signed in', async () => {
    refusedWith(await link(alice, { back: bob }), 'flow_not_found', 'session');
    const { state } = await startProviderFlow(world.ctx, alice, starting({ intent: 'link' }));
    await asSystem(world.ctx, (tx) => tx.sessions.end(alice.live.session.id));
    const { outcome } = await finishProviderFlow(world.ctx, anonymous, finishing({ state }));
    refusedWith(outcome, 'flow_not_found', 'session');
    assert.equal(corp.seen.redeemed.length, 0);
  });

  test('a provider that may not be connected is not found', async () => {
    corp.facts = { ...corp.facts, allowConnect: false };
    await rejects(startProviderFlow(world.ctx, alice, starting({ intent: 'link' })), 'provider_not_found');
  });

  test('by ID token', async () => {
    const token = {
      provider: 'corp',
      idToken: 'signed',
      nonce: null,
      accessToken: null,
      refreshToken: null,
      accessExpiresAt: null,
      scopes: [],
      displayName: null,
    };
    const { identity } = await linkProviderToken(world.ctx, alice, token);
    assert.equal(identity.userId, alice.live.user.id);
    await rejects(linkProviderToken(world.ctx, bob, token), 'identity_taken');
    corp.says.refusal = new Refusal('provider_token_rejected');
    await rejects(linkProviderToken(world.ctx, alice, token), 'provider_token_rejected');
  });
});

describe('unlinking (core map P9)', () => {
  test('removes the chosen identity only, by its id or by provider and subject', async () => {
    const one = await linked(alice);
    corp.says.profile = { subject: 'subject-2' };
    const two = await linked(alice);
    await unlinkIdentity(world.ctx, alice, { provider: 'corp', subject: 'subject-1' });
    assert.deepEqual(
      (await listIdentities(world.ctx, alice)).identities.map(({ id }) => id),
      [two.id],
    );
    await rejects(unlinkIdentity(world.ctx, alice, { id: one.id }), 'identity_not_found');
    await unlinkIdentity(world.ctx, alice, { id: two.id });
    // With one way in left, that is what is said, whatever was named.
    await rejects(unlinkIdentity(world.ctx, alice, { id: two.id }), 'identity_last_method');
  });

  test("somebody else's identity is unknown (rule 28)", async () => {
    const identity = await linked(alice);
    corp.says.profile = { subject: 'bobs', email: 'bob@example.org' };
    await linked(bob);
    await rejects(unlinkIdentity(world.ctx, bob, { id: identity.id }), 'identity_not_found');
    await rejects(readProviderToken(world.ctx, bob, { id: identity.id }), 'identity_not_found');
    await rejects(readProviderProfile(world.ctx, bob, { id: identity.id }), 'identity_not_found');
  });

  test('the last way in stays, unless policy says otherwise', async () => {
    const identity = await linked(alice);
    await removePassword(world.ctx, alice);
    await rejects(unlinkIdentity(world.ctx, alice, { id: identity.id }), 'identity_last_method');
    await rejects(removePassword(world.ctx, bob), 'identity_last_method');
    const ctx = world.withPolicy({ users: { ...defaultPolicy.users, mayRemoveLastMethod: true } });
    await unlinkIdentity(ctx, alice, { id: identity.id });
    await rejects(removePassword(ctx, alice), 'password_not_set');
  });

  test('an identity of a provider that is switched off is no way in', async () => {
    await linked(alice);
    corp.facts = { ...corp.facts, allowSignIn: false };
    await rejects(removePassword(world.ctx, alice), 'identity_last_method');
  });
});

describe("the provider's tokens", () => {
  const tokens = () => ({
    accessToken: 'a1',
    refreshToken: 'r1',
    accessExpiresAt: later(world.clock.now(), minutes(10)),
    scopes: ['openid', 'mail'],
  });

  test('handed out as they are while they live, refreshed within five seconds of their end', async () => {
    corp.says.tokens = tokens();
    const { id } = await linked(alice);
    assert.equal((await readProviderToken(world.ctx, alice, { id })).accessToken, 'a1');
    assert.deepEqual(corp.seen.refreshedWith, []);
    world.clock.advance(minutes(10) - 5000);
    corp.refreshed = { accessToken: 'a2', idToken: 'i2', scopes: ['openid'] };
    const { accessToken, tokens: kept, identity } = await readProviderToken(world.ctx, alice, { id });
    assert.equal(accessToken, 'a2');
    assert.deepEqual(corp.seen.refreshedWith, ['r1']);
    // A provider that does not rotate keeps the old refresh token; narrower scopes take nothing back.
    assert.equal(kept.refreshToken, 'r1');
    assert.equal(kept.idToken, 'i2');
    assert.deepEqual(identity.scopes, ['openid', 'mail']);
  });

  test('a refused refresh is a token that is not there; asked for itself, it says so', async () => {
    corp.says.tokens = tokens();
    const { id } = await linked(alice);
    world.clock.advance(minutes(11));
    corp.refreshed = new Refusal('provider_rejected_refresh');
    await rejects(readProviderToken(world.ctx, alice, { id }), 'provider_token_unavailable');
    await rejects(refreshProviderToken(world.ctx, alice, { id }), 'provider_rejected_refresh');
  });

  test('nothing to refresh with, nothing to hand out, a provider that is gone', async () => {
    const { id } = await linked(alice);
    await rejects(refreshProviderToken(world.ctx, alice, { id }), 'provider_refresh_unsupported');
    await rejects(readProviderToken(world.ctx, alice, { id }), 'provider_token_unavailable');
    const without = { ...world.ctx, providers: { find: () => null, list: () => [] } };
    await rejects(readProviderToken(without, alice, { id }), 'provider_not_found');
  });

  test('who loses a race for a rotating refresh token takes what the winner got', async () => {
    corp.says.tokens = tokens();
    const { id } = await linked(alice);
    const answer = corp.refresh;
    corp.refreshed = { accessToken: 'a2', refreshToken: 'r2' };
    let first = true;
    corp.refresh = async (refreshToken) => {
      if (!first) return answer(refreshToken);
      first = false;
      await refreshProviderToken(world.ctx, alice, { id });
      throw new Refusal('provider_rejected_refresh');
    };
    assert.equal((await refreshProviderToken(world.ctx, alice, { id })).tokens.accessToken, 'a2');
  });

  test('the profile is asked for again and must be of the same subject', async () => {
    corp.says.tokens = tokens();
    const { id } = await linked(alice);
    assert.equal((await readProviderProfile(world.ctx, alice, { id })).profile.name, 'Alice');
    corp.says.profile = { subject: 'somebody-else' };
    await rejects(readProviderProfile(world.ctx, alice, { id }), 'provider_profile_unusable');
  });
});
