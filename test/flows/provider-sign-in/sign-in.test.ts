import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'vitest';
import { minutes } from '../../../src/base/clock.ts';
import { Refusal } from '../../../src/base/refusal.ts';
import { asSystem } from '../../../src/core/acting.ts';
import type { Context } from '../../../src/core/context.ts';
import { type FinishProviderFlow, finishProviderFlow } from '../../../src/core/identities/finish-provider-flow.ts';
import { openTokens } from '../../../src/core/identities/identity-tokens.ts';
import { signInWithProviderToken } from '../../../src/core/identities/sign-in-with-provider-token.ts';
import { type StartProviderFlow, startProviderFlow } from '../../../src/core/identities/start-provider-flow.ts';
import { defaultPolicy } from '../../../src/core/policy.ts';
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

beforeEach(async () => {
  corp = scriptedProvider('corp');
  other = scriptedProvider('other', { trusted: false });
  const silent = scriptedProvider('silent', { tellsAddress: false });
  silent.says.profile = { email: null };
  const all = [corp, other, silent];
  world = await providerWorld({ find: (key) => all.find(({ facts }) => facts.key === key) ?? null, list: () => all });
});
afterEach(() => world.close());

interface Trip {
  readonly ctx?: Context;
  readonly start?: Partial<StartProviderFlow>;
  readonly finish?: Partial<FinishProviderFlow>;
}

/** Leaves for the provider and comes back. */
async function signIn({ ctx = world.ctx, start = {}, finish = {} }: Trip = {}) {
  const { state } = await startProviderFlow(ctx, anonymous, starting(start));
  return finishProviderFlow(ctx, anonymous, finishing({ state, provider: start.provider ?? 'corp', ...finish }));
}

async function signedIn(trip?: Trip) {
  const { outcome } = await signIn(trip);
  assert.ok(!(outcome instanceof Refusal), outcome instanceof Refusal ? outcome.code + outcome.detail.why : '');
  assert.equal(outcome.kind, 'signed_in');
  return outcome as Extract<typeof outcome, { kind: 'signed_in' }>;
}

const people = () => world.ctx.store.read.users.count();

