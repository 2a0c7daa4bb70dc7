import { expect, test } from 'vitest';
import type { Context } from '../../src/core/context.ts';
import { defaultPolicy } from '../../src/core/policy.ts';
import { searchProfiles } from '../../src/core/search/search-profiles.ts';
import { createSessionCache } from '../../src/core/sessions/session-cache.ts';
import type { User } from '../../src/core/users/user.ts';
import { readMigrations } from '../../src/store/migrate.ts';
import { openStore } from '../../src/store/open-store.ts';
import { after, aUser, NOW, onEveryEngine, type ProjectWorld, times } from '../kit/store-world.ts';

type Shop = Pick<ProjectWorld, 'id' | 'store'>;

const find = async (project: Shop, text: string | null, everybody = false): Promise<(string | null)[]> => {
  const policy = { ...defaultPolicy, profiles: { public: everybody ? 'all' : 'chosen' } };
  const ctx = { project: { id: project.id, policy }, store: project.store } as unknown as Context;
  const { people } = await searchProfiles(ctx, { text, page: 1, pageSize: 100 });
  return people.map((person) => person.usernameNormal);
};

onEveryEngine('Search of profiles', (world) => {
  /** People by username; the rest of the profile is optional. */
  async function shop(profiles: Readonly<Record<string, Partial<User>>>): Promise<ProjectWorld> {
    const project = await world.project();
    for (const [usernameNormal, change] of Object.entries(profiles)) {
      await project.person({ usernameNormal, displayName: null, profilePublic: true, address: null, ...change });
    }
    return project;
  }

  test('finds by username, name and text about oneself, in this order; whole words before beginnings', async () => {
    const project = await shop({
      one: { bio: 'I like ada and lisp' },
      two: { displayName: 'Adam Smith' },
      three: { displayName: 'Ada Smith' },
      adalbert: {},
      ada: {},
    });
    expect(await find(project, 'ada')).toEqual(['ada', 'adalbert', 'three', 'two', 'one']);
    expect(await find(project, 'smith ad')).toEqual(['two', 'three']);
    expect(await find(project, 'lisp ada')).toEqual(['one']);
    expect(await find(project, 'lisp smith')).toEqual([]);
  });

  test('only the last word may be unfinished', async () => {
    const project = await shop({ one: { displayName: 'Grace Hopper' } });
    expect(await find(project, 'grace hop')).toEqual(['one']);
    expect(await find(project, 'hop grace')).toEqual([]);
  });

  test('accents and case make no difference; other scripts are letters too', async () => {
    const project = await shop({
      one: { displayName: 'Zoë ÉCLAIR' },
      two: { displayName: 'Дмитрий' },
      three: { bio: '李小龍' },
    });
    expect(await find(project, 'ZOE eclair')).toEqual(['one']);
    expect(await find(project, 'éclaïr')).toEqual(['one']);
    expect(await find(project, 'дми')).toEqual(['two']);
    expect(await find(project, '李小')).toEqual(['three']);
  });

  test.each([
    ['a letter too few', 'alxandra', 'alxan'],
    ['a letter too many', 'alexxandra', 'alexxan'],
    ['another letter', 'alezandra', 'alezan'],
    ['two letters swapped', 'aelxandra', 'aelxan'],
    ['in the middle', 'aleyandra', 'aleya'],
  ])('forgives one typing error, in finished and unfinished words: %s', async (_what, whole, begun) => {
    const project = await shop({ one: { displayName: 'Alexandra Hopper' }, other: { displayName: 'Barbara' } });
    expect(await find(project, whole)).toEqual(['one']);
    expect(await find(project, begun)).toEqual(['one']);
    expect(await find(project, `${whole} hop`)).toEqual(['one']);
  });

  test('what is right comes before what is nearly so; two errors and short words are not forgiven', async () => {
    const project = await shop({ marten: {}, martin: {}, bob: {} });
    expect(await find(project, 'martin')).toEqual(['martin', 'marten']);
    expect(await find(project, 'mxrtxn')).toEqual([]);
    expect(await find(project, 'bab')).toEqual([]);
  });

  test('shows nobody who did not choose so, unless everybody is public; and never who may not sign in', async () => {
    const project = await shop({
      ada_public: {},
      ada_private: { profilePublic: false },
      ada_banned: { bannedAt: NOW },
      ada_deactivated: { deactivatedAt: NOW, deactivatedBy: 'self' },
      ada_restricted: { restrictedAt: NOW },
      ada_anonymous: { anonymous: true },
    });
    for (const text of ['ada', 'adda priv', null]) {
      expect((await find(project, text)).filter((name) => name !== 'ada_public')).toEqual([]);
    }
    for (const text of ['ada', null]) expect(await find(project, text, true)).toEqual(['ada_public', 'ada_private']);
  });

  test('follows every change of what it shows', async () => {
    const { store, ...project } = await shop({ before: { displayName: 'Old Name', bio: 'old text' } });
    const { id } = (await store.read.users.list({ limit: 1 }))[0]!;
    const found = (text: string) => find({ ...project, store }, text);
    const change = (fields: Partial<User>) => store.transaction((tx) => tx.users.update(id, fields, after(1)));
    await change({ usernameNormal: 'later', displayName: 'New Name', bio: 'new text' });
    for (const text of ['before', 'old', 'old text']) expect(await found(text)).toEqual([]);
    for (const text of ['later', 'new', 'new text']) expect(await found(text)).toEqual(['later']);
    await change({ bio: null });
    expect(await found('text')).toEqual([]);
    await change({ bannedAt: NOW });
    expect(await found('later')).toEqual([]);
    await change({ bannedAt: null });
    expect(await found('later')).toEqual(['later']);
    await change({ profilePublic: false });
    expect(await found('later')).toEqual([]);
  });

  test('a person who is erased is not found, and a change that is rolled back is not either', async () => {
    const project = await shop({ erased: {}, kept: {} });
    const [erased, kept] = (await project.store.read.users.list({ limit: 2 })).slice() as unknown as [User, User];
    await project.store.transaction((tx) => tx.users.erase(erased.id));
    expect(await find(project, 'erased')).toEqual([]);
    const failed = project.store.transaction(async (tx) => {
      await tx.users.update(kept.id, { usernameNormal: 'gone' }, NOW);
      throw new Error('rolled back');
    });
    await expect(failed).rejects.toThrow('rolled back');
    expect(await find(project, 'gone')).toEqual([]);
    expect(await find(project, 'kept')).toEqual(['kept']);
  });

  test('stays within its project (rule 31)', async () => {
    const [here, there] = [await shop({ ada: {} }), await shop({ ada_too: {} })];
    for (const text of ['ada', null]) {
      expect(await find(here, text)).toEqual(['ada']);
      expect(await find(there, text)).toEqual(['ada_too']);
    }
  });

  test.each([
    '"',
    "'",
    '*',
    '%',
    '_',
    '\\',
    '(',
    ')',
    ':',
    '^',
    '-',
    '|',
    '&',
    '!',
    '<->',
    'NEAR(a b)',
    "a' | 'b",
    'a" OR "b',
    'u:*',
    '\u0000',
    '💥',
  ])('whatever is typed is text, not a query (rule 35): %j', async (text) => {
    const project = await shop({ somebody: { displayName: 'Nearly' } });
    expect(await find(project, text)).toEqual([]);
    expect(await find(project, `${text} somebody`)).toHaveLength(/[\p{L}]/u.test(text) ? 0 : 1);
  });

  test('pages are stable, end at a thousand and have nothing after their end', async () => {
    const project = await world.project();
    await project.store.transaction(async (tx) => {
      for (const i of times(1030, (n) => n)) {
        await tx.users.insert(aUser(world.ids, { usernameNormal: `person${i}`, profilePublic: true }));
      }
    });
    const ctx = { project: { id: project.id, policy: defaultPolicy }, store: project.store } as unknown as Context;
    for (const text of [null, 'person']) {
      const page = (number: number) => searchProfiles(ctx, { text, page: number, pageSize: 100 });
      const pages = await Promise.all(times(11, (n) => page(n + 1)));
      const ids = pages.flatMap(({ people }) => people.map(({ id }) => id));
      expect(new Set(ids).size).toBe(1000);
      expect(pages.map(({ total }) => total)).toEqual(times(11, () => 1000));
      expect(pages[10]!.people).toEqual([]);
      expect((await page(Number.MAX_SAFE_INTEGER)).people).toEqual([]);
    }
  });
});

