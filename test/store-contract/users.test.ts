import { expect, test } from 'vitest';
import { readMetadata } from '../../src/core/metadata.ts';
import { Conflict } from '../../src/core/store.ts';
import { after, anEmail, aUser, NOW, onEveryEngine, times } from '../kit/store-world.ts';

onEveryEngine('People', (world) => {
  test('what was stored comes back, value for value', async () => {
    const { store } = await world.project();
    const user = aUser(world.ids, {
      displayName: 'Zoë "Z" \\ O\'Hara',
      usernameNormal: 'zoe',
      usernameDisplay: 'Zoe',
      imageUrl: 'https://example.org/z.png',
      metadataClient: readMetadata('metadataClient', { plan: 'gold', deep: [1, 2.5, null, { on: true }] }),
      profilePublic: true,
      bannedAt: after(1),
      banReason: 'spam',
      banExpiresAt: after(2),
      lastActiveAt: after(3),
    });
    const email = anEmail(world.ids, user.id, 'zoe@example.org', { verifiedAt: NOW, verifiedBy: 'link' });
    await store.transaction(async (tx) => {
      await tx.users.insert(user);
      await tx.emails.insert(email);
    });
    expect(await store.read.users.find(user.id)).toEqual({
      ...user,
      email,
      roles: [],
      factors: { totp: false, mailCode: false },
      imageKey: null,
      bannerKey: null,
    });
  });

  test('a person without an address has none, and is still found', async () => {
    const { store, person } = await world.project();
    const { id } = await person({ address: null });
    expect((await store.read.users.find(id))?.email).toBeNull();
  });

  test('a malformed id is nobody', async () => {
    const { store } = await world.project();
    expect(await store.read.users.find('not-an-id')).toBeNull();
  });

  test('are found by username and by the address they sign in with', async () => {
    const { store, person } = await world.project();
    const { id } = await person({ usernameNormal: 'alice', address: 'alice@example.org' });
    expect((await store.read.users.findByUsername('alice'))?.id).toBe(id);
    expect((await store.read.users.findByAuthEmail('alice@example.org'))?.id).toBe(id);
    expect(await store.read.users.findByAuthEmail('Alice@example.org')).toBeNull();
  });

  test('are found by the start of their id', async () => {
    const { store, person } = await world.project();
    const { id } = await person({});
    const start = id.slice(0, 19);
    expect((await store.read.users.listByIdStart(start)).map((found) => found.id)).toContain(id);
    const other = `${id[0] === 'f' ? '0' : 'f'}${start.slice(1)}`;
    expect(await store.read.users.listByIdStart(other)).toEqual([]);
  });

  test('an address that is not used for sign-in finds nobody, and may be on several people (E2)', async () => {
    const { store, person } = await world.project();
    for (const { id } of [await person({ address: null }), await person({ address: null })]) {
      const shared = anEmail(world.ids, id, 'team@example.org', { usedForAuth: false });
      await store.transaction((tx) => tx.emails.insert(shared));
    }
    expect(await store.read.users.findByAuthEmail('team@example.org')).toBeNull();
  });

  test('an update changes what it names and nothing else', async () => {
    const { store, person } = await world.project();
    const user = await person({ usernameNormal: 'bea', metadataClient: readMetadata('metadataClient', { a: 1 }) });
    await store.transaction((tx) => tx.users.update(user.id, { displayName: null, emailCodeEnabled: true }, after(5)));
    expect(await store.read.users.find(user.id)).toMatchObject({
      ...user,
      displayName: null,
      emailCodeEnabled: true,
      updatedAt: after(5),
    });
  });

  test('of fifty who end the anonymity of one person, one does; it stays ended', async () => {
    const { store, person } = await world.project();
    const user = await person({ anonymous: true });
    const end = () => store.transaction((tx) => tx.users.endAnonymity(user.id, after(5)));
    expect((await Promise.all(times(50, end))).filter(Boolean)).toHaveLength(1);
    expect(await store.read.users.find(user.id)).toMatchObject({
      anonymous: false,
      signedUpAt: after(5),
      credentialsChangedAt: after(5),
    });
    expect(await end()).toBe(false);
  });

  test('of fifty sign-ups with one address, one is stored', async () => {
    const { store } = await world.project();
    const attempts = times(50, async () => {
      const user = aUser(world.ids);
      return store.transaction(async (tx) => {
        await tx.users.insert(user);
        await tx.emails.insert(anEmail(world.ids, user.id, 'race@example.org'));
      });
    });
    const outcomes = await Promise.allSettled(attempts);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason);
    expect(refused).toHaveLength(49);
    expect(refused.every((fault) => fault instanceof Conflict && fault.index === 'email_for_auth')).toBe(true);
    expect(await store.read.users.count()).toBe(1); // the losers left no user behind
  });

  test('a taken username is a conflict by the name of its index', async () => {
    const { store, person } = await world.project();
    await person({ usernameNormal: 'only' });
    const second = store.transaction((tx) => tx.users.insert(aUser(world.ids, { usernameNormal: 'only' })));
    await expect(second).rejects.toMatchObject({ name: 'Conflict', index: 'user_by_username' });
  });

  test('an id used twice is a conflict by the name of the primary key', async () => {
    const { store, person } = await world.project();
    const user = await person();
    const second = store.transaction((tx) => tx.users.insert(user));
    await expect(second).rejects.toMatchObject({ index: expect.stringMatching(/^user_(pkey|by_project)$/) });
  });

  test('a username is taken by its owner, for everybody else', async () => {
    const { store, person } = await world.project();
    const { id } = await person({ usernameNormal: 'mine' });
    expect(await store.read.users.usernameTaken('mine', NOW)).toBe(true);
    expect(await store.read.users.usernameTaken('mine', NOW, id)).toBe(false);
    expect(await store.read.users.usernameTaken('free', NOW)).toBe(false);
  });

  test('a held username is free again at the moment the hold ends, and one without end stays taken', async () => {
    const { store } = await world.project();
    await store.transaction(async (tx) => {
      await tx.users.holdUsername('gone', after(1_000), 'deleted');
      await tx.users.holdUsername('gone', after(2_000), 'deleted again');
      await tx.users.holdUsername('root', null, 'reserved');
    });
    expect(await store.read.users.usernameTaken('gone', after(1_999))).toBe(true);
    expect(await store.read.users.usernameTaken('gone', after(2_000))).toBe(false);
    expect(await store.read.users.usernameTaken('root', after(1e12))).toBe(true);
  });

  test('a list goes on after the last id seen, and misses and repeats nobody', async () => {
    const { store, person } = await world.project();
    const everyone = [];
    for (const _ of times(5, (i) => i)) everyone.push((await person()).id);
    const first = await store.read.users.list({ limit: 3 });
    const rest = await store.read.users.list({ limit: 3, after: first.at(-1)!.id });
    expect([...first, ...rest].map(({ id }) => id)).toEqual(everyone);
  });

  test('a search looks at name, username and addresses in either case, and takes % and _ literally', async () => {
    const { store, person } = await world.project();
    const named = await person({ displayName: '100% Bob_by' });
    const handled = await person({ displayName: null, usernameNormal: 'bobcat' });
    const mailed = await person({ displayName: null, address: 'kate.bob@example.org' });
    const search = async (text: string) =>
      (await store.read.users.list({ search: text, limit: 10 })).map(({ id }) => id);
    expect(await search('BOB')).toEqual([named.id, handled.id, mailed.id]);
    expect(await search('100%')).toEqual([named.id]);
    expect(await search('o_c')).toEqual([]);
    expect(await search("' or 1=1 --")).toEqual([]);
  });

  test('roles are kept in the order they were given, and replaced as a whole', async () => {
    const { store, person } = await world.project();
    const { id } = await person();
    await store.transaction((tx) => tx.users.setRoles(id, ['user', 'admin'], null, NOW));
    expect((await store.read.users.find(id))?.roles).toEqual(['user', 'admin']);
    await store.transaction((tx) => tx.users.setRoles(id, ['admin'], id, NOW));
    expect((await store.read.users.find(id))?.roles).toEqual(['admin']);
    await store.transaction((tx) => tx.users.setRoles(id, [], id, NOW));
    expect((await store.read.users.find(id))?.roles).toEqual([]);
  });

  test('every project has the built-in roles and no others', async () => {
    const { store } = await world.project();
    expect(await Promise.all(['admin', 'user', 'other'].map(store.read.roles.exists))).toEqual([true, true, false]);
  });
});

