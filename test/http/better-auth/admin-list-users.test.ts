import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from '../../kit/browser.ts';
import { engines } from '../../kit/engines.ts';
import { aPerson, signedIn } from '../../kit/people.ts';
import { createWorld, type World } from '../../kit/world.ts';

for (const engine of engines) {
  describe(`Admin: list-users on ${engine.name} (spec §2.7)`, () => {
    let world: World;
    let admin: Browser;
    let ids: string[];
    beforeAll(async () => {
      world = await createWorld({ engine });
      const people = [
        { email: 'zoe.admin@example.com', displayName: 'Zoë', roles: ['admin'] },
        { email: 'bob@example.com', displayName: 'Bob Builder', emailVerified: false },
        { email: 'carol@example.org', displayName: 'carol', username: 'Carol' },
        { email: 'dave_x@example.org', displayName: null, roles: ['user', 'admin'] },
        { email: 'eve@example.org', displayName: 'Bob % the second', roles: ['user'] },
      ];
      ids = [];
      for (const person of people) {
        ids.push((await aPerson(world, person)).id);
        world.clock.advance(1000);
      }
      admin = await signedIn(world, 'zoe.admin@example.com');
      await admin.post('/admin/ban-user', { userId: ids[4], banReason: 'spam' });
    });
    afterAll(() => world.close());
    const list = async (query: Record<string, string | number>) => {
      const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
      return (await admin.get(`/admin/list-users?${search}`)).body;
    };
    const emails = async (query: Record<string, string | number>) =>
      (await list(query)).users.map(({ email }: { email: string }) => email.split('@')[0]);

    test('everybody, in the order in which they came, with the number of all', async () => {
      const all = await list({});
      expect(all.users.map(({ id }: { id: string }) => id)).toEqual(ids);
      expect(all.total).toBe(5);
      expect(all).not.toHaveProperty('limit');
    });

    test('search: e-mail by default, name on request, in either case, wildcards as plain text', async () => {
      expect(await emails({ searchValue: 'EXAMPLE.ORG' })).toEqual(['carol', 'dave_x', 'eve']);
      expect(await emails({ searchValue: 'b', searchOperator: 'starts_with' })).toEqual(['bob']);
      expect(await emails({ searchValue: '.com', searchOperator: 'ends_with' })).toEqual(['zoe.admin', 'bob']);
      expect(await emails({ searchField: 'name', searchValue: 'bOB' })).toEqual(['bob', 'eve']);
      expect(await emails({ searchField: 'name', searchValue: '%' })).toEqual(['eve']);
      expect(await emails({ searchValue: 'dave_' })).toEqual(['dave_x']);
      expect((await list({ searchValue: 'nobody' })).total).toBe(0);
    });

    test('filters by a part of a text in either case, on every column', async () => {
      const part = (filterField: string, filterOperator: string, filterValue: string) =>
        emails({ filterField, filterOperator, filterValue });
      expect(await part('name', 'starts_with', 'bOB')).toEqual(['bob', 'eve']);
      expect(await part('name', 'ends_with', 'BUILDER')).toEqual(['bob']);
      expect(await part('displayUsername', 'contains', 'AROL')).toEqual(['carol']);
      expect(await part('banReason', 'contains', 'SPA')).toEqual(['eve']);
      expect(await part('email', 'contains', 'DAVE_')).toEqual(['dave_x']);
      for (const field of ['createdAt', 'banned', 'twoFactorEnabled', 'id', 'image']) {
        const query = { filterField: field, filterOperator: 'contains', filterValue: '1' };
        const { status } = await admin.get(`/admin/list-users?${new URLSearchParams(query)}`);
        expect([field, status]).toEqual([field, expect.toBeOneOf([200, 400])]);
      }
    });

    test('filter by role, also by the one that everybody without another has', async () => {
      expect(await emails({ filterField: 'role', filterValue: 'admin' })).toEqual(['zoe.admin']);
      expect(await emails({ filterField: 'role', filterValue: 'user,admin' })).toEqual(['dave_x']);
      expect(await emails({ filterField: 'role', filterValue: 'user' })).toEqual(['bob', 'carol', 'eve']);
      const holders = { filterField: 'role', filterOperator: 'contains', filterValue: 'admin' };
      expect(await emails(holders)).toEqual(['zoe.admin', 'dave_x']);
    });

    test('filter by id, e-mail, truth and time, with every operator', async () => {
      const first = { filterField: 'id', filterValue: ids[0]! };
      expect(await emails(first)).toEqual(['zoe.admin']);
      expect((await list({ ...first, filterOperator: 'ne' })).total).toBe(4);
      const some = JSON.stringify([ids[1], ids[2]]);
      expect(await emails({ filterField: 'id', filterOperator: 'in', filterValue: some })).toEqual(['bob', 'carol']);
      expect((await list({ filterField: 'id', filterOperator: 'not_in', filterValue: some })).total).toBe(3);
      expect(await emails({ filterValue: 'BOB@example.com' })).toEqual(['bob']);
      expect(await emails({ filterField: 'banned', filterValue: 'true' })).toEqual(['eve']);
      expect((await list({ filterField: 'banned', filterValue: 'false' })).total).toBe(4);
      expect(await emails({ filterField: 'emailVerified', filterValue: 'false' })).toEqual(['bob']);
      expect((await list({ filterField: 'username', filterOperator: 'ne', filterValue: 'carol' })).total).toBe(4);
      const createdAt = (await list({})).users[2].createdAt;
      const since = (filterOperator: string) =>
        emails({ filterField: 'createdAt', filterOperator, filterValue: createdAt });
      expect(await since('lt')).toEqual(['zoe.admin', 'bob']);
      expect(await since('lte')).toEqual(['zoe.admin', 'bob', 'carol']);
      expect(await since('gt')).toEqual(['dave_x', 'eve']);
      expect(await since('gte')).toEqual(['carol', 'dave_x', 'eve']);
    });

    test('sort in both directions; missing values are last', async () => {
      expect(await emails({ sortBy: 'email' })).toEqual(['bob', 'carol', 'dave_x', 'eve', 'zoe.admin']);
      expect(await emails({ sortBy: 'createdAt', sortDirection: 'desc' })).toEqual([
        'eve',
        'dave_x',
        'carol',
        'bob',
        'zoe.admin',
      ]);
      expect((await emails({ sortBy: 'name' })).at(-1)).toBe('dave_x');
      expect((await emails({ sortBy: 'name', sortDirection: 'desc' })).at(-1)).toBe('dave_x');
    });

    test('limit and offset are echoed when they are numbers above 0, and total stays that of the filter', async () => {
      const page = await list({ limit: 2, offset: 1, searchValue: 'example.org' });
      expect(page.users.map(({ id }: { id: string }) => id)).toEqual([ids[3], ids[4]]);
      expect(page).toMatchObject({ total: 3, limit: 2, offset: 1 });
      const ignored = await list({ limit: 0, offset: 'none' });
      expect(ignored.users).toHaveLength(5);
      expect(ignored).not.toHaveProperty('offset');
      expect((await list({ offset: 9 })).users).toEqual([]);
    });

    test('search and filter both hold', async () => {
      const query = { searchValue: 'example.org', filterField: 'role', filterValue: 'user' };
      expect(await emails(query)).toEqual(['carol', 'eve']);
    });

    test('fields that are not listed cannot be asked for', async () => {
      for (const query of [
        'filterField=password&filterValue=x',
        'filterField=metadata_server&filterValue=x',
        'sortBy=token_hash',
        'searchField=username&searchValue=x',
        'filterField=createdAt&filterValue=soon',
        'filterField=banned&filterValue=maybe',
      ]) {
        const reply = await admin.get(`/admin/list-users?${query}`);
        expect([reply.status, reply.body.code], query).toEqual([400, 'VALIDATION_ERROR']);
      }
    });
  });
}
