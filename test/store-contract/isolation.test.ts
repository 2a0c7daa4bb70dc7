import { beforeEach, expect, test } from 'vitest';
import {
  aCode,
  after,
  aJob,
  anEmail,
  anIdentity,
  aSession,
  hashOf,
  NOW,
  onEveryEngine,
  type ProjectWorld,
} from '../kit/store-world.ts';

onEveryEngine('Two projects (rule 31)', (world) => {
  let ours: ProjectWorld;
  let theirs: ProjectWorld;
  beforeEach(async () => {
    [ours, theirs] = [await world.project(), await world.project()];
  });

  test('nothing of one is found, listed or counted in the other', async () => {
    const { id: userId } = await theirs.person({ usernameNormal: 'carol', address: 'carol@example.org' });
    const session = await theirs.session(userId);
    const [code, identity, job] = [aCode(world.ids, { userId }), anIdentity(world.ids, userId), aJob(world.ids)];
    await theirs.store.transaction(async (tx) => {
      await tx.codes.insert(code);
      await tx.identities.insert(identity);
      await tx.jobs.insert(job);
      await tx.passwords.set({ userId, hash: 'h', setAt: NOW, changedAt: NOW, strongFrom: null });
      await tx.users.holdUsername('held', null, 'reserved');
    });
    const email = (await theirs.store.read.emails.findForAuth('carol@example.org'))!;
    const { read } = ours.store;
    const answers = await Promise.all([
      read.users.find(userId),
      read.users.findByUsername('carol'),
      read.users.findByAuthEmail('carol@example.org'),
      read.emails.find(email.id),
      read.emails.findForAuth('carol@example.org'),
      read.sessions.find(session.id),
      read.sessions.findByTokenHash(session.tokenHash),
      read.codes.find(code.purpose, code.valueHash),
      read.identities.find(identity.id),
      read.identities.findForSignIn('google', identity.subject),
      read.passwords.find(userId),
    ]);
    expect(answers).toEqual(answers.map(() => null));
    const lists = [
      read.users.list({ limit: 9 }),
      read.users.listByIdStart(userId.slice(0, 19)),
      read.users.list({ limit: 9, search: 'carol' }),
      read.emails.listOf(userId),
      read.sessions.listOf(userId, NOW),
      read.identities.listOf(userId),
    ];
    for (const list of await Promise.all(lists)) expect(list).toEqual([]);
    const page = { search: null, filter: null, sort: null, limit: 9, offset: 0 };
    expect(await read.users.page(page)).toEqual({ people: [], total: 0 });
    const byMail = { field: 'email', operator: 'contains', text: 'carol' } as const;
    expect(await read.users.page({ ...page, search: byMail })).toEqual({ people: [], total: 0 });
    expect(await read.users.count()).toBe(0);
    expect(await read.users.usernameTaken('carol', NOW)).toBe(false);
    expect(await read.users.usernameTaken('held', NOW)).toBe(false);
    expect(await read.jobs.counts()).toEqual({ ready: 0, running: 0, parked: 0 });
    expect(await ours.store.transaction((tx) => tx.jobs.claim('w', NOW, after(1), 9))).toEqual([]);
  });

  test('no write of one reaches a row of the other', async () => {
    const { id: userId } = await theirs.person({ address: 'dan@example.org' });
    const session = await theirs.session(userId, { expiresAt: after(1) });
    const email = (await theirs.store.read.emails.findForAuth('dan@example.org'))!;
    const code = aCode(world.ids, { userId, expiresAt: after(1) });
    const identity = anIdentity(world.ids, userId);
    await theirs.store.transaction(async (tx) => {
      await tx.codes.insert(code);
      await tx.identities.insert(identity);
      await tx.passwords.set({ userId, hash: 'h', setAt: NOW, changedAt: NOW, strongFrom: null });
    });
    const before = await theirs.store.read.sessions.findByTokenHash(session.tokenHash);

    await ours.store.transaction(async (tx) => {
      await tx.users.update(userId, { displayName: 'Mallory' }, NOW);
      await tx.sessions.touch([{ id: session.id, at: after(9) }]);
      await tx.codes.voidAllOf(userId, 'all', NOW);
      await tx.emails.remove(email.id);
      expect(await tx.emails.markVerified(email.id, email.normal, 'link', NOW)).toBe(false);
      expect(await tx.sessions.extend(session.id, session.expiresAt, after(5), NOW)).toBe(false);
      expect(await tx.sessions.rotate(session.id, hashOf('stolen'), NOW)).toBe(false);
      expect(await tx.sessions.end(session.id)).toBe(false);
      expect(await tx.sessions.endAllOf(userId)).toEqual([]);
      expect(await tx.ended.sweep('session', after(1e9), 9)).toBe(0);
      expect(await tx.codes.spend(code.id, NOW)).toBe(false);
      expect(await tx.ended.sweep('one_time_value', after(1e9), 9)).toBe(0);
      expect(await tx.identities.remove(identity.id)).toBe(false);
      expect(await tx.passwords.rehash(userId, 'h', 'mine')).toBe(false);
      expect(await tx.passwords.remove(userId)).toBe(false);
    });
    expect(await theirs.store.read.sessions.findByTokenHash(session.tokenHash)).toEqual(before);
    expect(await theirs.store.transaction((tx) => tx.codes.spend(code.id, NOW))).toBe(true);
  });

  test('a row cannot be made for a person of the other: the foreign key refuses', async () => {
    const { id: userId } = await theirs.person();
    await expect(ours.store.transaction((tx) => tx.sessions.insert(aSession(world.ids, userId)))).rejects.toThrow();
    await expect(
      ours.store.transaction((tx) =>
        tx.emails.insert(anEmail(world.ids, userId, 'm@example.org', { isPrimary: false })),
      ),
    ).rejects.toThrow();
  });

  test('both may have the same address, username and provider subject', async () => {
    for (const project of [ours, theirs]) {
      const { id } = await project.person({ usernameNormal: 'same', address: 'same@example.org' });
      await project.store.transaction((tx) => tx.identities.insert(anIdentity(world.ids, id, { subject: 'same' })));
    }
    expect(await ours.store.read.users.count()).toBe(1);
  });
});
