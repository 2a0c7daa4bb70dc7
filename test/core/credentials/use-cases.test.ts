import { describe, expect, test } from 'vitest';
import { hours, minutes } from '../../../src/base/clock.ts';
import { asSystem } from '../../../src/core/acting.ts';
import type { UserActor } from '../../../src/core/actor.ts';
import { requestEmailChange } from '../../../src/core/emails/change-email.ts';
import { addEmail, removeEmail, updateEmail } from '../../../src/core/emails/manage-emails.ts';
import { activateTotp } from '../../../src/core/factors/activate-totp.ts';
import { sendProofCode } from '../../../src/core/factors/mail-code.ts';
import {
  disableSecondFactor,
  enableMailFactor,
  generateBackupCodes,
  showTotp,
  stageTotp,
  stageTotpSecret,
} from '../../../src/core/factors/manage-factors.ts';
import { proveMailCode, proveTotp } from '../../../src/core/factors/prove-factor.ts';
import { editIdentity } from '../../../src/core/identities/edit-identity.ts';
import { linkProviderToken } from '../../../src/core/identities/link-provider-token.ts';
import { detachIdentity, unlinkIdentity, unlinkProvider } from '../../../src/core/identities/unlink-identity.ts';
import { createApiKey } from '../../../src/core/keys/create-api-key.ts';
import { revokeApiKey, updateApiKey } from '../../../src/core/keys/manage-api-keys.ts';
import { removePasskey, renamePasskey } from '../../../src/core/passkeys/manage-passkeys.ts';
import { registerPasskey, startPasskeyRegistration } from '../../../src/core/passkeys/register-passkey.ts';
import { changePassword } from '../../../src/core/passwords/change-password.ts';
import { setFirstPassword } from '../../../src/core/passwords/set-first-password.ts';
import { admitUser } from '../../../src/core/sessions/admit-user.ts';
import { endAllSessions, endOtherSessions } from '../../../src/core/sessions/end-session.ts';
import { deleteOwnUser, requestUserDeletion } from '../../../src/core/users/delete-user.ts';
import { editUser, type PersonEdit } from '../../../src/core/users/edit-user.ts';
import { removePassword } from '../../../src/core/users/remove-password.ts';
import type { Email } from '../../../src/core/users/user.ts';
import { asUser, type CoreWorld, onOneEngine, password, stranger } from '../../kit/core-world.ts';
import { outcomeOf } from '../../kit/outcome.ts';
import { scriptedProvider } from '../../kit/provider-world.ts';
import { aServer } from '../../kit/servers.ts';

/** Somebody with an authenticator app, who showed it at the sign-in, and has two addresses. */
interface Asking {
  readonly world: CoreWorld;
  readonly actor: UserActor;
  readonly userId: string;
  /** They sign in with it. */
  readonly primary: Email;
  /** They do not. */
  readonly other: Email;
}

type UseCase = (asking: Asking) => Promise<unknown>;

const nothing = '0190f6f0-0000-7000-8000-000000000000';
const link = 'https://example.org/{token}';
const secret = new Uint8Array(20).fill(7);

const edit =
  (change: PersonEdit): UseCase =>
  ({ world, actor, userId }) =>
    editUser(world.context('hexclave'), actor, userId, change);

const address =
  (which: 'primary' | 'other', change: object): UseCase =>
  ({ world, actor, userId, ...asking }) =>
    updateEmail(world.context('hexclave'), actor, { userId, emailId: asking[which].id, ...change });

const corp = scriptedProvider('corp');
const identityProviders = { find: (key: string) => (key === 'corp' ? corp : null), list: () => [corp] };
/** Each is shown once. */
const aToken = () => ({
  ...{
    idToken: crypto.randomUUID(),
    nonce: null,
    accessToken: null,
    refreshToken: null,
    accessExpiresAt: null,
    scopes: [],
  },
  displayName: null,
});

const newAddress = { isPrimary: false, usedForAuth: false, verified: false };

/**
 * What each use case asks of the session, in words of its own: the table of changes is compared with this. A code of the
 * factor stands in for all of it, and is tested where such codes are.
 */
