import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hours } from '../../../src/base/clock.ts';
import type { Browser } from '../../kit/browser.ts';
import { oneEngine } from '../../kit/engines.ts';
import { aPerson, password, signedIn } from '../../kit/people.ts';
import { createWorld, type World } from '../../kit/world.ts';

const policy = {
  'admin.customRoles': { auditor: { users: ['impersonate'] }, boss: { users: ['impersonate_admins'] } },
};

for (const engine of oneEngine('Admin: sessions')) {
  describe(`Admin: sessions on ${engine.name} (spec §3.6)`, () => {
    let world: World;
    let admin: Browser;
    let adminId: string;
    let count = 0;
    beforeAll(async () => {
      world = await createWorld({ engine, policy });
      adminId = (await aPerson(world, { email: 'admin@example.com', roles: ['admin'] })).id;
      admin = await signedIn(world, 'admin@example.com');
    });
    afterAll(() => world.close());
    const someone = async (roles: string[] = []) => {
      const person = await aPerson(world, { email: `person${++count}@example.com`, roles });
      return { id: person.id, email: person.email!.value };
    };
    /** A browser of an administrator that is now somebody else's. */
    async function impersonating(body: object = {}) {
      const target = await someone();
      const browser = await signedIn(world, 'admin@example.com', body);
      const own = (await browser.get('/get-session')).body.session.token;
      const reply = await browser.post('/admin/impersonate-user', { userId: target.id });
      expect(reply.status).toBe(200);
      return { target, browser, own, reply };
    }

    describe('list and revoke', () => {
      test('lists sessions by handle: no token of anybody is told, and a handle signs nobody in (T5)', async () => {
        const { id, email } = await someone();
        const theirs = await signedIn(world, email);
        const token = (await theirs.get('/get-session')).body.session.token;
        const { sessions } = (await admin.post('/admin/list-user-sessions', { userId: id })).body;
        expect(sessions).toHaveLength(1);
        expect(sessions[0].token).toBe(sessions[0].id);
        expect(JSON.stringify(sessions)).not.toContain(token);
        const thief = world.browser({ authorization: `Bearer ${sessions[0].token}` });
        expect((await thief.get('/get-session')).body).toBeNull();
        expect((await admin.post('/admin/list-user-sessions', { userId: 'nobody' })).body).toEqual({ sessions: [] });
      });

      test('revokes one by handle or token, all by user; what is not there is the same', async () => {
        const { id, email } = await someone();
        const [a, b, c] = [await signedIn(world, email), await signedIn(world, email), await signedIn(world, email)];
        const { sessions } = (await admin.post('/admin/list-user-sessions', { userId: id })).body;
        const revoke = (sessionToken: string) => admin.post('/admin/revoke-user-session', { sessionToken });
        expect((await revoke(sessions[0].token)).body).toEqual({ success: true });
        expect((await a.get('/get-session')).body).toBeNull();
        expect((await revoke((await b.get('/get-session')).body.session.token)).status).toBe(200);
        expect((await b.get('/get-session')).body).toBeNull();
        expect((await revoke('nothing')).body).toEqual({ success: true });
        expect((await admin.post('/admin/revoke-user-sessions', { userId: id })).body).toEqual({ success: true });
        expect((await c.get('/get-session')).body).toBeNull();
        expect((await admin.post('/admin/revoke-user-sessions', { userId: 'nobody' })).body).toEqual({ success: true });
        expect((await world.eventTypes(id)).filter((type) => type === 'session.ended')).toHaveLength(3);
      });
    });

    describe('impersonate', () => {
      test('the cookies: three deletions, the own session aside, the new session for as long as the browser', async () => {
        const { reply, own } = await impersonating();
        const names = reply.setCookies.map((line) => line.split('=')[0]);
        expect(names).toEqual([
          'better-auth.session_token',
          'better-auth.session_data',
          'better-auth.dont_remember',
          'better-auth.admin_session',
          'better-auth.session_token',
          'better-auth.dont_remember',
        ]);
        for (const line of reply.setCookies.slice(0, 3)) expect(line).toContain('Max-Age=0');
        expect(reply.setCookies[3]).toContain(`better-auth.admin_session=${own}%3A.`);
        expect(reply.setCookies[3]).toContain('Max-Age=604800');
        expect(reply.setCookies[4]).not.toContain('Max-Age');
        for (const line of reply.setCookies) expect(line).toContain('HttpOnly');
      });

      test('the session is the target’s, for an hour, and not in their list; the event names who did it', async () => {
        const { target, browser, reply } = await impersonating();
        expect(reply.body).toMatchObject({ session: { impersonatedBy: adminId, userId: target.id }, user: target });
        expect(Date.parse(reply.body.session.expiresAt) - world.clock.now()).toBe(hours(1));
        expect((await browser.get('/get-session')).body.user.id).toBe(target.id);
        const theirs = await signedIn(world, target.email);
        const listed = (await theirs.get('/list-sessions')).body;
        expect(listed.map(({ id }: { id: string }) => id)).toEqual([
          (await theirs.get('/get-session')).body.session.id,
        ]);
        const { sessions } = (await admin.post('/admin/list-user-sessions', { userId: target.id })).body;
        expect(sessions).toHaveLength(2);
        const [event] = await world.app.mainProject.store.read.events.listOf(target.id, { limit: 1 });
        expect(event).toMatchObject({ type: 'account.signed_in' });
        const types = await world.eventTypes(target.id);
        expect(types).toContain('account.impersonated');
        world.clock.advance(hours(1));
        expect((await browser.get('/get-session')).body).toBeNull();
        admin = await signedIn(world, 'admin@example.com');
      });

      test('what is done in somebody’s name is written down with who did it', async () => {
        const { target, browser } = await impersonating();
        await browser.post('/update-user', { name: 'Renamed' });
        const [event] = await world.app.mainProject.store.read.events.listOf(target.id, { limit: 1 });
        expect(event).toMatchObject({ type: 'account.updated', data: { impersonator_id: adminId } });
      });

      test('makes no keys and is never nested', async () => {
        const { browser } = await impersonating();
        expect((await browser.post('/api-key/create', {})).body.code).toBe('IMPERSONATED_SESSION');
        const other = await someone();
        expect((await browser.post('/admin/impersonate-user', { userId: other.id })).status).toBe(403);
      });

      test('administrators are out of reach unless the role says otherwise, and then only equals', async () => {
        const other = await someone(['admin']);
        const refused = await admin.post('/admin/impersonate-user', { userId: other.id });
        expect([refused.status, refused.body.code]).toEqual([403, 'YOU_CANNOT_IMPERSONATE_ADMINS']);
        const chief = await someone(['admin', 'boss']);
        const boss = await signedIn(world, chief.email);
        expect((await boss.post('/admin/impersonate-user', { userId: other.id })).status).toBe(200);
        const second = await someone(['auditor', 'boss']);
        const auditor = await signedIn(world, second.email);
        expect((await auditor.post('/admin/impersonate-user', { userId: other.id })).status).toBe(403);
      });

      test('of a banned person is refused', async () => {
        const { id } = await someone();
        await admin.post('/admin/ban-user', { userId: id });
        const reply = await admin.post('/admin/impersonate-user', { userId: id });
        expect([reply.status, reply.body.code]).toEqual([403, 'BANNED_USER']);
      });
    });

    describe('stop-impersonating', () => {
      test('gives the own session back, with its life, and ends the other', async () => {
        const { browser, own, reply } = await impersonating();
        const token = reply.body.session.token;
        const stopped = await browser.post('/admin/stop-impersonating', {});
        expect(stopped.body).toMatchObject({ session: { token: own }, user: { id: adminId } });
        expect(stopped.setCookies).toHaveLength(2);
        expect(stopped.setCookies[0]).toMatch(/^better-auth\.session_token=.*Max-Age=604800/);
        expect(stopped.setCookies[1]).toMatch(/^better-auth\.admin_session=;.*Max-Age=0/);
        expect((await browser.get('/get-session')).body.user.id).toBe(adminId);
        expect((await world.browser({ authorization: `Bearer ${token}` }).get('/get-session')).body).toBeNull();
      });

      test('a session that was not to be remembered is not afterwards', async () => {
        const { browser, reply, own } = await impersonating({ rememberMe: false });
        expect(reply.setCookies[3]).toContain(`better-auth.admin_session=${own}%3Atrue.`);
        const stopped = await browser.post('/admin/stop-impersonating', {});
        expect(stopped.setCookies[0]).not.toContain('Max-Age');
      });

      test('401 signed out, 400 for whoever impersonates nobody', async () => {
        expect((await world.browser().post('/admin/stop-impersonating', {})).status).toBe(401);
        const reply = await admin.post('/admin/stop-impersonating', {});
        expect([reply.status, reply.body.message]).toEqual([400, 'You are not impersonating anyone']);
      });

      test('another session of the same or another administrator is not what began it', async () => {
        const { browser } = await impersonating();
        const other = await signedIn(world, 'admin@example.com');
        const aside = await other.post('/admin/impersonate-user', { userId: (await someone()).id });
        const [foreign] = aside.setCookies.filter((line) => line.startsWith('better-auth.admin_session='));
        await browser.jar.setCookie(foreign!, browser.base);
        const reply = await browser.post('/admin/stop-impersonating', {});
        expect([reply.status, reply.body.message]).toEqual([500, 'Failed to find admin session']);
        expect((await browser.get('/get-session')).body.user.id).not.toBe(adminId);
      });

      test('ends with the administrator: ban, demotion, new password, deletion (rule 18)', async () => {
        const ends: ((id: string) => Promise<unknown>)[] = [
          (userId) => admin.post('/admin/ban-user', { userId }),
          (userId) => admin.post('/admin/set-role', { userId, role: 'user' }),
          (userId) => admin.post('/admin/set-user-password', { userId, newPassword: `${password}!` }),
          (userId) => admin.post('/admin/remove-user', { userId }),
        ];
        for (const end of ends) {
          const second = await someone(['admin']);
          const browser = await signedIn(world, second.email);
          await browser.post('/admin/impersonate-user', { userId: (await someone()).id });
          expect((await browser.get('/get-session')).body).not.toBeNull();
          await end(second.id);
          expect((await browser.get('/get-session')).body).toBeNull();
        }
      });
    });
  });

  describe(`Admin: policy on ${engine.name}`, () => {
    test('admin.userIds may do everything; allowImpersonatingAdmins opens administrators to each other', async () => {
      const first = await createWorld({ engine });
      const { id } = await aPerson(first, { email: 'root@example.com' });
      const { database } = first;
      await first.app.close();
      const world = await createWorld({
        database: database!.config,
        policy: { 'admin.userIds': [id], 'admin.allowImpersonatingAdmins': true, 'admin.impersonationSeconds': 600 },
      });
      try {
        const root = await signedIn(world, 'root@example.com');
        const other = await aPerson(world, { email: 'other@example.com', roles: ['admin'] });
        const all = await root.post('/admin/has-permission', { permissions: { user: ['impersonate-admins'] } });
        expect(all.body.success).toBe(true);
        const admin = await signedIn(world, 'other@example.com');
        expect((await admin.post('/admin/ban-user', { userId: id })).status).toBe(403);
        const third = await aPerson(world, { email: 'third@example.com', roles: ['admin'] });
        const reply = await admin.post('/admin/impersonate-user', { userId: third.id });
        expect(reply.status).toBe(200);
        expect(Date.parse(reply.body.session.expiresAt) - world.clock.now()).toBe(600_000);
        expect((await root.post('/admin/impersonate-user', { userId: other.id })).status).toBe(200);
      } finally {
        await world.close();
        await database!.drop();
      }
    });

    test('a role that is no longer configured allows nothing and cannot be given', async () => {
      const first = await createWorld({ engine, policy: { 'admin.customRoles': { helper: { users: ['list'] } } } });
      await aPerson(first, { email: 'helper@example.com', roles: ['helper'] });
      const helper = await signedIn(first, 'helper@example.com');
      expect((await helper.get('/admin/list-users')).status).toBe(200);
      const { database } = first;
      await first.app.close();
      const world = await createWorld({ database: database!.config });
      try {
        const later = await signedIn(world, 'helper@example.com');
        expect((await later.get('/admin/list-users')).status).toBe(403);
      } finally {
        await world.close();
        await database!.drop();
      }
    });
  });
}
