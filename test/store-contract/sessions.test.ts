import { expect, test } from 'vitest';
import { readMetadata } from '../../src/core/metadata.ts';
import { after, aPendingSignIn, aSession, hashOf, NOW, onEveryEngine, times } from '../kit/store-world.ts';

onEveryEngine('Sessions', (world) => {
  test('a token hash finds the session together with its person', async () => {
    const { store, person, session } = await world.project();
    const user = await person({ metadataClient: readMetadata('metadataClient', { theme: 'dark' }) });
    await store.transaction((tx) => tx.users.setRoles(user.id, ['user', 'admin'], null, NOW));
    const made = await session(user.id, { secondFactor: 'totp', userAgent: null });
    const live = await store.read.sessions.findByTokenHash(made.tokenHash);
    expect(live?.session).toEqual(made);
    expect(live?.user).toEqual(await store.read.users.find(user.id));
    expect(live?.user.roles).toEqual(['user', 'admin']);
  });

  test('the same question inside a transaction sees what the transaction did', async () => {
    const { store, person } = await world.project();
    const made = aSession(world.ids, (await person()).id);
    const seen = await store.transaction(async (tx) => {
      await tx.sessions.insert(made);
      expect(await store.read.sessions.findByTokenHash(made.tokenHash)).toBeNull(); // nobody else does yet
      return tx.sessions.findByTokenHash(made.tokenHash);
    });
    expect(seen?.session.id).toBe(made.id);
  });

  test('active second factors are told with the person', async () => {
    const { id: projectId, store, person } = await world.project();
    const [app, mailed] = [await person(), await person()];
    await world.database.rows(
      `INSERT INTO totp (project_id, id, user_id, state, secret_enc, issued_at, created_at, updated_at)
         VALUES (?, ?, ?, 'active', ?, 1, 1, 1) RETURNING id`,
      [projectId, world.ids.next(), app.id, hashOf('secret')],
    );
    await world.database.rows(
      `INSERT INTO second_factor (project_id, user_id, mail_code_enabled, created_at, updated_at)
         VALUES (?, ?, 1, 1, 1) RETURNING user_id`,
      [projectId, mailed.id],
    );
    expect((await store.read.users.find(app.id))?.factors).toEqual({ totp: true, mailCode: false });
    expect((await store.read.users.find(mailed.id))?.factors).toEqual({ totp: false, mailCode: true });
  });

  test('a list holds the unexpired ones, oldest first', async () => {
    const { store, person, session } = await world.project();
    const { id } = await person();
    const first = await session(id);
    await session(id, { expiresAt: after(10) });
    await session(id, { endsAt: after(10) });
    const last = await session(id);
    expect(await store.read.sessions.listOf(id, after(10))).toEqual([first, last]);
  });

  test('of fifty extensions from one expiry, one moves it', async () => {
    const { store, person, session } = await world.project();
    const made = await session((await person()).id);
    const extend = (i: number) =>
      store.transaction((tx) => tx.sessions.extend(made.id, made.expiresAt, after(100_000 + i), after(5)));
    const outcomes = await Promise.all(times(50, extend));
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    const winner = outcomes.indexOf(true);
    expect((await store.read.sessions.find(made.id))?.expiresAt).toBe(after(100_000 + winner));
  });

  test('a rotated session keeps its id, and its old token is worth nothing', async () => {
    const { store, person, session } = await world.project();
    const made = await session((await person()).id);
    const fresh = hashOf(`fresh ${made.id}`);
    expect(await store.transaction((tx) => tx.sessions.rotate(made.id, fresh, after(1)))).toBe(true);
    expect(await store.read.sessions.findByTokenHash(made.tokenHash)).toBeNull();
    expect((await store.read.sessions.findByTokenHash(fresh))?.session.id).toBe(made.id);
    expect(await store.transaction((tx) => tx.sessions.rotate(world.ids.next(), fresh, NOW))).toBe(false);
  });

  test('of fifty ends of one session, one ended it', async () => {
    const { store, person, session } = await world.project();
    const made = await session((await person()).id);
    const ended = await Promise.all(times(50, () => store.transaction((tx) => tx.sessions.end(made.id))));
    expect(ended.filter(Boolean)).toHaveLength(1);
  });

  test('ending all of a person spares the named one and everybody else', async () => {
    const { store, person, session } = await world.project();
    const [alice, bob] = [(await person()).id, (await person()).id];
    const [one, kept, two, other] = [
      await session(alice),
      await session(alice),
      await session(alice),
      await session(bob),
    ];
    expect(await store.transaction((tx) => tx.sessions.endAllOf(alice, kept.id))).toEqual([one.id, two.id]);
    expect(await store.read.sessions.listOf(alice, NOW)).toEqual([kept]);
    expect(await store.read.sessions.listOf(bob, NOW)).toEqual([other]);
    expect(await store.transaction((tx) => tx.sessions.endAllOf(alice))).toEqual([kept.id]);
  });

  test('last uses are written together, and never move back', async () => {
    const { store, person, session } = await world.project();
    const { id } = await person();
    const made = [];
    for (const _ of times(5, (i) => i)) made.push(await session(id));
    const uses = made.map((one, i) => ({ id: one.id, at: after(i * 10 - 20) }));
    await store.transaction((tx) => tx.sessions.touch(uses));
    const seen = await Promise.all(made.map(async (one) => (await store.read.sessions.find(one.id))?.lastUsedAt));
    expect(seen).toEqual([NOW, NOW, NOW, after(10), after(20)]);
    await store.transaction((tx) => tx.sessions.touch([]));
  });

  test('a sweep takes what expired, and no more than it may', async () => {
    const { store, person, session } = await world.project();
    const { id } = await person();
    const [young, old, live] = [
      await session(id, { expiresAt: after(20) }),
      await session(id, { expiresAt: after(10) }),
      await session(id, { expiresAt: after(30) }),
    ];
    const sweep = (limit: number) => store.transaction((tx) => tx.ended.sweep('session', after(30), limit));
    expect(await sweep(1)).toBe(1);
    expect(await sweep(10)).toBe(1);
    expect(await Promise.all([old, young].map(({ id: gone }) => store.read.sessions.find(gone)))).toEqual([null, null]);
    expect(await store.read.sessions.find(live.id)).not.toBeNull();
  });
});

onEveryEngine('Pending sign-ins', (world) => {
  test('voiding spares what was completed, and a sweep takes what expired', async () => {
    const { store, person } = await world.project();
    const { id } = await person();
    const open = aPendingSignIn(world.ids, id, { expiresAt: after(10) });
    const done = aPendingSignIn(world.ids, id, { completedAt: after(1) });
    await store.transaction(async (tx) => {
      await tx.pendingSignIns.insert(open);
      await tx.pendingSignIns.insert(done);
      await tx.pendingSignIns.voidAllOf(id, after(2));
    });
    const rows = await world.database.rows('SELECT id, voided_at FROM pending_sign_in WHERE user_id = ? ORDER BY id', [
      id,
    ]);
    expect(rows.map((row) => row.voided_at)).toEqual([after(2), null]);
    expect(await store.transaction((tx) => tx.ended.sweep('pending_sign_in', after(11), 10))).toBe(1);
  });
});
