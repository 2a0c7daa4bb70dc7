import { describe, expect, test } from 'vitest';
import { snapshot } from '../kit/snapshot.ts';
import { onEveryEngine, otherPassword, password } from '../kit/stage.ts';

onEveryEngine('whose is it', { policy: { 'users.selfDeletion': true } }, (stage) => {
  describe('rule 28: the subject comes from the session', () => {
    test.each([
      ['/update-user', { name: 'Mallory' }],
      ['/change-password', { currentPassword: password, newPassword: otherPassword }],
      ['/change-email', { newEmail: 'mallory@example.com' }],
      ['/revoke-sessions', {}],
      ['/revoke-other-sessions', {}],
      ['/delete-user', { password }],
      ['/sign-out', {}],
      ['/verify-password', { password }],
      ['/two-factor/enable', { password }],
    ])('%s', async (path, body) => {
      const victim = await stage.member();
      const mallory = await stage.member();
      await stage.world.mails();
      const { session } = (await victim.browser.get('/get-session')).body;
      const named = {
        userId: victim.id,
        id: victim.id,
        user: victim.id,
        email: undefined,
        sessionId: session.id,
        session: session.id,
      };
      const query = `?userId=${victim.id}&id=${victim.id}&sessionId=${session.id}`;
      await mallory.browser.post(`${path}${query}`, { ...named, ...body });
      const after = (await victim.browser.get('/get-session')).body;
      expect(after.session.id).toBe(session.id);
      expect(after.user).toMatchObject({ name: 'Ada', email: victim.email, twoFactorEnabled: false });
      expect((await stage.browser().post('/sign-in/email', { email: victim.email, password })).status).toBe(200);
    });
  });

  describe('rule 30: what a client may not set', () => {
    const forbidden = {
      emailVerified: true,
      id: 'chosen',
      createdAt: '2000-01-01T00:00:00.000Z',
      updatedAt: '2000-01-01T00:00:00.000Z',
      signedUpAt: 1,
      deactivatedAt: 1,
      restrictedAt: 1,
      anonymous: true,
      profilePublic: true,
      metadataServer: { plan: 'gold' },
      metadataClient: { plan: 'gold' },
      metadataReadonly: { plan: 'gold' },
      plan: 'gold',
      permissions: ['*'],
      roles: ['admin'],
      projectId: 'other',
      passwordHash: 'x',
    };
    const refused = { role: 'admin', banned: true, banReason: 'x', banExpires: 1, twoFactorEnabled: true };

    test('sign-up: ignored or refused, never taken', async () => {
      const email = stage.address();
      const reply = await stage.browser().post('/sign-up/email', { email, password, name: 'A', ...forbidden });
      expect(reply.status).toBe(200);
      expect(reply.body.user).toMatchObject({
        emailVerified: false,
        role: 'user',
        createdAt: expect.stringMatching(/^2026/),
      });
      expect(reply.body.user.id).not.toBe('chosen');
      for (const [field, value] of Object.entries(refused)) {
        const answer = await stage
          .browser()
          .post('/sign-up/email', { email: stage.address(), password, name: 'A', [field]: value });
        expect([field, answer.status, answer.body.code]).toEqual([field, 400, 'FIELD_NOT_ALLOWED']);
      }
    });

    test('update-user: nothing but what it is for', async () => {
      const { browser } = await stage.member();
      const before = await snapshot(stage.world.database!, { without: ['event', 'limit_counter'] });
      expect((await browser.post('/update-user', forbidden)).body.code).toBe('NO_FIELDS_TO_UPDATE');
      for (const [field, value] of Object.entries(refused)) {
        expect((await browser.post('/update-user', { name: 'B', [field]: value })).body.code).toBe('FIELD_NOT_ALLOWED');
      }
      expect(await snapshot(stage.world.database!, { without: ['event', 'limit_counter'] })).toEqual(before);
    });

    test('a form is no way round', async () => {
      const body = new URLSearchParams({ email: stage.address(), password, name: 'A', role: 'admin' }).toString();
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      expect((await stage.browser().send('POST', '/sign-up/email', body, type)).body.code).toBe('FIELD_NOT_ALLOWED');
    });
  });
});