describe('provider sign-in: the flow', () => {
  test('a stranger becomes a person with a verified address, an identity and a session', async () => {
    corp.says.tokens = { accessToken: 'at', refreshToken: 'rt', scopes: ['openid'] };
    const { person, admission, isNewUser } = await signedIn();
    assert.equal(isNewUser, true);
    assert.equal(admission.kind, 'session');
    assert.equal(person.email?.value, 'alice@example.org');
    assert.equal(person.email?.verifiedBy, 'provider');
    assert.equal(person.displayName, 'Alice');
    const [identity] = await world.ctx.store.read.identities.listOf(person.id);
    assert.equal(identity?.subject, 'subject-1');
    assert.deepEqual(openTokens(world.ctx, identity!), { accessToken: 'at', refreshToken: 'rt', idToken: null });
    assert.doesNotMatch(Buffer.from(identity!.accessToken!).toString('latin1'), /^at$/);
    const events = (await world.ctx.store.read.events.listOf(person.id, { limit: 10 })).map(({ type }) => type);
    assert.deepEqual(events.toSorted(), ['account.created', 'account.signed_in', 'provider.linked']);
  });

  test('the same subject is the same person, whatever the address says now (rule 1)', async () => {
    const first = await signedIn();
    corp.says.profile = { email: 'moved@example.org' };
    const second = await signedIn();
    assert.equal(second.person.id, first.person.id);
    assert.equal(second.isNewUser, false);
    corp.says.profile = { email: null };
    assert.equal((await signedIn()).person.id, first.person.id);
    assert.equal(await people(), 1);
  });

  test.each(['zoë@example.org', 'ada@127.0.0.1'])('mail does not reach %s: nobody gets it', async (email) => {
    corp.says.profile = { email };
    const { outcome } = await signIn();
    refusedWith(outcome, 'provider_email_missing');
    assert.equal(await people(), 0);
  });

  test('who is known comes in while the provider tells no addresses; nobody new does', async () => {
    corp.says.profile = { email: null, emailUnread: true };
    refusedWith((await signIn()).outcome, 'provider_unavailable', 'profile');
    assert.equal(await people(), 0);
    corp.says.profile = {};
    const { person } = await signedIn();
    corp.says.profile = { email: null, emailUnread: true };
    assert.equal((await signedIn()).person.id, person.id);
  });

  test('another subject with the same address of a person made here is linked: both sides proved it (rule 2)', async () => {
    const first = await signedIn();
    corp.says.profile = { subject: 'subject-2' };
    assert.equal((await signedIn()).person.id, first.person.id);
  });

  test('verifier and nonce go back to the provider, and only there', async () => {
    const { flow } = await signIn({ start: { appData: { codeVerifier: 'mine', returnTo: '//evil' } } });
    const [redeemed] = corp.seen.redeemed;
    assert.match(redeemed!.codeVerifier, /^[a-z0-9]{90}$/);
    assert.match(redeemed!.nonce!, /^[a-z0-9]{45}$/);
    assert.deepEqual(flow, {
      intent: 'sign_in',
      browserBound: true,
      outer: null,
      returnTo: '/done',
      newUserReturnTo: '/welcome',
      errorReturnTo: '/failed',
      appData: { codeVerifier: 'mine', returnTo: '//evil' },
    });
  });

  test('a state is used once, also when two use it at once', async () => {
    const { state } = await startProviderFlow(world.ctx, anonymous, starting());
    const finish = () => finishProviderFlow(world.ctx, anonymous, finishing({ state }));
    const outcomes = await Promise.all([finish(), finish(), finish(), finish()]);
    assert.equal(outcomes.filter(({ outcome }) => !(outcome instanceof Refusal)).length, 1);
    const again = await finish();
    refusedWith(again.outcome, 'flow_not_found', 'flow');
    assert.equal(again.flow, null);
    assert.equal(corp.seen.redeemed.length, 1);
  });

  test('no state, a made-up one and one past its ten minutes lead to no flow', async () => {
    const { state } = await startProviderFlow(world.ctx, anonymous, starting());
    world.clock.advance(minutes(10));
    for (const [value, field] of [
      [null, 'state'],
      ['', 'state'],
      ['x', 'flow'],
      [state, 'flow'],
    ] as const) {
      const { flow, outcome } = await finishProviderFlow(world.ctx, anonymous, finishing({ state: value }));
      refusedWith(outcome, 'flow_not_found', field);
      assert.equal(flow, null);
    }
  });

  for (const browserToken of [null, '', 'another'] as const) {
    test(`another browser (${browserToken}) is refused at the flow's own address, and the state is gone`, async () => {
      const { state } = await startProviderFlow(world.ctx, anonymous, starting());
      const { flow, outcome } = await finishProviderFlow(world.ctx, anonymous, finishing({ state, browserToken }));
      refusedWith(outcome, 'flow_not_found', 'browser');
      assert.equal(flow?.errorReturnTo, '/failed');
      refusedWith(
        (await finishProviderFlow(world.ctx, anonymous, finishing({ state }))).outcome,
        'flow_not_found',
        'flow',
      );
      assert.equal(corp.seen.redeemed.length, 0);
    });
  }

  test('a browser token of the surface binds instead of the state', async () => {
    const started = await startProviderFlow(world.ctx, anonymous, starting({ browserToken: 'jar' }));
    assert.equal(started.browserToken, 'jar');
    const { outcome } = await finishProviderFlow(world.ctx, anonymous, finishing({ state: started.state }));
    refusedWith(outcome, 'flow_not_found', 'browser');
    const done = await signIn({ start: { browserToken: 'jar' }, finish: { browserToken: 'jar' } });
    assert.ok(!(done.outcome instanceof Refusal));
  });

  test('a flow of one provider or surface is worthless at another (rule 7)', async () => {
    refusedWith((await signIn({ finish: { provider: 'other' } })).outcome, 'flow_not_found', 'provider');
    const { state } = await startProviderFlow(world.ctx, anonymous, starting());
    const pages = { ...world.ctx, surface: { ...world.ctx.surface, name: 'pages' as const } };
    refusedWith(
      (await finishProviderFlow(pages, anonymous, finishing({ state }))).outcome,
      'flow_not_found',
      'provider',
    );
  });

  test("the provider's refusal is passed on; no code is refused", async () => {
    const { outcome } = await signIn({ finish: { error: 'access_denied', errorDescription: 'no', code: null } });
    refusedWith(outcome, 'provider_denied');
    assert.equal((outcome as Refusal).detail.providerError, 'access_denied');
    assert.equal((outcome as Refusal).detail.providerErrorDescription, 'no');
    refusedWith((await signIn({ finish: { code: null } })).outcome, 'provider_code_rejected', 'code');
  });

  test('a provider switched off meanwhile ends the flow (rule 5)', async () => {
    const { state } = await startProviderFlow(world.ctx, anonymous, starting());
    corp.facts = { ...corp.facts, allowSignIn: false };
    const { flow, outcome } = await finishProviderFlow(world.ctx, anonymous, finishing({ state }));
    refusedWith(outcome, 'provider_not_found');
    assert.equal(flow?.errorReturnTo, '/failed');
  });

  test('refusals of the exchange are told; faults are thrown', async () => {
    corp.says.refusal = new Refusal('provider_unavailable');
    refusedWith((await signIn()).outcome, 'provider_unavailable');
    corp.redeem = async () => {
      throw new Error('a bug');
    };
    await assert.rejects(signIn(), /a bug/);
  });

  for (const name of [
    'state',
    'client_id',
    'redirect_uri',
    'response_type',
    'code_challenge',
    'nonce',
    'scope',
    'STATE',
  ]) {
    test(`the parameter ${name} is ours`, async () => {
      const start = startProviderFlow(world.ctx, anonymous, starting({ extraParameters: { [name]: 'x' } }));
      await assert.rejects(start, (fault) => fault instanceof Refusal && fault.code === 'provider_scope_refused');
    });
  }

  test('an unknown provider, a scope with a space and linking without a session start nothing', async () => {
    for (const [change, code] of [
      [{ provider: 'nobody' }, 'provider_not_found'],
      [{ extraScopes: ['a b'] }, 'provider_scope_refused'],
      [{ intent: 'link' }, 'not_signed_in'],
    ] as const) {
      const start = startProviderFlow(world.ctx, anonymous, starting(change));
      await assert.rejects(start, (fault) => fault instanceof Refusal && fault.code === code);
    }
  });
});

