import { describe, expect, test } from 'vitest';
import { asSystem } from '../../../src/core/acting.ts';
import { type Counted, mostDevices, mostOf } from '../../../src/core/count-limits.ts';
import { addEmail } from '../../../src/core/emails/manage-emails.ts';
import { trustDevice } from '../../../src/core/factors/trusted-device.ts';
import { attachIdentity } from '../../../src/core/identities/edit-identity.ts';
import { bareIdentity } from '../../../src/core/identities/write-identity.ts';
import { createApiKey } from '../../../src/core/keys/create-api-key.ts';
import { createProjectKeys } from '../../../src/core/projects/manage-project-keys.ts';
import type { ProjectKey } from '../../../src/core/projects/project-key.ts';
import { checkSession } from '../../../src/core/sessions/check-session.ts';
import { openSessionForUser } from '../../../src/core/sessions/open-session-for-user.ts';
import { type CoreWorld, onEveryEngine, onOneEngine, stranger } from '../../kit/core-world.ts';
import { outcomeOf } from '../../kit/outcome.ts';
import { providerConfig } from '../../kit/provider-config.ts';
import { aServer } from '../../kit/servers.ts';
import { anApiKey, anEmail } from '../../kit/store-world.ts';

const policy = { 'session.maxPerUser': 3 };

onEveryEngine('Sessions of one person', { policy }, (world) => {
  const sessionsOf = async (id: string) =>
    (await world.context().store.read.sessions.listOf(id, world.clock.now())).map((session) => session.id);

  test('a sign-in beyond the bound ends the session that was used longest ago, and writes that down', async () => {
    const person = await world.person();
    const made: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      made.push((await world.signIn(person)).actor.live.session.id);
      world.clock.advance(1000);
    }
    await asSystem(world.context(), (tx) => tx.sessions.touch([{ id: made[0]!, at: world.clock.now() }]));
    world.clock.advance(1000);
    const { actor } = await world.signIn(person);
    expect(await sessionsOf(person.id)).toEqual([made[0], made[2], actor.live.session.id]);
    expect((await world.eventTypes(person)).slice(-2)).toEqual(['session.ended', 'account.signed_in']);
    expect(await world.mails(person.email!.value)).toEqual([]);
  });

  test('a session that ended so opens nothing, whatever memory knew of it', async () => {
    const person = await world.person();
    const first = await world.signIn(person);
    await checkSession(world.context(), first.token);
    for (let count = 0; count < 3; count += 1) {
      world.clock.advance(1000);
      await world.signIn(person);
    }
    expect(await checkSession(world.context(), first.token)).toMatchObject({ code: 'not_signed_in' });
  });

  test('sessions that others open in the person’s name push out none of their own', async () => {
    const person = await world.person();
    const { actor } = await world.signIn(person);
    for (let count = 0; count < 4; count += 1) {
      world.clock.advance(1000);
      await openSessionForUser(world.context('hexclave'), aServer(), {
        userId: person.id,
        lifeSeconds: 60,
        impersonation: true,
      });
    }
    const left = await sessionsOf(person.id);
    expect(left).toHaveLength(4);
    expect(left).toContain(actor.live.session.id);
  });

  test('the browser that was trusted longest ago is asked for the second factor again', async () => {
    const person = await world.person();
    const ctx = world.context();
    const trust = () => asSystem(ctx, (tx) => trustDevice(ctx, tx, stranger, person));
    const first = await trust();
    for (let count = 0; count < mostDevices; count += 1) {
      world.clock.advance(1);
      await trust();
    }
    const found = (token: string) => ctx.store.read.factors.findDevice(ctx.vault.digest(token));
    expect(await found(first.token)).toBeNull();
    expect(await found((await trust()).token)).not.toBeNull();
  });
});

/** Puts as many there as there may be, and asks for one more. */
type Attempt = (world: CoreWorld, count: number) => Promise<() => Promise<unknown>>;

const attempts: Partial<Record<Counted, Attempt>> = {
  async emails(world, count) {
    const { id } = await world.person();
    const ids = world.context().ids;
    await asSystem(world.context(), async (tx) => {
      for (let at = 1; at < count; at += 1) {
        const normal = `more${at}@example.org`;
        await tx.emails.insert(anEmail(ids, id, normal, { usedForAuth: false, isPrimary: false }));
      }
    });
    const use = { isPrimary: false, usedForAuth: false, verified: false };
    return () => addEmail(world.context(), aServer(), { userId: id, address: 'last@example.org', ...use });
  },
  async identities(world, count) {
    const { id: userId } = await world.person();
    const ctx = world.context();
    const of = (subject: string) => ({
      userId,
      provider: 'github',
      subject,
      email: null,
      allowSignIn: false,
      allowConnect: true,
    });
    await asSystem(ctx, async (tx) => {
      for (let at = 0; at < count; at += 1) await tx.identities.insert(bareIdentity(ctx, of(`subject ${at}`)));
    });
    return () => attachIdentity(ctx, aServer(), of('last'));
  },
  async apiKeys(world, count) {
    const { id } = await world.person();
    const ctx = world.context();
    await asSystem(ctx, async (tx) => {
      for (let at = 0; at < count; at += 1) await tx.apiKeys.insert(anApiKey(ctx.ids, id));
    });
    return () => createApiKey(ctx, aServer(), { name: 'last', prefix: null, ownerUserId: id, actsAsOwner: false });
  },
  async projectKeys(world, count) {
    const ctx = world.context();
    const ended = { expiresAt: null, revokedAt: world.clock.now() };
    await asSystem(ctx, async (tx) => {
      for (let at = 0; at <= count; at += 1) {
        const key: ProjectKey = {
          ...{ id: ctx.ids.next(), setId: ctx.ids.next(), kind: 'server', description: '', expiresAt: null },
          ...{ revokedAt: null, createdAt: ctx.clock.now(), keyHash: ctx.vault.digest(ctx.ids.next()), last4: 'abcd' },
          ...(at === 0 && ended),
        };
        await tx.projectKeys.insert(key);
      }
    });
    return () => createProjectKeys(ctx, aServer(), { kinds: ['server'], description: '', expiresAt: null });
  },
};

onOneEngine(
  'What one owner may have of each',
  { providers: [providerConfig({ key: 'github', type: 'github' })] },
  (world) => {
    describe.each(Object.entries(attempts) as [Counted, Attempt][])('%s', (what, attempt) => {
      test('as many as there may be, and not one more', async () => {
        const last = await attempt(world, mostOf[what] - 1);
        expect(await outcomeOf(last())).not.toBe('limit_reached');
        const beyond = await attempt(world, mostOf[what]);
        expect(await outcomeOf(beyond())).toBe('limit_reached');
      });
    });
  },
);
