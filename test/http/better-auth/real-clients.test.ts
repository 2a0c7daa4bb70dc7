import { createAuthClient as createNewest } from 'better-auth/client';
import { twoFactorClient as newestTwoFactor, usernameClient as newestUsername } from 'better-auth/client/plugins';
import { createAuthClient as createSeed } from 'better-auth-seed/client';
import { twoFactorClient as seedTwoFactor, usernameClient as seedUsername } from 'better-auth-seed/client/plugins';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from '../../kit/browser.ts';
import { oneEngine } from '../../kit/engines.ts';
import { createWorld, type World } from '../../kit/world.ts';

/** Unmodified clients of both eras. Only `fetch` is ours: it keeps cookies and sends an origin, as a browser would. */
const eras = {
  'the newest client': (browser: Browser) =>
    createNewest({
      baseURL: browser.base,
      plugins: [newestUsername(), newestTwoFactor() as never],
      fetchOptions: { customFetchImpl: browser.fetch as typeof fetch },
    }),
  'the client of the seed era': (browser: Browser) =>
    createSeed({
      baseURL: browser.base,
      plugins: [seedUsername(), seedTwoFactor() as never],
      fetchOptions: { customFetchImpl: browser.fetch as typeof fetch },
    }) as unknown as ReturnType<typeof createNewest>,
};

for (const engine of oneEngine('better-auth/client')) {
  describe(`better-auth/client on ${engine.name}`, () => {
    let world: World;
    let count = 0;
    beforeAll(async () => {
      world = await createWorld({ engine });
    });
    afterAll(() => world.close());
    const anAddress = () => `person${++count}@example.com`;

    for (const [era, create] of Object.entries(eras)) {
      describe(era, () => {
        test('signs up, knows the session, signs out', async () => {
          const auth = create(world.browser());
          const email = anAddress();
          const signedUp = await auth.signUp.email({ email, password: 'correct horse', name: 'Ada' });
          expect(signedUp.error).toBeNull();
          expect(signedUp.data?.user).toMatchObject({ email, name: 'Ada', emailVerified: false });

          const session = await auth.getSession();
          expect(session.data?.user.email).toBe(email);
          expect(session.data?.session.expiresAt).toBeInstanceOf(Date);

          expect((await auth.signOut()).data).toMatchObject({ success: true });
          expect((await auth.getSession()).data).toBeNull();
        });

        test('signs in with the right password only', async () => {
          const email = anAddress();
          await create(world.browser()).signUp.email({ email, password: 'correct horse', name: 'Ada' });
          const auth = create(world.browser());
          const wrong = await auth.signIn.email({ email, password: 'battery staple' });
          expect(wrong.error).toMatchObject({ status: 401, code: 'INVALID_EMAIL_OR_PASSWORD' });
          const right = await auth.signIn.email({ email, password: 'correct horse' });
          expect(right.data).toMatchObject({ redirect: false, user: { email } });
          expect((await auth.getSession()).data?.user.email).toBe(email);
        });

        test('signs in by username', async () => {
          const browser = world.browser();
          const auth = create(browser) as ReturnType<(typeof eras)['the newest client']>;
          const username = `Ada_${++count}`;
          await auth.signUp.email({ email: anAddress(), password: 'correct horse', name: 'Ada', username } as never);
          await auth.signOut();
          const answer = await auth.signIn.username({ username: username.toUpperCase(), password: 'correct horse' });
          expect(answer.error).toBeNull();
          expect((await auth.getSession()).data?.user).toMatchObject({
            username: username.toLowerCase(),
            displayUsername: username,
          });
        });

        test('verifies an address by the mailed link', async () => {
          const browser = world.browser();
          const auth = create(browser);
          const email = anAddress();
          await auth.signUp.email({ email, password: 'correct horse', name: 'Ada' });
          const { links } = await world.mail(email);
          expect((await browser.get(links[0]!)).status).toBe(302);
          expect((await auth.getSession()).data?.user.emailVerified).toBe(true);
        });

        test('resets a password by the mailed link', async () => {
          const browser = world.browser();
          const auth = create(browser);
          const email = anAddress();
          await auth.signUp.email({ email, password: 'correct horse', name: 'Ada' });
          await auth.signOut();
          const asked = await browser.post(
            era === 'the newest client' ? '/request-password-reset' : '/forget-password',
            { email, redirectTo: '/reset' },
          );
          expect(asked.body).toMatchObject({ status: true });
          const { links } = await world.mail(email);
          const landed = await browser.get(links[0]!);
          const token = new URL(landed.headers.get('location')!).searchParams.get('token')!;
          expect((await auth.resetPassword({ newPassword: 'battery staple', token })).data).toEqual({ status: true });
          expect((await auth.signIn.email({ email, password: 'correct horse' })).error?.status).toBe(401);
          expect((await auth.signIn.email({ email, password: 'battery staple' })).error).toBeNull();
        });

        test('changes the password and the profile', async () => {
          const auth = create(world.browser());
          const email = anAddress();
          await auth.signUp.email({ email, password: 'correct horse', name: 'Ada' });
          const changed = await auth.changePassword({
            currentPassword: 'correct horse',
            newPassword: 'battery staple',
            revokeOtherSessions: true,
          });
          expect(changed.error).toBeNull();
          expect((await auth.updateUser({ name: 'Countess', image: 'https://example.com/a.png' })).data).toEqual({
            status: true,
          });
          expect((await auth.getSession()).data?.user).toMatchObject({
            name: 'Countess',
            image: 'https://example.com/a.png',
          });
        });

        test('lists and ends sessions', async () => {
          const email = anAddress();
          const here = create(world.browser());
          await here.signUp.email({ email, password: 'correct horse', name: 'Ada' });
          const thereBrowser = world.browser();
          const there = create(thereBrowser);
          await there.signIn.email({ email, password: 'correct horse' });
          const listed = await here.listSessions();
          expect(listed.data).toHaveLength(2);
          const other = listed.data!.find(({ token }) => token.includes('-'))!;
          expect((await here.revokeSession({ token: other.token })).data).toEqual({ status: true });
          expect((await there.getSession()).data).toBeNull();
          expect((await here.getSession()).data).not.toBeNull();
        });
      });
    }

    test('a session made by one era is accepted by the other', async () => {
      const browser = world.browser();
      const email = anAddress();
      await eras['the client of the seed era'](browser).signUp.email({ email, password: 'correct horse', name: 'Ada' });
      expect((await eras['the newest client'](browser).getSession()).data?.user.email).toBe(email);
    });
  });
}