describe('provider sign-in: whose visit is it', () => {
  test('linked to the person with the same address, letter case aside, if all three conditions hold (rule 2)', async () => {
    const member = await world.member('alice@example.org', true);
    corp.says.profile = { email: 'Alice@Example.org' };
    const { person, isNewUser } = await signedIn();
    assert.equal(person.id, member.live.user.id);
    assert.equal(isNewUser, false);
  });

  const refusals: readonly (readonly [string, boolean, () => string, Partial<typeof defaultPolicy>?])[] = [
    ['the local address is not verified', false, () => 'corp'],
    [
      'the provider did not verify it',
      true,
      () => {
        corp.says.profile = { emailVerified: false };
        return 'corp';
      },
    ],
    ['the provider is not trusted', true, () => 'other'],
    ['policy does not merge', true, () => 'corp', { providers: { ...defaultPolicy.providers, merge: 'refuse' } }],
  ];
  for (const [name, verified, prepare, policy] of refusals) {
    test(`not linked: ${name}`, async () => {
      const member = await world.member('alice@example.org', verified);
      const provider = prepare();
      const { outcome } = await signIn({ ctx: world.withPolicy(policy ?? {}), start: { provider } });
      refusedWith(outcome, 'email_taken');
      assert.deepEqual(await world.ctx.store.read.identities.listOf(member.live.user.id), []);
      assert.equal(await people(), 1);
    });
  }

  test('the word of a provider that is not trusted does not prove an address to a trusted one (rule 3)', async () => {
    const squatter = await signedIn({ start: { provider: 'other' } });
    assert.equal(squatter.person.email?.verifiedBy, 'provider');
    refusedWith((await signIn()).outcome, 'email_taken');
  });

  test('no address, or none that is one, makes no person', async () => {
    for (const email of [null, 'not an address', 'a@b@c.example']) {
      corp.says.profile = { email };
      refusedWith((await signIn()).outcome, 'provider_email_missing');
    }
    assert.equal(await people(), 0);
  });

  test('of a provider that knows no addresses people come without one', async () => {
    const { person } = await signedIn({ start: { provider: 'silent' } });
    assert.equal(person.email, null);
    assert.equal((await signedIn({ start: { provider: 'silent' } })).person.id, person.id);
  });

  test('an address the provider did not verify stays unverified; a link is mailed where the surface has one', async () => {
    corp.says.profile = { emailVerified: false };
    const { person } = await signedIn({ finish: { verificationLink: 'https://id.example.com/verify/{token}' } });
    assert.equal(person.email?.verifiedAt, null);
    assert.equal((await world.ctx.store.read.jobs.counts()).ready, 1);
  });

  test('with required verification the person is made and gets no session', async () => {
    corp.says.profile = { emailVerified: false };
    const { outcome } = await signIn({ ctx: world.withPolicy({ emailVerification: 'required' }) });
    refusedWith(outcome, 'email_not_verified');
    assert.equal(await people(), 1);
  });

  test('a provider that must verify and did not', async () => {
    corp.facts = { ...corp.facts, requireVerifiedEmail: true };
    corp.says.profile = { emailVerified: false };
    refusedWith((await signIn()).outcome, 'provider_email_unverified');
    assert.equal(await people(), 0);
  });

  test('sign-up switched off: by policy, by provider, or not asked for', async () => {
    const closed = world.withPolicy({ signUp: { ...defaultPolicy.signUp, enabled: false } });
    refusedWith((await signIn({ ctx: closed })).outcome, 'sign_up_disabled');
    corp.facts = { ...corp.facts, signUp: false };
    refusedWith((await signIn()).outcome, 'sign_up_disabled');
    corp.facts = { ...corp.facts, signUp: true, implicitSignUp: false };
    refusedWith((await signIn()).outcome, 'sign_up_disabled');
    assert.equal(await people(), 0);
    await signedIn({ start: { requestSignUp: true } });
    await signedIn();
  });

  test('a banned person is refused at the gate', async () => {
    const { person } = await signedIn();
    const now = world.clock.now();
    await asSystem(world.ctx, (tx) => tx.users.update(person.id, { bannedAt: now }, now));
    refusedWith((await signIn()).outcome, 'user_banned');
  });

  test('of first visits at once one makes the person and all get in', async () => {
    const outcomes = await Promise.all([signedIn(), signedIn(), signedIn(), signedIn()]);
    assert.equal(new Set(outcomes.map(({ person }) => person.id)).size, 1);
    assert.equal(outcomes.filter(({ isNewUser }) => isNewUser).length, 1);
    assert.equal(await people(), 1);
  });

  test('name and picture follow the provider only where configured; nothing unfit is taken over', async () => {
    await signedIn();
    corp.says.profile = { name: 'Alicia', imageUrl: 'javascript:alert(1)' };
    assert.equal((await signedIn()).person.displayName, 'Alice');
    corp.facts = { ...corp.facts, refreshProfile: true };
    const { person } = await signedIn();
    assert.equal(person.displayName, 'Alicia');
    assert.equal(person.imageUrl, null);
    corp.says.profile = { name: 'Line\nbreak' };
    assert.equal((await signedIn()).person.displayName, 'Alicia');
    const events = await world.ctx.store.read.events.listOf(person.id, { limit: 100 });
    const updates = events.filter(({ type }) => type === 'account.updated').map(({ data }) => data);
    assert.deepEqual(updates, [{ fields: ['displayName'], by: 'provider' }]);
  });

  test('scopes are merged; a token that does not come again is kept', async () => {
    corp.says.tokens = { accessToken: 'a1', refreshToken: 'r1', scopes: ['openid', 'calendar'] };
    const { person } = await signedIn();
    corp.says.tokens = { accessToken: 'a2', scopes: ['openid', 'mail'] };
    await signedIn();
    const [identity] = await world.ctx.store.read.identities.listOf(person.id);
    assert.deepEqual(identity?.scopes, ['openid', 'calendar', 'mail']);
    assert.deepEqual(openTokens(world.ctx, identity!), { accessToken: 'a2', refreshToken: 'r1', idToken: null });
  });
});

