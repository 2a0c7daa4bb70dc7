import { describe, expect, test } from 'vitest';
import { hours, minutes } from '../../src/base/clock.ts';
import type { Refusal } from '../../src/base/refusal.ts';
import { asSystem } from '../../src/core/acting.ts';
import { type KeyActor, nowhere, type UserActor } from '../../src/core/actor.ts';
import { mailLinkTo } from '../../src/core/emails/mail-verification-link.ts';
import { addEmail, updateEmail } from '../../src/core/emails/manage-emails.ts';
import { requestEmailVerification } from '../../src/core/emails/request-email-verification.ts';
import { verifyEmail } from '../../src/core/emails/verify-email.ts';
import { readProviderToken } from '../../src/core/identities/read-provider-token.ts';
import { createApiKey } from '../../src/core/keys/create-api-key.ts';
import { setPasswordForUser } from '../../src/core/passwords/set-password-for-user.ts';
import { admitUser, type Proof } from '../../src/core/sessions/admit-user.ts';
import { requestMailCode } from '../../src/core/sign-in/request-mail-code.ts';
import { editUser } from '../../src/core/users/edit-user.ts';
import { editUserByAdmin } from '../../src/core/users/edit-user-by-admin.ts';
import { deleteAnonymousUser, signUpAnonymously } from '../../src/core/users/sign-up-anonymously.ts';
import { signUpWithPassword } from '../../src/core/users/sign-up-with-password.ts';
import { updateProfile } from '../../src/core/users/update-profile.ts';
import type { Person } from '../../src/core/users/user.ts';
import { asUser, type CoreWorld, onOneEngine, password, stranger } from '../kit/core-world.ts';
import { aServer } from '../kit/servers.ts';

const link = 'http://localhost:3000/verify?token={token}';

const codeOf = (work: Promise<unknown>): Promise<string> => work.then(() => 'done').catch((r: Refusal) => r.code);

async function open(world: CoreWorld, person: Person, proof: Partial<Proof> = {}): Promise<UserActor> {
  const ctx = world.context('hexclave');
  const admission = await asSystem(ctx, (tx) =>
    admitUser(ctx, tx, stranger, person, { method: 'password', strongFrom: null, persistent: true, ...proof } as Proof),
  );
  if (!('kind' in admission)) throw admission;
  return asUser(admission).actor;
}

/** As a server opens it: it names no administrator. */
const impersonate = (world: CoreWorld, person: Person) => open(world, person, { method: 'impersonation' });

async function anonymous(world: CoreWorld): Promise<Person> {
  return asUser(await signUpAnonymously(world.context('hexclave'), stranger)).actor.live.user;
}

onOneEngine('An impersonated session', {}, (world) => {
  test('does not take an anonymous account over by signing up', async () => {
    const victim = await anonymous(world);
    const actor = await impersonate(world, victim);
    const { person } = await signUpWithPassword(world.context('hexclave'), actor, {
      ...{ email: 'taker@example.org', password, displayName: null, persistent: true, verificationLink: null },
    });
    expect(person.id).not.toBe(victim.id);
    expect(await world.context().store.read.users.find(victim.id)).toMatchObject({ anonymous: true });
  });

  test('does not delete an anonymous account', async () => {
    const victim = await anonymous(world);
    const actor = await impersonate(world, victim);
    expect(await codeOf(deleteAnonymousUser(world.context('hexclave'), actor))).toBe('impersonated_session');
  });

  test('does not rename the name that its person signs in with', async () => {
    const victim = await world.person({ username: 'victim' });
    const actor = await impersonate(world, victim);
    expect(await codeOf(updateProfile(world.context(), actor, { username: 'renamed' }))).toBe('impersonated_session');
    expect(await codeOf(updateProfile(world.context(), actor, { displayName: 'Eve', username: 'victim' }))).toBe(
      'done',
    );
  });

  test('is given no access token of a provider', async () => {
    const victim = await world.person();
    const actor = await impersonate(world, victim);
    expect(await codeOf(readProviderToken(world.context(), actor, { provider: 'google' } as never))).toBe(
      'impersonated_session',
    );
  });
});

onOneEngine('The name that somebody signs in with', {}, (world) => {
  test('is not changed by an API key that acts as its owner', async () => {
    const ctx = world.context();
    const person = await world.person({ username: 'owner' });
    const { key } = await createApiKey(ctx, aServer(), {
      ...{ name: 'key', prefix: null, ownerUserId: person.id, actsAsOwner: true },
    });
    const actor: KeyActor = { kind: 'key', from: nowhere, key, live: { user: person } };
    expect(await codeOf(updateProfile(ctx, actor, { username: 'renamed' }))).toBe('api_key_cannot_act');
    expect(await codeOf(updateProfile(ctx, actor, { displayName: 'Ada' }))).toBe('done');
  });

  test('is not changed by a session of 25 hours', async () => {
    const person = await world.person({ username: 'stolen_one' });
    const actor = await open(world, person);
    world.clock.advance(hours(25));
    expect(await codeOf(updateProfile(world.context(), actor, { username: 'renamed_one' }))).toBe('session_not_fresh');
    expect(await codeOf(updateProfile(world.context(), actor, { displayName: 'Ada' }))).toBe('done');
  });
});