onEveryEngine('Addresses', (world) => {
  test('a proof counts for the address it was made for, and the first proof stays', async () => {
    const { store, person } = await world.project();
    const { id } = await person({ address: 'a@example.org' });
    const email = (await store.read.emails.findForAuth('a@example.org'))!;
    const prove = (normal: string, by: 'link' | 'provider', at: number) =>
      store.transaction((tx) => tx.emails.markVerified(email.id, normal, by, after(at)));
    expect(await prove('old@example.org', 'link', 1)).toBe(false);
    expect(await prove('a@example.org', 'link', 2)).toBe(true);
    expect(await prove('a@example.org', 'provider', 3)).toBe(true);
    expect((await store.read.users.find(id))?.email).toMatchObject({ verifiedAt: after(2), verifiedBy: 'link' });
  });

  test('a replaced address keeps its row (E5); a removed one is gone', async () => {
    const { store, person } = await world.project();
    const { id } = await person({ address: 'before@example.org' });
    const { id: emailId } = (await store.read.emails.findForAuth('before@example.org'))!;
    const change = {
      value: 'after@example.org',
      normal: 'after@example.org',
      verifiedAt: NOW,
      verifiedBy: 'link' as const,
    };
    await store.transaction((tx) => tx.emails.replace(emailId, change, after(1)));
    expect(await store.read.emails.listOf(id)).toMatchObject([{ id: emailId, ...change, updatedAt: after(1) }]);
    await store.transaction((tx) => tx.emails.remove(emailId));
    expect(await store.read.emails.find(emailId)).toBeNull();
  });

  test('a person has one primary address', async () => {
    const { store, person } = await world.project();
    const { id } = await person();
    const second = store.transaction((tx) => tx.emails.insert(anEmail(world.ids, id, 'second@example.org')));
    await expect(second).rejects.toMatchObject({ index: 'email_primary' });
  });
});