describe('sign-in with an ID token', () => {
  const token = {
    provider: 'corp',
    idToken: 'signed',
    nonce: null,
    accessToken: 'at',
    refreshToken: null,
    accessExpiresAt: null,
    scopes: [],
    displayName: 'Told once',
    requestSignUp: false,
    verificationLink: null,
  };
  const isRefusal = (code: string) => (fault: unknown) => fault instanceof Refusal && fault.code === code;

  test('ends in a session; the name is taken where the token has none', async () => {
    corp.says.profile = { name: null };
    const { admission, person, isNewUser } = await signInWithProviderToken(world.ctx, anonymous, token);
    assert.equal(admission.kind, 'session');
    assert.equal(isNewUser, true);
    assert.equal(person.displayName, 'Told once');
  });

  test('refused: a token that is not right, a provider without ID tokens, an unknown one, a foreign address', async () => {
    corp.says.refusal = new Refusal('provider_token_rejected');
    await assert.rejects(signInWithProviderToken(world.ctx, anonymous, token), isRefusal('provider_token_rejected'));
    corp.says.refusal = null;
    corp.facts = { ...corp.facts, acceptsIdTokens: false };
    await assert.rejects(signInWithProviderToken(world.ctx, anonymous, token), isRefusal('provider_token_rejected'));
    const unknown = { ...token, provider: 'nobody' };
    await assert.rejects(signInWithProviderToken(world.ctx, anonymous, unknown), isRefusal('provider_not_found'));
    await world.member('alice@example.org', false);
    corp.facts = { ...corp.facts, acceptsIdTokens: true };
    await assert.rejects(signInWithProviderToken(world.ctx, anonymous, token), isRefusal('email_taken'));
  });
});