onEveryEngine('The index of profiles', (world, engine) => {
  test('is filled with the people who were there before it, and with those an older node adds', async () => {
    const database = await engine.createEmpty();
    const open = (migrations = readMigrations()) => openStore(database.config, { ...world, migrations });
    const before = await open(readMigrations().filter(({ name }) => name < '0008'));
    await before.migrate();
    const { id } = await before.projects.ensure({ key: 'shop', displayName: 'Shop' });
    const insert = (from: number, to: number) =>
      database.rows(
        `INSERT INTO "user" (project_id, id, username_normal, profile_public, credentials_changed_at, signed_up_at, created_at, updated_at)
          VALUES ${times(to - from, (n) => `('${id}', '${world.ids.next()}', 'veteran${from + n}', 1, 1, 1, 1, 1)`).join(', ')}
          RETURNING id`,
      );
    await insert(0, 1203);
    await before.close();

    const store = await open();
    await store.migrate();
    const project = { id, store: store.forProject(id, { sessionCache: createSessionCache(1) }) };
    expect((await find(project, 'veteran1202'))[0]).toBe('veteran1202');
    await insert(5000, 5003);
    expect(await find(project, 'veteran5001')).not.toContain('veteran5001');
    await store.migrate(); // the next start
    expect((await find(project, 'veteran5001'))[0]).toBe('veteran5001');
    await store.close();
    await database.drop();
  });
});
