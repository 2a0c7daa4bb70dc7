import { createAuthClient as createNewest } from 'better-auth/client';
import { adminClient as newestAdmin } from 'better-auth/client/plugins';
import { createAuthClient as createSeed } from 'better-auth-seed/client';
import { adminClient as seedAdmin, apiKeyClient as seedApiKey } from 'better-auth-seed/client/plugins';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from '../../kit/browser.ts';
import { oneEngine } from '../../kit/engines.ts';
import { aPerson, password, signedIn } from '../../kit/people.ts';
import { createWorld, type World } from '../../kit/world.ts';

/** Unmodified clients of both eras. Only `fetch` is ours. */
const newest = (browser: Browser) =>
  createNewest({
    baseURL: browser.base,
    plugins: [newestAdmin()],
    fetchOptions: { customFetchImpl: browser.fetch as typeof fetch },
  });
const seed = (browser: Browser) =>
  createSeed({
    baseURL: browser.base,
    plugins: [seedAdmin(), seedApiKey()] as never[],
    fetchOptions: { customFetchImpl: browser.fetch as typeof fetch },
  }) as unknown as ReturnType<typeof newest> & { apiKey: SeedApiKey };

// biome-ignore lint/suspicious/noExplicitAny: the seed's types do not meet those of the newest plugins
type SeedApiKey = Record<'create' | 'get' | 'update' | 'delete' | 'list', (input?: any) => Promise<any>>;

for (const engine of oneEngine('Clients of administrators')) {
  describe(`Clients of administrators on ${engine.name}`, () => {
    let world: World;
    let count = 0;
    beforeAll(async () => {
      world = await createWorld({ engine, betterAuth: { apiKeyMetadata: true, apiKeyListShape: 'array' } });
      await aPerson(world, { email: 'admin@example.com', roles: ['admin'] });
    });
    afterAll(() => world.close());
    const eras = [
      ['the newest client', newest],
      ['the client of the seed era', seed as unknown as typeof newest],
    ] as const;

    for (const [era, create] of eras) {
      test(`${era}: people from their making to their end`, async () => {
        const auth = create(await signedIn(world, 'admin@example.com'));
        const email = `made${++count}@example.com`;
        const made = await auth.admin.createUser({ email, password, name: 'Made', role: 'user' });
        expect(made.error).toBeNull();
        const userId = made.data!.user.id;

        const listed = await auth.admin.listUsers({ query: { searchValue: email, limit: 10 } });
        expect(listed.data).toMatchObject({ total: 1, limit: 10, users: [{ id: userId }] });
        const by = { filterField: 'id', filterOperator: 'eq', filterValue: userId, sortBy: 'name' } as const;
        expect((await auth.admin.listUsers({ query: by })).data?.total).toBe(1);

        expect((await auth.admin.setRole({ userId, role: 'admin' })).data?.user.role).toBe('admin');
        expect((await auth.admin.setRole({ userId, role: ['user'] })).data?.user.role).toBe('user');
        const banned = await auth.admin.banUser({ userId, banReason: 'r', banExpiresIn: 60 });
        expect(banned.data?.user).toMatchObject({ banned: true, banReason: 'r' });
        expect((await auth.admin.unbanUser({ userId })).data?.user.banned).toBe(false);
        const set = await auth.admin.setUserPassword({ userId, newPassword: `${password}!` });
        expect(set.data).toEqual({ status: true });
        expect((await auth.admin.removeUser({ userId })).data).toEqual({ success: true });
        expect((await auth.admin.removeUser({ userId })).error).toMatchObject({ status: 404, code: 'USER_NOT_FOUND' });
      });

      test(`${era}: sessions and impersonation`, async () => {
        const { id, email } = await aPerson(world, { email: `seen${++count}@example.com` });
        const theirs = await signedIn(world, email!.value);
        const auth = create(await signedIn(world, 'admin@example.com'));
        const sessions = (await auth.admin.listUserSessions({ userId: id })).data!.sessions;
        expect(sessions).toHaveLength(1);
        await auth.admin.revokeUserSession({ sessionToken: sessions[0]!.token });
        expect((await theirs.get('/get-session')).body).toBeNull();

        const as = await auth.admin.impersonateUser({ userId: id });
        expect(as.data?.user.id).toBe(id);
        expect((await auth.getSession()).data?.user.email).toBe(email!.value);
        const back = await auth.admin.stopImpersonating();
        expect(back.error).toBeNull();
        expect((await auth.getSession()).data?.user.email).toBe('admin@example.com');
        expect((await auth.admin.revokeUserSessions({ userId: id })).data).toEqual({ success: true });
      });

      test(`${era}: what the role allows`, async () => {
        const auth = create(await signedIn(world, 'admin@example.com'));
        const may = await auth.admin.hasPermission({ permissions: { user: ['ban'], session: ['list'] } } as never);
        expect(may.data).toEqual({ error: null, success: true });
      });
    }

    test('the newest client: get-user and update-user', async () => {
      const { id } = await aPerson(world, { email: `edit${++count}@example.com` });
      const auth = newest(await signedIn(world, 'admin@example.com'));
      expect((await auth.admin.getUser({ query: { id } })).data?.id).toBe(id);
      const updated = await auth.admin.updateUser({ userId: id, data: { name: 'Edited' } });
      expect(updated.data).toMatchObject({ id, name: 'Edited' });
    });

    test('the client of the seed era: API keys', async () => {
      const { email } = await aPerson(world, { email: `keys${++count}@example.com` });
      const { apiKey } = seed(await signedIn(world, email!.value));
      const made = await apiKey.create({ name: 'k', prefix: 'sk_', metadata: { a: 1 } });
      expect(made.error).toBeNull();
      expect(made.data).toMatchObject({ name: 'k', metadata: { a: 1 }, key: expect.stringMatching(/^sk_/) });
      const keyId = made.data.id;
      expect((await apiKey.get({ query: { id: keyId } })).data).toMatchObject({ id: keyId, name: 'k' });
      expect((await apiKey.update({ keyId, name: 'renamed' })).data.name).toBe('renamed');
      const listed = (await apiKey.list()).data;
      expect(listed).toHaveLength(1);
      expect(listed[0].createdAt).toBeInstanceOf(Date);
      expect((await apiKey.delete({ keyId })).data).toEqual({ success: true });
      expect((await apiKey.list()).data).toEqual([]);
    });
  });
}