onOneEngine('An administrator, to themselves,', {}, (world) => {
  const admin = async () => {
    const actor = await open(world, await world.person({ roles: ['admin'] }));
    world.clock.advance(hours(2));
    return actor;
  };

  test('sets no password without the proof that everybody owes', async () => {
    const actor = await admin();
    const { id: userId } = actor.live.user;
    expect(await codeOf(setPasswordForUser(world.context(), actor, { userId, password: 'a new password' }))).toBe(
      'session_not_fresh',
    );
    const { id: other } = await world.person();
    expect(
      await codeOf(setPasswordForUser(world.context(), actor, { userId: other, password: 'a new password' })),
    ).toBe('done');
  });

  test('replaces no address without it', async () => {
    const actor = await admin();
    const edit = editUserByAdmin(world.context(), actor, actor.live.user.id, { email: 'thief@example.org' });
    expect(await codeOf(edit)).toBe('session_not_fresh');
  });
});

describe('An address that nobody has proven, beside one that its person has', () => {
  const plant = async (world: CoreWorld, address: string) => {
    const person = await world.person();
    const actor = await open(world, person);
    const email = await addEmail(world.context('hexclave'), actor, {
      ...{ userId: person.id, address, isPrimary: false, usedForAuth: true, verified: false },
    });
    return { person, actor, email };
  };

  onOneEngine('by codes', { policy: { 'methods.mailCode': true } }, (world) => {
    test('is mailed no code that a stranger asked for', async () => {
      await plant(world, 'mistyped@example.org');
      await requestMailCode(world.context(), stranger, {
        ...{ purpose: 'email_verification_code', address: 'mistyped@example.org' },
      });
      expect(await world.mails('mistyped@example.org')).toHaveLength(0);
    });

    test('is mailed no link that a stranger asked for', async () => {
      const { person, email, actor } = await plant(world, 'moved@example.org');
      await updateEmail(world.context('hexclave'), actor, { userId: person.id, emailId: email.id, isPrimary: true });
      await requestEmailVerification(world.context(), stranger, { address: 'moved@example.org', link });
      expect(await world.mails('moved@example.org')).toHaveLength(0);
    });
  });

  onOneEngine('where verification signs in', { policy: { 'emails.signInAfterVerification': true } }, (world) => {
    test.each([true, false])('lets nobody in by the link that verifies it (signs in: %s)', async (usedForAuth) => {
      const ctx = world.context('better-auth');
      const { email, person, actor } = await plant(world, `typo${usedForAuth}@example.org`);
      if (!usedForAuth)
        await updateEmail(world.context('hexclave'), actor, { userId: person.id, emailId: email.id, usedForAuth });
      await asSystem(ctx, (tx) => mailLinkTo(ctx, tx, email, link, nowhere));
      const { text } = await world.mail(email.value);
      const token = /token=([\w-]+)/.exec(text)![1]!;
      expect(await verifyEmail(ctx, stranger, token)).toMatchObject({ admission: null });
    });
  });
});

onOneEngine('The primary address', {}, (world) => {
  test('is replaced by nothing less than a strong proof, on whichever endpoint', async () => {
    const ctx = world.context('hexclave');
    const person = await world.person();
    const userId = person.id;
    const actor = await open(world, person);
    const spare = await addEmail(ctx, actor, {
      ...{ userId, address: 'spare@example.org', isPrimary: false, usedForAuth: false, verified: false },
    });
    world.clock.advance(hours(2));
    const own = { userId, emailId: person.email!.id };
    const use = { usedForAuth: false, verified: false };
    expect(await codeOf(editUser(ctx, actor, userId, { primaryEmail: 'a@example.org' }))).toBe('session_not_fresh');
    expect(await codeOf(addEmail(ctx, actor, { userId, address: 'a@example.org', isPrimary: true, ...use }))).toBe(
      'session_not_fresh',
    );
    expect(await codeOf(updateEmail(ctx, actor, { userId, emailId: spare.id, isPrimary: true }))).toBe(
      'session_not_fresh',
    );
    expect(await codeOf(updateEmail(ctx, actor, { ...own, isPrimary: false }))).toBe('session_not_fresh');
    expect(await codeOf(addEmail(ctx, actor, { userId, address: 'b@example.org', isPrimary: false, ...use }))).toBe(
      'done',
    );
  });

  test('does not change in silence: the addresses proven before are told of the new one', async () => {
    const ctx = world.context('hexclave');
    for (const change of ['edit', 'value'] as const) {
      const person = await world.person();
      const actor = await open(world, person);
      const address = `new-${change}@example.org`;
      if (change === 'edit') await editUser(ctx, actor, person.id, { primaryEmail: address });
      else await updateEmail(ctx, actor, { userId: person.id, emailId: person.email!.id, address });
      expect([change, (await world.mails(person.email!.value)).length]).toEqual([change, 1]);
    }
  });
});

onOneEngine('A further second factor', {}, (world) => {
  test('says nothing about who set up the first one', async () => {
    const ctx = world.context('hexclave');
    const { id } = await world.person();
    await asSystem(ctx, (tx) => tx.factors.enableMailCode(id, ctx.clock.now()));
    const person = (await ctx.store.read.users.find(id))!;
    const actor = await open(world, person, { secondFactor: 'mail_code' });
    const before = actor.live.session.secondFactorAt;
    world.clock.advance(minutes(5));
    await editUser(ctx, actor, id, { totpSecret: Buffer.alloc(20, 7) });
    const after = (await ctx.store.read.sessions.findLive(actor.live.session.id))!.session;
    expect(after).toMatchObject({ secondFactor: 'mail_code', secondFactorAt: before });
  });
});
