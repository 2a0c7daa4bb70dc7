import { describe, expect, test } from 'vitest';
import { createSessionCache } from '../../src/core/sessions/session-cache.ts';
import { Conflict } from '../../src/core/store.ts';
import { openStore } from '../../src/store/open-store.ts';
import { retried } from '../../src/store/postgres/retry.ts';
import { aCode, after, aUser, NOW, onEveryEngine, type ProjectWorld } from '../kit/store-world.ts';

onEveryEngine('A transaction', (world, engine) => {
  test('commits what its callback did and returns the outcome, a refusal too (M3)', async () => {
    const { store } = await world.project();
    const user = aUser(world.ids);
    const outcome = await store.transaction(async (tx) => {
      await tx.users.insert(user);
      return 'refused, but counted';
    });
    expect(outcome).toBe('refused, but counted');
    expect(await store.read.users.find(user.id)).not.toBeNull();
  });

  test('leaves nothing when its callback throws, and passes the error on', async () => {
    const { store } = await world.project();
    const fault = new Error('broken');
    const broken = store.transaction(async (tx) => {
      await tx.users.insert(aUser(world.ids));
      throw fault;
    });
    await expect(broken).rejects.toBe(fault);
    expect(await store.read.users.count()).toBe(0);
  });

  test('in which a statement failed does not commit, even if the error was caught', async () => {
    const { store } = await world.project();
    const code = aCode(world.ids);
    const swallowed = store.transaction(async (tx) => {
      await tx.codes.insert(code);
      await tx.codes.insert(code).catch(() => {});
      return 'done';
    });
    await expect(swallowed).rejects.toBeInstanceOf(Conflict);
    expect(await store.read.codes.find(code.purpose, code.valueHash)).toBeNull();
  });

  test('that failed leaves the next one unharmed', async () => {
    const { store, person } = await world.project();
    const user = await person();
    await expect(store.transaction((tx) => tx.users.insert(user))).rejects.toBeInstanceOf(Conflict);
    await store.transaction((tx) => tx.users.update(user.id, { displayName: 'Next' }, NOW));
    expect((await store.read.users.find(user.id))?.displayName).toBe('Next');
  });

  test('that asked nothing ends like any other, and lets the next one in', async () => {
    const { store, person } = await world.project();
    const user = await person();
    expect(await store.transaction(async () => 'nothing to do')).toBe('nothing to do');
    const fault = new Error('broken');
    await expect(store.transaction(() => Promise.reject(fault))).rejects.toBe(fault);
    await store.transaction((tx) => tx.users.update(user.id, { displayName: 'Next' }, NOW));
    expect((await store.read.users.find(user.id))?.displayName).toBe('Next');
  });

  test('in progress keeps no reader waiting, and shows none of its writes', async () => {
    const { store, person } = await world.project();
    const user = await person();
    const [wrote, mayCommit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const writing = store.transaction(async (tx) => {
      await tx.users.update(user.id, { displayName: 'After' }, after(1));
      wrote.resolve();
      await mayCommit.promise;
    });
    await wrote.promise;
    expect((await store.read.users.find(user.id))?.displayName).toBe('Alice');
    mayCommit.resolve();
    await writing;
    expect((await store.read.users.find(user.id))?.displayName).toBe('After');
  });

  test('is finished before the database closes, and none begins after', async () => {
    const database = await engine.create();
    const opened = await openStore(database.config, world);
    await opened.migrate();
    const mayCommit = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const { id } = await opened.projects.ensure({ key: 'default', displayName: 'Default' });
    const store = opened.forProject(id, { sessionCache: createSessionCache(1) });
    const user = aUser(world.ids);
    const writing = store.transaction(async (tx) => {
      begun.resolve();
      await mayCommit.promise;
      await tx.users.insert(user);
    });
    await begun.promise;
    const closing = opened.close();
    mayCommit.resolve();
    await Promise.all([writing, closing]);
    await expect(store.transaction(async () => {})).rejects.toThrow();
    expect(await database.rows('SELECT id FROM "user"')).toEqual([{ id: user.id }]);
    await database.drop();
  });
});

onEveryEngine('The session cache', (world) => {
  /** A person with a cached session. */
  async function cached() {
    const project = await world.project();
    const user = await project.person();
    const session = await project.session(user.id);
    await fill(project, session.tokenHash);
    return { ...project, user, session, known: () => project.cache.get('digest') !== undefined };
  }
  async function fill({ store, cache }: Pick<ProjectWorld, 'store' | 'cache'>, hash: Uint8Array) {
    const epoch = cache.epoch();
    cache.put('digest', (await store.read.sessions.findByTokenHash(hash))!, epoch);
  }

  test.each<[string, (c: Awaited<ReturnType<typeof cached>>) => Promise<unknown>]>([
    ['its session ends', ({ store, session }) => store.transaction((tx) => tx.sessions.end(session.id))],
    ['all sessions end', ({ store, user }) => store.transaction((tx) => tx.sessions.endAllOf(user.id))],
    [
      'its session is extended',
      ({ store, session: { id, expiresAt } }) =>
        store.transaction((tx) => tx.sessions.extend(id, expiresAt, after(100_000), NOW)),
    ],
    [
      'its session is rotated',
      ({ store, session }) => store.transaction((tx) => tx.sessions.rotate(session.id, session.tokenHash, NOW)),
    ],
    [
      'the person changes',
      ({ store, user }) => store.transaction((tx) => tx.users.update(user.id, { bannedAt: NOW }, NOW)),
    ],
    [
      'the roles change',
      ({ store, user }) => store.transaction((tx) => tx.users.setRoles(user.id, ['admin'], null, NOW)),
    ],
    ['the person is erased', ({ store, user }) => store.transaction((tx) => tx.users.erase(user.id))],
    [
      'the address is verified',
      async ({ store, user }) => {
        const [email] = await store.read.emails.listOf(user.id);
        return store.transaction((tx) => tx.emails.markVerified(email!.id, email!.normal, 'link', NOW));
      },
    ],
    [
      'the address is removed',
      async ({ store, user }) => {
        const [email] = await store.read.emails.listOf(user.id);
        return store.transaction((tx) => tx.emails.remove(email!.id));
      },
    ],
  ])('forgets a session before the caller goes on when %s', async (_, change) => {
    const situation = await cached();
    expect(situation.known()).toBe(true);
    await change(situation);
    expect(situation.known()).toBe(false);
  });

  test('forgets every session of a person who has several, and of nobody else', async () => {
    const { store, cache, person, session } = await world.project();
    const [user, other] = [await person(), await person()];
    const keep = async (key: string, userId: string) => {
      const { id, tokenHash } = await session(userId);
      const epoch = cache.epoch();
      cache.put(key, (await store.read.sessions.findByTokenHash(tokenHash))!, epoch);
      return id;
    };
    const left = () => ['first', 'second', 'third', 'of another'].filter((key) => cache.get(key) !== undefined);
    const first = await keep('first', user.id);
    for (const key of ['second', 'third']) await keep(key, user.id);
    await keep('of another', other.id);
    await store.transaction((tx) => tx.sessions.end(first));
    expect(left()).toEqual(['second', 'third', 'of another']);
    await store.transaction((tx) => tx.users.update(user.id, { bannedAt: NOW }, NOW));
    expect(left()).toEqual(['of another']);
    await store.transaction((tx) => tx.users.update(other.id, { bannedAt: NOW }, NOW));
    expect(cache.size()).toBe(0);
  });

  test('keeps one entry of a session, which its id and its token both find', async () => {
    const { store, cache, person, session } = await world.project();
    const { id, tokenHash } = await session((await person()).id);
    const live = (await store.read.sessions.findByTokenHash(tokenHash))!;
    expect(cache.getById(id)).toBeUndefined();
    cache.putById(live, cache.epoch());
    expect([cache.getById(id), cache.get('token'), cache.size()]).toEqual([live, undefined, 1]);
    cache.put('token', live, cache.epoch());
    cache.putById(live, cache.epoch());
    expect([cache.getById(id), cache.get('token'), cache.size()]).toEqual([live, live, 1]);
    await store.transaction((tx) => tx.sessions.end(id));
    expect([cache.getById(id), cache.get('token'), cache.size()]).toEqual([undefined, undefined, 0]);
  });

  test('forgets nothing before COMMIT', async () => {
    const { store, session, known } = await cached();
    await store.transaction(async (tx) => {
      await tx.sessions.end(session.id);
      expect(known()).toBe(true);
    });
    expect(known()).toBe(false);
  });

  test('forgets nothing when the transaction is rolled back', async () => {
    const { store, session, known } = await cached();
    const broken = store.transaction(async (tx) => {
      await tx.sessions.end(session.id);
      throw new Error('broken');
    });
    await expect(broken).rejects.toThrow('broken');
    expect(known()).toBe(true);
  });

  test('keeps the sessions of other people', async () => {
    const { store, person, known } = await cached();
    const other = await person();
    await store.transaction((tx) => tx.users.update(other.id, { displayName: 'Other' }, NOW));
    expect(known()).toBe(true);
  });

  test('takes nothing that was read before the change, whenever the read ends', async () => {
    const { store, cache, session, user, known } = await cached();
    const epoch = cache.epoch();
    const stale = (await store.read.sessions.findByTokenHash(session.tokenHash))!;
    await store.transaction((tx) => tx.users.update(user.id, { bannedAt: NOW }, NOW));
    cache.put('digest', stale, epoch);
    expect(known()).toBe(false);
  });
});

describe('PostgreSQL gives a transaction up', () => {
  const refusing = (code: string, refusals: number) => {
    let runs = 0;
    return {
      runs: () => runs,
      work: async () => {
        runs += 1;
        if (runs <= refusals) throw Object.assign(new Error('lost'), { code });
        return 'done';
      },
    };
  };

  test.each(['40001', '40P01'])('with %s: it runs again, five times at most', async (code) => {
    const lucky = refusing(code, 4);
    expect(await retried(lucky.work)).toBe('done');
    const unlucky = refusing(code, 5);
    await expect(retried(unlucky.work)).rejects.toMatchObject({ name: 'StoreUnavailable', cause: { code } });
    expect(unlucky.runs()).toBe(5);
  });

  test('for any other reason: it does not run again', async () => {
    const broken = refusing('23503', 1);
    await expect(retried(broken.work)).rejects.toMatchObject({ code: '23503' });
    expect(broken.runs()).toBe(1);
  });
});

onEveryEngine('Two transactions that change the same people in opposite order', (world) => {
  test('both commit', async () => {
    const { store, person } = await world.project();
    const [a, b] = [(await person()).id, (await person()).id];
    const rename = (first: string, second: string, displayName: string) =>
      store.transaction(async (tx) => {
        await tx.users.update(first, { displayName }, NOW);
        await tx.users.find(second);
        await tx.users.update(second, { displayName }, NOW);
      });
    await Promise.all([rename(a, b, 'one'), rename(b, a, 'two')]);
    const names = [(await store.read.users.find(a))?.displayName, (await store.read.users.find(b))?.displayName];
    expect(names[0]).toBe(names[1]);
  });
});