const asked: Readonly<Record<'strong' | 'recent' | 'none', Readonly<Record<string, UseCase>>>> = {
  strong: {
    'changing the password': ({ world, actor }) =>
      changePassword(world.context(), actor, { current: password, next: 'battery staple', newToken: false }),
    'removing the password': ({ world, actor }) => removePassword(world.context(), actor),
    'showing the secret of the app again': ({ world, actor }) => showTotp(world.context(), actor, password),
    'switching the second factor off': ({ world, actor }) => disableSecondFactor(world.context(), actor, password),
    'taking the app away in an edit': edit({ totpSecret: null }),
    'replacing the app in an edit': edit({ totpSecret: secret }),
    'renewing backup codes': ({ world, actor }) => generateBackupCodes(world.context(), actor, password),
    'staging a secret, which renews the backup codes of a factor that is on': ({ world, actor }) =>
      stageTotp(world.context(), actor, password),
    'replacing the address by links': ({ world, actor }) =>
      requestEmailChange(world.context(), actor, { newAddress: 'new@example.org', link }),
    'replacing the primary address in an edit': edit({ primaryEmail: 'elsewhere@example.org' }),
    'letting an address sign in': address('other', { usedForAuth: true }),
    'adding an address that signs in': ({ world, actor, userId }) =>
      addEmail(world.context('hexclave'), actor, {
        ...{ userId, address: `more-${userId}@example.org`, ...newAddress, usedForAuth: true },
      }),
    'rewriting an address that signs in': address('primary', { address: 'rewritten@example.org' }),
    'ending that an address signs in': address('primary', { usedForAuth: false }),
    'removing an address that signs in': ({ world, actor, userId, primary }) =>
      removeEmail(world.context('hexclave'), actor, { userId, emailId: primary.id }),
    'staging a secret without a password': ({ world, actor }) => stageTotpSecret(world.context(), actor),
    'activating an app by its first code': ({ world, actor }) =>
      activateTotp(world.context('axumkit'), actor, '000000'),
    'switching mailed codes on': ({ world, actor }) => enableMailFactor(world.context(), actor, password),
    'making another address the primary one': address('other', { isPrimary: true }),
    'asking for a passkey': ({ world, actor }) => startPasskeyRegistration(world.context(), actor),
    'registering a passkey': ({ world, actor }) =>
      registerPasskey(world.context(), actor, { token: 'x', response: {}, name: null }),
  },
  recent: {
    'setting the first password': ({ world, actor }) => setFirstPassword(world.context(), actor, 'battery staple'),
    'adding an address': ({ world, actor, userId }) =>
      addEmail(world.context('hexclave'), actor, { userId, address: `more-${userId}@example.org`, ...newAddress }),
    'rewriting an address that does not sign in': address('other', { address: 'other@example.net' }),
    'removing an address that does not sign in': ({ world, actor, userId, other }) =>
      removeEmail(world.context('hexclave'), actor, { userId, emailId: other.id }),
    'switching sign-in by mailed codes': edit({ emailCodeEnabled: true }),
    'removing a passkey': ({ world, actor }) => removePasskey(world.context(), actor, nothing),
    'taking passkeys away in an edit': edit({ withoutPasskeys: true }),
    'making an API key': ({ world, actor }) =>
      createApiKey(world.context(), actor, { name: 'key', prefix: null, actsAsOwner: false }),
    'editing an identity': ({ world, actor, userId }) =>
      editIdentity(world.context('hexclave'), actor, { userId, id: nothing }, { allowSignIn: false }),
    'linking an identity by a token of the provider': ({ world, actor }) =>
      linkProviderToken(world.context(), actor, { ...aToken(), provider: 'corp' }),
    'unlinking an identity': ({ world, actor }) => unlinkIdentity(world.context(), actor, { id: nothing }),
    'unlinking a provider': ({ world, actor }) => unlinkProvider(world.context('axumkit'), actor, 'github'),
    'detaching an identity': ({ world, actor, userId }) =>
      detachIdentity(world.context('hexclave'), actor, { userId, id: nothing }),
    'deleting the account': ({ world, actor }) => deleteOwnUser(world.context('hexclave'), actor),
    'asking for the account to be deleted': ({ world, actor }) =>
      requestUserDeletion(world.context(), actor, { password: null, link }),
    'editing an API key': ({ world, actor }) => updateApiKey(world.context(), actor, nothing, { name: 'key' }),
  },
  none: {
    'ending other sessions': ({ world, actor }) => endOtherSessions(world.context(), actor),
    'ending all sessions': ({ world, actor }) => endAllSessions(world.context(), actor),
    'renaming a passkey': ({ world, actor }) => renamePasskey(world.context(), actor, nothing, 'phone'),
    'revoking an API key': ({ world, actor }) => revokeApiKey(world.context(), actor, nothing),
    'renaming oneself': edit({ displayName: 'Countess' }),
  },
};

