import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allRoutes } from '../../src/http/better-auth/routes.ts';
import { engines } from '../kit/engines.ts';
import { aPerson, password } from '../kit/people.ts';
import { createWorld, type World } from '../kit/world.ts';

const serviceToken = 'service-token-0123456789-0123456789';

/** What a key of an administrator may look at. Everything else below `/admin/` is a change. */
const reads: Readonly<Record<string, (id: string) => object | null>> = {
  'GET /admin/list-users': () => null,
  'GET /admin/get-user': () => null,
  'POST /admin/list-user-sessions': (userId) => ({ userId }),
  'POST /admin/has-permission': () => ({ permissions: { user: ['list'] } }),
};

const changes: Readonly<Record<string, (id: string) => object>> = {
  'POST /admin/set-role': (userId) => ({ userId, role: 'admin' }),
  'POST /admin/create-user': () => ({ email: 'made-by-key@example.com', password, name: 'K', role: 'admin' }),
  'POST /admin/update-user': (userId) => ({ userId, data: { email: 'taken-over@example.com', emailVerified: true } }),
  'POST /admin/ban-user': (userId) => ({ userId }),
  'POST /admin/unban-user': (userId) => ({ userId }),
  'POST /admin/remove-user': (userId) => ({ userId }),
  'POST /admin/set-user-password': (userId) => ({ userId, newPassword: 'another password' }),
  'POST /admin/impersonate-user': (userId) => ({ userId }),
  'POST /admin/stop-impersonating': () => ({}),
  'POST /admin/revoke-user-session': (userId) => ({ sessionToken: userId }),
  'POST /admin/revoke-user-sessions': (userId) => ({ userId }),
};

for (const engine of engines) {
  describe(`rule 32: an administrator's API key changes nobody on ${engine.name}`, () => {
    let world: World;
    let key: string;
    let targetId: string;
    beforeAll(async () => {
      world = await createWorld({ engine, betterAuth: { apiKeysActAsOwner: true, serviceToken } });
      const admin = await aPerson(world, { email: 'admin@example.com', roles: ['admin'] });
      targetId = (await aPerson(world, { email: 'target@example.com' })).id;
      await world.browser().post('/sign-in/email', { email: 'target@example.com', password });
      const made = await world
        .browser({ authorization: `Bearer ${serviceToken}` })
        .post('/api-key/create', { userId: admin.id, rateLimitEnabled: false });
      key = made.body.key;
    });
    afterAll(() => world.close());

    const ask = (route: string, body: object | null) => {
      const [method, path] = route.split(' ') as [string, string];
      const query = path.endsWith('/get-user') ? `?id=${targetId}` : '';
      return world.browser({ 'x-api-key': key }).send(method, `${path}${query}`, body ?? undefined);
    };
    const everything = async () => {
      const { store } = world.app.mainProject;
      return {
        target: await store.read.users.find(targetId),
        password: await store.read.passwords.find(targetId),
        sessions: await store.read.sessions.listOf(targetId, world.clock.now()),
        people: await store.read.users.count(),
      };
    };

    test('every endpoint of administration is listed here', () => {
      const served = allRoutes
        .map(({ method, path }) => `${method} ${path}`)
        .filter((route) => route.includes(' /admin/'));
      expect(served.toSorted()).toEqual([...Object.keys(reads), ...Object.keys(changes)].toSorted());
    });

    test.each(Object.keys(reads))('%s is a look', async (route) => {
      expect((await ask(route, reads[route]!(targetId))).status).toBe(200);
    });

    test.each(Object.keys(changes))('%s is refused, and changes nothing', async (route) => {
      const before = await everything();
      const reply = await ask(route, changes[route]!(targetId));
      expect([reply.status, reply.body.code]).toEqual([403, 'API_KEY_CANNOT_ACT']);
      expect(await everything()).toEqual(before);
    });
  });
}
