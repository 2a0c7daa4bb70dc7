import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { days, hours } from '../../../src/base/clock.ts';
import type { Browser } from '../../kit/browser.ts';
import { oneEngine } from '../../kit/engines.ts';
import { aPerson, password, signedIn } from '../../kit/people.ts';
import { createWorld, type World } from '../../kit/world.ts';

const customRoles = {
  support: { users: ['list', 'read', 'set_role', 'set_password', 'ban', 'delete', 'update', 'set_email'] },
  clerk: { users: ['create', 'update'] },
};

for (const engine of oneEngine('Admin: people')) {
  describe(`Admin: people on ${engine.name} (spec §2.7)`, () => {
    let world: World;
    let admin: Browser;
    let adminId: string;
    let plain: Browser;
    let count = 0;
    beforeAll(async () => {
      world = await createWorld({
        engine,
        policy: { 'admin.customRoles': customRoles, 'admin.bannedMessage': 'Keep out' },
        betterAuth: { additionalFields: { plan: 'string' } },
      });
      adminId = (await aPerson(world, { email: 'admin@example.com', roles: ['admin'] })).id;
      await aPerson(world, { email: 'plain@example.com' });
      admin = await signedIn(world, 'admin@example.com');
      plain = await signedIn(world, 'plain@example.com');
    });
    afterAll(() => world.close());
    const someone = (change: Partial<Parameters<typeof aPerson>[1]> = {}) =>
      aPerson(world, { email: `person${++count}@example.com`, ...change });
    const roleOf = async (id: string) => (await admin.get(`/admin/get-user?id=${id}`)).body.role;

    describe('who may', () => {
      const operations: readonly (readonly [string, object, string])[] = [
        ['/admin/set-role', { userId: 'x', role: 'user' }, 'YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE'],
        ['/admin/create-user', { email: 'n@x.org', name: 'N' }, 'YOU_ARE_NOT_ALLOWED_TO_CREATE_USERS'],
        ['/admin/list-user-sessions', { userId: 'x' }, 'YOU_ARE_NOT_ALLOWED_TO_LIST_USERS_SESSIONS'],
        ['/admin/ban-user', { userId: 'x' }, 'YOU_ARE_NOT_ALLOWED_TO_BAN_USERS'],
        ['/admin/unban-user', { userId: 'x' }, 'YOU_ARE_NOT_ALLOWED_TO_BAN_USERS'],
        ['/admin/impersonate-user', { userId: 'x' }, 'YOU_ARE_NOT_ALLOWED_TO_IMPERSONATE_USERS'],
        ['/admin/revoke-user-session', { sessionToken: 'x' }, 'YOU_ARE_NOT_ALLOWED_TO_REVOKE_USERS_SESSIONS'],
        ['/admin/revoke-user-sessions', { userId: 'x' }, 'YOU_ARE_NOT_ALLOWED_TO_REVOKE_USERS_SESSIONS'],
        ['/admin/remove-user', { userId: 'x' }, 'YOU_ARE_NOT_ALLOWED_TO_DELETE_USERS'],
        [
          '/admin/set-user-password',
          { userId: 'x', newPassword: password },
          'YOU_ARE_NOT_ALLOWED_TO_SET_USERS_PASSWORD',
        ],
        ['/admin/update-user', { userId: 'x', data: { name: 'N' } }, 'YOU_ARE_NOT_ALLOWED_TO_UPDATE_USERS'],
      ];
      for (const [path, body, code] of operations) {
        test(`${path}: 401 signed out, 403 ${code} for a plain user`, async () => {
          expect((await world.browser().post(path, body)).status).toBe(401);
          const reply = await plain.post(path, body);
          expect([reply.status, reply.body.code]).toEqual([403, code]);
        });
      }

      test('GET operations likewise', async () => {
        expect((await plain.get('/admin/list-users')).body.code).toBe('YOU_ARE_NOT_ALLOWED_TO_LIST_USERS');
        expect((await plain.get('/admin/get-user?id=x')).body.code).toBe('YOU_ARE_NOT_ALLOWED_TO_GET_USER');
        expect((await world.browser().get('/admin/list-users')).status).toBe(401);
      });

      test('a target that does not exist is 404 for administrators', async () => {
        const replies = [
          await admin.post('/admin/ban-user', { userId: 'nobody' }),
          await admin.post('/admin/unban-user', { userId: 'nobody' }),
          await admin.post('/admin/set-role', { userId: 'nobody', role: 'user' }),
          await admin.post('/admin/update-user', { userId: 'nobody', data: { name: 'N' } }),
          await admin.post('/admin/set-user-password', { userId: 'nobody', newPassword: password }),
          await admin.post('/admin/remove-user', { userId: 'nobody' }),
          await admin.get('/admin/get-user?id=nobody'),
          await admin.post('/admin/impersonate-user', { userId: 'nobody' }),
          await admin.post('/admin/ban-user', { userId: 42 }),
        ];
        for (const { status, body } of replies) expect([status, body.code]).toEqual([404, 'USER_NOT_FOUND']);
      });
    });

    describe('create-user', () => {
      test('opens no session, and the person can sign in', async () => {
        const reply = await admin.post('/admin/create-user', {
          email: 'New@Example.com',
          password,
          name: 'New',
          data: { plan: 'gold', username: 'newbie', unknown: 1 },
        });
        expect(reply.status).toBe(200);
        expect(reply.setCookies).toEqual([]);
        expect(reply.body.user).toMatchObject({
          email: 'new@example.com',
          name: 'New',
          role: 'user',
          plan: 'gold',
          username: 'newbie',
          emailVerified: false,
        });
        await signedIn(world, 'new@example.com');
      });

      test('without a password; with several roles, shown with commas', async () => {
        const reply = await admin.post('/admin/create-user', {
          email: 'roles@example.com',
          name: 'R',
          role: ['user', 'admin'],
        });
        expect(reply.body.user.role).toBe('user,admin');
      });

      test('refuses a taken address, what is none, bad passwords and unknown roles', async () => {
        const create = async (body: object) =>
          (await admin.post('/admin/create-user', { email: 'never@example.com', name: 'N', ...body })).body.code;
        expect(await create({ email: 'PLAIN@example.com' })).toBe('USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL');
        expect(await create({ email: 'no address' })).toBe('INVALID_EMAIL');
        expect(await create({ password: 'short' })).toBe('PASSWORD_TOO_SHORT');
        expect(await create({ role: 'emperor' })).toBe('YOU_ARE_NOT_ALLOWED_TO_SET_NON_EXISTENT_VALUE');
        expect(await create({ data: { role: 7 } })).toBe('INVALID_ROLE_TYPE');
        expect((await admin.get('/admin/list-users?filterValue=never@example.com')).body.total).toBe(0);
      });

      test('a role, also inside data, wants set-role; ban fields want ban; a refusal leaves nobody behind', async () => {
        await someone({ email: 'clerk@example.com', roles: ['clerk'] });
        const clerk = await signedIn(world, 'clerk@example.com');
        const create = (body: object) =>
          clerk.post('/admin/create-user', { email: 'c1@example.com', name: 'C', ...body });
        expect((await create({ role: 'admin' })).body.code).toBe('YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE');
        expect((await create({ data: { role: 'admin' } })).body.code).toBe('YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE');
        expect((await create({ data: { banned: true } })).body.code).toBe('YOU_ARE_NOT_ALLOWED_TO_BAN_USERS');
        expect((await create({})).status).toBe(200);
      });
    });

    describe('set-role', () => {
      test('one, several, or several in one text; unknown ones 400', async () => {
        const { id } = await someone();
        const set = (role: unknown) => admin.post('/admin/set-role', { userId: id, role });
        expect((await set('admin')).body.user.role).toBe('admin');
        expect((await set(['user', 'support'])).body.user.role).toBe('user,support');
        expect((await set('support,user')).body.user.role).toBe('support,user');
        const unknown = await set('user,emperor');
        expect([unknown.status, unknown.body.code]).toEqual([400, 'YOU_ARE_NOT_ALLOWED_TO_SET_NON_EXISTENT_VALUE']);
        expect(await roleOf(id)).toBe('support,user');
        expect((await set(7)).status).toBe(400);
        expect(await world.eventTypes(id)).toContain('account.roles_changed');
      });

      test('nobody gives, or takes over, what they lack (rule 29)', async () => {
        await someone({ email: 'support@example.com', roles: ['support'] });
        const support = await signedIn(world, 'support@example.com');
        const { id } = await someone();
        const refused = await support.post('/admin/set-role', { userId: id, role: 'admin' });
        expect([refused.status, refused.body.code]).toEqual([403, 'YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE']);
        expect(await roleOf(id)).toBe('user');
        const takeovers: [string, object][] = [
          ['/admin/set-user-password', { newPassword: password }],
          ['/admin/update-user', { data: { email: 'mine@example.com' } }],
          ['/admin/set-role', { role: 'user' }],
          ['/admin/ban-user', {}],
          ['/admin/remove-user', {}],
        ];
        for (const [path, body] of takeovers) {
          expect((await support.post(path, { userId: adminId, ...body })).status, path).toBe(403);
          expect((await support.post('/admin/set-role', { userId: id, role: 'support' })).status).toBe(200);
        }
        expect((await admin.get('/get-session')).body.user.role).toBe('admin');
      });

      test('an administrator who was demoted is refused at once, whatever their session remembers', async () => {
        const { id } = await someone({ email: 'demoted@example.com', roles: ['admin'] });
        const demoted = await signedIn(world, 'demoted@example.com');
        expect((await demoted.get('/admin/list-users')).status).toBe(200);
        await admin.post('/admin/set-role', { userId: id, role: 'user' });
        expect((await demoted.get('/admin/list-users')).status).toBe(403);
      });
    });

    describe('ban-user, unban-user', () => {
      test('ends sessions, keeps out with the configured words, and unban lets in', async () => {
        const { id, email } = await someone();
        const banned = await signedIn(world, email!.value);
        const reply = await admin.post('/admin/ban-user', { userId: id, banReason: 'spam' });
        expect(reply.body.user).toMatchObject({ id, banned: true, banReason: 'spam', banExpires: null });
        expect((await banned.get('/get-session')).body).toBeNull();
        const refused = await banned.post('/sign-in/email', { email: email!.value, password });
        expect([refused.status, refused.body]).toEqual([403, { message: 'Keep out', code: 'BANNED_USER' }]);
        const lifted = await admin.post('/admin/unban-user', { userId: id });
        expect(lifted.body.user).toMatchObject({ banned: false, banReason: null, banExpires: null });
        await signedIn(world, email!.value);
      });

      test('without a reason `No reason`; one that ran out lets in', async () => {
        const { id, email } = await someone();
        const reply = await admin.post('/admin/ban-user', { userId: id, banExpiresIn: 3600 });
        expect(reply.body.user).toMatchObject({
          banReason: 'No reason',
          banExpires: new Date(world.clock.now() + hours(1)).toISOString(),
        });
        expect((await world.browser().post('/sign-in/email', { email: email!.value, password })).status).toBe(403);
        world.clock.advance(hours(1));
        const browser = await signedIn(world, email!.value);
        expect((await browser.get('/get-session')).body.user).toMatchObject({ banned: false, banReason: null });
      });

      test('never of oneself', async () => {
        const reply = await admin.post('/admin/ban-user', { userId: adminId });
        expect([reply.status, reply.body.code]).toEqual([400, 'YOU_CANNOT_BAN_YOURSELF']);
        const updated = await admin.post('/admin/update-user', { userId: adminId, data: { banned: true } });
        expect(updated.body.code).toBe('YOU_CANNOT_BAN_YOURSELF');
      });

      test('a banned administrator is refused at once', async () => {
        const { id } = await someone({ email: 'fallen@example.com', roles: ['admin'] });
        const fallen = await signedIn(world, 'fallen@example.com');
        await admin.post('/admin/ban-user', { userId: id });
        expect((await fallen.get('/admin/list-users')).status).toBe(401);
      });
    });

    describe('update-user', () => {
      test('changes profile and additional fields', async () => {
        const { id } = await someone();
        const reply = await admin.post('/admin/update-user', { userId: id, data: { name: 'Neo', plan: 'gold' } });
        expect([reply.status, reply.body]).toMatchObject([200, { id, name: 'Neo', plan: 'gold' }]);
      });

      test('nothing, passwords and ids are refused', async () => {
        const { id } = await someone();
        const codes: [object, string][] = [
          [{}, 'NO_DATA_TO_UPDATE'],
          [{ unknown: 1 }, 'NO_DATA_TO_UPDATE'],
          [{ password: 'x' }, 'PASSWORD_CANNOT_BE_UPDATED_VIA_UPDATE_USER'],
          [{ id: 'y' }, 'USER_ID_CANNOT_BE_UPDATED'],
          [{ email: 'no address' }, 'INVALID_EMAIL'],
          [{ email: 'plain@example.com' }, 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL'],
          [{ name: 7 }, 'VALIDATION_ERROR'],
          [{ role: ['emperor'], name: 'Half' }, 'YOU_ARE_NOT_ALLOWED_TO_SET_NON_EXISTENT_VALUE'],
        ];
        for (const [data, code] of codes) {
          const reply = await admin.post('/admin/update-user', { userId: id, data });
          expect([reply.status, reply.body.code], JSON.stringify(data)).toEqual([400, code]);
        }
        expect((await admin.get(`/admin/get-user?id=${id}`)).body.name).not.toBe('Half');
      });

      test('role, ban and address want rights of their own', async () => {
        const { id } = await someone();
        await someone({ email: 'clerk2@example.com', roles: ['clerk'] });
        const clerk = await signedIn(world, 'clerk2@example.com');
        const update = async (data: object) =>
          (await clerk.post('/admin/update-user', { userId: id, data })).body.code ?? 'done';
        expect(await update({ name: 'Ok' })).toBe('done');
        expect(await update({ role: 'clerk' })).toBe('YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE');
        expect(await update({ banned: true })).toBe('YOU_ARE_NOT_ALLOWED_TO_BAN_USERS');
        expect(await update({ emailVerified: true })).toBe('YOU_ARE_NOT_ALLOWED_TO_SET_USERS_EMAIL');
      });

      test('a new address is normal, unverified, ends sessions; the old owner is told', async () => {
        const { id, email } = await someone();
        const browser = await signedIn(world, email!.value);
        const reply = await admin.post('/admin/update-user', {
          userId: id,
          data: { email: `Moved${count}@Example.com` },
        });
        expect(reply.body).toMatchObject({ email: `moved${count}@example.com`, emailVerified: false });
        expect((await browser.get('/get-session')).body).toBeNull();
        expect((await world.mail(email!.value)).subject).toMatch(/address|e-?mail/i);
        const verified = await admin.post('/admin/update-user', { userId: id, data: { emailVerified: true } });
        expect(verified.body.emailVerified).toBe(true);
      });

      test('banned: true ends sessions, false lifts the ban', async () => {
        const { id, email } = await someone();
        const browser = await signedIn(world, email!.value);
        const until = new Date(world.clock.now() + days(1)).toISOString();
        const reply = await admin.post('/admin/update-user', {
          userId: id,
          data: { banned: true, banReason: 'r', banExpires: until },
        });
        expect(reply.body).toMatchObject({ banned: true, banReason: 'r', banExpires: until });
        expect((await browser.get('/get-session')).body).toBeNull();
        expect((await admin.post('/admin/update-user', { userId: id, data: { banned: false } })).body.banned).toBe(
          false,
        );
      });
    });

    describe('set-user-password', () => {
      test('replaces it, ends sessions, and gives one to whoever had none', async () => {
        const { id, email } = await someone({ password: null });
        const first = await admin.post('/admin/set-user-password', { userId: id, newPassword: password });
        expect([first.status, first.body]).toEqual([200, { status: true }]);
        const browser = await signedIn(world, email!.value);
        await admin.post('/admin/set-user-password', { userId: id, newPassword: 'another password' });
        expect((await browser.get('/get-session')).body).toBeNull();
        expect((await browser.post('/sign-in/email', { email: email!.value, password })).status).toBe(401);
      });

      test('empty, short and long ones and an empty id are 400', async () => {
        const { id } = await someone();
        const set = async (body: object) =>
          admin.post('/admin/set-user-password', { userId: id, newPassword: password, ...body });
        expect((await set({ newPassword: '' })).status).toBe(400);
        expect((await set({ userId: '' })).status).toBe(400);
        expect((await set({ newPassword: 'short' })).body.code).toBe('PASSWORD_TOO_SHORT');
        expect((await set({ newPassword: 'x'.repeat(129) })).body.code).toBe('PASSWORD_TOO_LONG');
      });
    });

    describe('remove-user', () => {
      test('erases the person with all that is theirs', async () => {
        const { id, email } = await someone();
        const browser = await signedIn(world, email!.value);
        const made = await browser.post('/api-key/create', {});
        expect(made.status).toBe(200);
        expect((await admin.post('/admin/remove-user', { userId: id })).body).toEqual({ success: true });
        expect((await browser.get('/get-session')).body).toBeNull();
        expect((await admin.get(`/admin/get-user?id=${id}`)).status).toBe(404);
        expect((await browser.post('/sign-in/email', { email: email!.value, password })).status).toBe(401);
      });

      test('never oneself', async () => {
        const reply = await admin.post('/admin/remove-user', { userId: adminId });
        expect([reply.status, reply.body.code]).toEqual([400, 'YOU_CANNOT_REMOVE_YOURSELF']);
      });
    });

    describe('has-permission', () => {
      const asks = async (browser: Browser, permissions: object) =>
        (await browser.post('/admin/has-permission', { permissions })).body;

      test('one role must allow all that is asked; unknown and empty are not allowed', async () => {
        expect(await asks(admin, { user: ['create', 'set-role', 'get'], session: ['revoke', 'delete'] })).toEqual({
          error: null,
          success: true,
        });
        for (const permissions of [
          { user: ['impersonate-admins'] },
          { user: [] },
          {},
          { user: ['list'], spaceship: ['fly'] },
        ]) {
          expect(await asks(admin, permissions)).toEqual({ error: null, success: false });
        }
        expect((await asks(plain, { user: ['list'] })).success).toBe(false);
      });

      test('two roles do not add up; the old name of the field is accepted', async () => {
        await someone({ email: 'both@example.com', roles: ['clerk', 'support'] });
        const both = await signedIn(world, 'both@example.com');
        expect((await asks(both, { user: ['create'] })).success).toBe(true);
        expect((await asks(both, { user: ['create', 'list'] })).success).toBe(false);
        const old = await both.post('/admin/has-permission', { permission: { user: ['list'] } });
        expect(old.body.success).toBe(true);
      });

      test('is always of the session: role and userId of the body count for nothing', async () => {
        const reply = await plain.post('/admin/has-permission', {
          permissions: { user: ['list'] },
          role: 'admin',
          userId: adminId,
        });
        expect(reply.body.success).toBe(false);
        expect((await world.browser().post('/admin/has-permission', { permissions: {}, role: 'admin' })).status).toBe(
          401,
        );
        expect((await plain.post('/admin/has-permission', {})).status).toBe(400);
      });
    });
  });
}