const policy = { 'users.selfDeletion': true, 'users.mayRemoveLastMethod': true };

onOneEngine('what a use case asks of the session', { policy, identityProviders }, (world) => {
  async function asking(): Promise<Asking> {
    const ctx = world.context('hexclave');
    const { id: userId } = await world.person();
    const server = aServer();
    await editUser(ctx, server, userId, { totpSecret: secret });
    const other = await addEmail(ctx, server, { userId, address: `other-${userId}@example.org`, ...newAddress });
    const person = (await ctx.store.read.users.find(userId))!;
    const admission = await asSystem(ctx, (tx) =>
      admitUser(world.context(), tx, stranger, person, {
        ...{ method: 'password', strongFrom: null, secondFactor: 'totp', persistent: true },
      }),
    );
    if (!('kind' in admission)) throw admission;
    return { world, actor: asUser(admission).actor, userId, primary: person.email!, other };
  }

  /** Whether the proof is what refuses it, at this age of the sign-in. */
  async function refusedAfter(ms: number, useCase: UseCase): Promise<boolean> {
    const who = await asking();
    world.clock.advance(ms);
    return (await outcomeOf(useCase(who))) === 'session_not_fresh';
  }

  const ages: Readonly<Record<keyof typeof asked, readonly [now: boolean, later: boolean, nextDay: boolean]>> = {
    strong: [false, true, true],
    recent: [false, false, true],
    none: [false, false, false],
  };

  describe.each(Object.keys(ages) as (keyof typeof ages)[])('%s', (proof) => {
    test.each(Object.entries(asked[proof]))('%s', async (_name, useCase) => {
      const found: boolean[] = [];
      for (const age of [0, minutes(11), hours(24)]) found.push(await refusedAfter(age, useCase));
      expect(found).toEqual(ages[proof]);
    });
  });

  describe('a first factor that is switched on by a code', () => {
    /** One person: signed in a day ago, and just now. */
    async function twice(): Promise<{ old: UserActor; fresh: UserActor }> {
      const person = await world.person();
      const { actor: old } = await world.signIn(person);
      world.clock.advance(hours(24));
      return { old, fresh: (await world.signIn(person)).actor };
    }

    test('of the app wants a recent sign-in', async () => {
      const ctx = world.context();
      const { old, fresh } = await twice();
      await stageTotpSecret(ctx, fresh);
      expect(await outcomeOf(proveTotp(ctx, old, '000000'))).toBe('session_not_fresh');
      expect(await outcomeOf(proveTotp(ctx, fresh, '000000'))).toBe('second_factor_rejected');
    });

    test('of a mail wants a recent sign-in', async () => {
      const ctx = world.context();
      const { old, fresh } = await twice();
      for (const [actor, answer] of [
        [old, 'session_not_fresh'],
        [fresh, 'ok'],
      ] as const) {
        await sendProofCode(ctx, actor);
        const [code] = /\b\d{6}\b/.exec((await world.mail(actor.live.user.email!.value)).text)!;
        expect(await outcomeOf(proveMailCode(ctx, actor, code))).toBe(answer);
      }
    });
  });
  test('a further factor makes the one that was shown no younger', async () => {
    const { actor } = await asking();
    world.clock.advance(minutes(6));
    const ctx = world.context();
    expect(await outcomeOf(enableMailFactor(ctx, actor, password))).toBe('ok');
    world.clock.advance(minutes(6));
    expect(await outcomeOf(disableSecondFactor(ctx, actor, password))).toBe('session_not_fresh');
  });
});
