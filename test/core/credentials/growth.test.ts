import { describe, expect, test } from 'vitest';
import { hours, minutes } from '../../../src/base/clock.ts';
import { act } from '../../../src/core/acting.ts';
import type { UserActor } from '../../../src/core/actor.ts';
import { linkProviderToken } from '../../../src/core/identities/link-provider-token.ts';
import { signInWithProviderToken } from '../../../src/core/identities/sign-in-with-provider-token.ts';
import { registerPasskey, startPasskeyRegistration } from '../../../src/core/passkeys/register-passkey.ts';
import { signInWithPasskey, startPasskeySignIn } from '../../../src/core/passkeys/sign-in-with-passkey.ts';
import { changePassword } from '../../../src/core/passwords/change-password.ts';
import { setFirstPassword } from '../../../src/core/passwords/set-first-password.ts';
import { removePassword } from '../../../src/core/users/remove-password.ts';
import type { Person } from '../../../src/core/users/user.ts';
import { Authenticator } from '../../kit/authenticator.ts';
import { asUser, type CoreWorld, onOneEngine, password, stranger } from '../../kit/core-world.ts';
import { scriptedProvider } from '../../kit/provider-world.ts';

// A session that was stolen within a day may add a way in. Signing in with that must not make it more than it was.

const corp = scriptedProvider('corp');
const identityProviders = { find: (key: string) => (key === 'corp' ? corp : null), list: () => [corp] };
/** Each is shown once. */
const aToken = () => ({
  ...{
    provider: 'corp',
    idToken: crypto.randomUUID(),
    nonce: null,
    accessToken: null,
    refreshToken: null,
    accessExpiresAt: null,
  },
  ...{ scopes: [], displayName: null },
});
const origin = 'http://localhost:3000';

const says = (subject: string, { live }: UserActor) => ({
  ...{ profile: { subject, email: live.user.email!.value }, tokens: {}, refusal: null },
});

type SignIn = () => Promise<UserActor>;

/** Adds a way in and says how to sign in with it. */
const waysIn: Readonly<Record<string, (world: CoreWorld, actor: UserActor) => Promise<SignIn>>> = {
  async 'a first password'(world, actor) {
    await setFirstPassword(world.context(), actor, 'battery staple');
    const { value } = actor.live.user.email!;
    return async () => (await world.signIn(value, { password: 'battery staple' })).actor;
  },

  async 'a passkey'(world, actor) {
    const ctx = world.context();
    // No user verification: it is one factor, as the others are.
    const authenticator = new Authenticator({ verifiesUsers: false });
    const { token, challenge, userHandle } = await startPasskeyRegistration(ctx, actor);
    const options = { challenge, rp: { id: 'localhost' }, user: { id: userHandle } };
    const response = authenticator.create(options, origin);
    await registerPasskey(ctx, actor, { token, response, name: null });
    return async () => {
      const started = await startPasskeySignIn(ctx, stranger);
      const shown = authenticator.get({ challenge: started.challenge, rpId: 'localhost' }, origin);
      return asUser(await signInWithPasskey(ctx, stranger, { token: started.token, response: shown })).actor;
    };
  },

  async 'an identity'(world, actor) {
    const subject = crypto.randomUUID();
    corp.says = says(subject, actor);
    await linkProviderToken(world.context(), actor, aToken());
    return async () => {
      corp.says = says(subject, actor);
      const input = { ...aToken(), requestSignUp: false, verificationLink: null };
      return asUser((await signInWithProviderToken(world.context(), stranger, input)).admission).actor;
    };
  },
};

onOneEngine('A way in that was added', { identityProviders }, (world) => {
  const mayReplace = (actor: UserActor): Promise<string> =>
    act(world.context(), actor, { change: 'sign_in_address_replaced' }, async () => 'replaced').catch(
      ({ code }) => code,
    );

  /** Somebody who signs in by password, unless that is what will be added. */
  async function stolen(name: string): Promise<UserActor> {
    const person: Person = await world.person();
    const { actor } = await world.signIn(person);
    if (name === 'a first password') {
      await act(world.context(), actor, { change: 'password_removed' }, (tx) => tx.passwords.remove(person.id));
    }
    return actor;
  }

  describe.each(Object.entries(waysIn))('%s', (name, add) => {
    test('by a session of some hours adds, and proves nothing strong for a day', async () => {
      const actor = await stolen(name);
      world.clock.advance(hours(2));
      const signIn = await add(world, actor);
      expect(await mayReplace(await signIn())).toBe('session_not_fresh');
      world.clock.advance(hours(24) - 1);
      expect(await mayReplace(await signIn())).toBe('session_not_fresh');
      world.clock.advance(1);
      expect(await mayReplace(await signIn())).toBe('replaced');
    });

    test('just after signing in is a way in as any other', async () => {
      const actor = await stolen(name);
      world.clock.advance(minutes(9));
      const signIn = await add(world, actor);
      world.clock.advance(hours(1));
      expect(await mayReplace(await signIn())).toBe('replaced');
    });
  });

  test('does not vouch for itself as the password in the call either', async () => {
    const ctx = world.context();
    const actor = await stolen('a first password');
    world.clock.advance(hours(2));
    await waysIn['a first password']!(world, actor);
    const change = { current: 'battery staple', next: 'another battery', newToken: false };
    await expect(changePassword(ctx, actor, change)).rejects.toMatchObject({ code: 'session_not_fresh' });
  });

  test('leaves the proofs of what the person had before', async () => {
    const actor = await stolen('a passkey');
    world.clock.advance(hours(2));
    await waysIn['a passkey']!(world, actor);
    expect(await mayReplace((await world.signIn(actor.live.user, { password })).actor)).toBe('replaced');
    await removePassword(world.context(), (await world.signIn(actor.live.user)).actor);
  });
});