onEveryEngine('Passwords', (world) => {
  test('setting replaces, and removing says whether there was one', async () => {
    const { store, person } = await world.project();
    const { id: userId } = await person();
    const first = { userId, hash: 'one', setAt: NOW, changedAt: NOW, strongFrom: null };
    await store.transaction((tx) => tx.passwords.set(first));
    const second = { userId, hash: 'two', setAt: after(1), changedAt: after(1), strongFrom: after(2) };
    await store.transaction((tx) => tx.passwords.set(second));
    expect(await store.read.passwords.find(userId)).toEqual(second);
    expect(await store.transaction((tx) => tx.passwords.remove(userId))).toBe(true);
    expect(await store.transaction((tx) => tx.passwords.remove(userId))).toBe(false);
    expect(await store.read.passwords.find(userId)).toBeNull();
  });

  test('a rehash loses against a change of the password made meanwhile', async () => {
    const { store, person } = await world.project();
    const { id: userId } = await person();
    await store.transaction((tx) =>
      tx.passwords.set({ userId, hash: 'changed', setAt: NOW, changedAt: NOW, strongFrom: null }),
    );
    expect(await store.transaction((tx) => tx.passwords.rehash(userId, 'verified', 'stronger'))).toBe(false);
    expect(await store.transaction((tx) => tx.passwords.rehash(userId, 'changed', 'stronger'))).toBe(true);
    expect((await store.read.passwords.find(userId))?.hash).toBe('stronger');
  });
});
