import { describe, expect, test, vi } from 'vitest';
import type { Reply } from '../kit/browser.ts';
import { onEveryEngine, password, rawRequest } from '../kit/stage.ts';

onEveryEngine(
  'rule 16: links come from the configured address',
  { policy: { 'users.selfDeletion': true, 'users.deletionProof': 'mail' } },
  (stage) => {
    const lies = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      'x-forwarded-prefix': '/evil',
      forwarded: 'host=evil.example;proto=https',
      'x-original-url': '/evil',
    };
    const lying = async (path: string, body: unknown, headers: Record<string, string> = {}) =>
      rawRequest(stage.world.url, `/better-auth/api/auth${path}`, {
        method: 'POST',
        headers: { ...lies, 'content-type': 'application/json', 'x-forwarded-for': '198.51.100.3', ...headers },
        body: JSON.stringify(body),
      });

    test.each(['/request-password-reset', '/forget-password', '/send-verification-email'])('%s', async (path) => {
      const { email } = await stage.member();
      await lying(path, { email });
      const mail = await stage.world.mail(email);
      expect(mail.links[0]).toMatch(new RegExp(`^${stage.world.betterAuthUrl}/`));
      expect(mail.text + mail.html + mail.subject).not.toContain('evil');
    });

    test('sign-up, change of e-mail, deletion', async () => {
      const email = stage.address();
      await lying('/sign-up/email', { email, password, name: 'A' });
      expect((await stage.world.mail(email)).links[0]).toMatch(new RegExp(`^${stage.world.betterAuthUrl}/`));
      const member = await stage.member({ verified: true });
      const authorization = `Bearer ${member.token}`;
      for (const [path, body] of [
        ['/change-email', { newEmail: stage.address() }],
        ['/delete-user', {}],
      ] as const) {
        await lying(path, body, { authorization });
        const mail = await stage.world.mail(member.email);
        expect(mail.links[0]).toMatch(new RegExp(`^${stage.world.betterAuthUrl}/`));
      }
    });

    test('redirects of the dialect, too', async () => {
      const reply = await rawRequest(stage.world.url, '/better-auth/api/auth/callback/x?code=1', { headers: lies });
      expect(reply.headers.location).toMatch(new RegExp(`^${stage.world.betterAuthUrl}/error`));
    });
  },
);

/** What an outsider can see of an answer, without what differs between any two. */
const seen = (reply: Reply, email: string) => ({
  status: reply.status,
  text: reply.text.replaceAll(email, 'EMAIL').replaceAll(/"id":"[^"]+"/g, '"id":"ID"'),
  headers: [...reply.headers.keys()].filter((name) => name !== 'date').sort(),
  cookies: reply.setCookies.map((line) => line.split('=', 1)[0]),
});

describe('rule 17: known and unknown addresses are answered alike', () => {
  onEveryEngine('by default', {}, (stage) => {
    test.each([
      ['/sign-in/email', (email: string) => ({ email, password: 'wrong one' })],
      ['/request-password-reset', (email: string) => ({ email })],
      ['/forget-password', (email: string) => ({ email, redirectTo: '/reset' })],
      ['/send-verification-email', (email: string) => ({ email })],
    ])('%s', async (path, body) => {
      const unverified = await stage.member();
      const verified = await stage.member({ verified: true });
      const banned = await stage.member();
      await stage.ban(banned.id);
      const unknown = stage.address();
      const answers = [];
      for (const email of [unknown, unverified.email, verified.email, banned.email]) {
        answers.push(seen(await stage.browser().post(path, body(email)), email));
      }
      for (const answer of answers) expect(answer).toEqual(answers[0]);
    });

    test('sign-in by username', async () => {
      await stage.member({ body: { username: 'known_one' } });
      const signIn = async (username: string) =>
        seen(await stage.browser().post('/sign-in/username', { username, password: 'wrong one' }), username);
      expect(await signIn('known_one')).toEqual(await signIn('unknown_one'));
    });

    test('the same work: an unknown address costs a hash as well', async () => {
      const { email } = await stage.member();
      const verify = vi.spyOn(stage.world.app.mainProject.context('better-auth').passwords, 'verify');
      for (const address of [email, stage.address()]) {
        verify.mockClear();
        await stage.browser().post('/sign-in/email', { email: address, password: 'wrong one' });
        expect(verify).toHaveBeenCalledTimes(1);
      }
      verify.mockRestore();
    });

    test('change-email to a taken and to a free address', async () => {
      const { email } = await stage.member();
      const one = await stage.member({ verified: true });
      const two = await stage.member({ verified: true });
      const free = stage.address();
      const taken = seen(await one.browser.post('/change-email', { newEmail: email }), email);
      expect(taken).toEqual(seen(await two.browser.post('/change-email', { newEmail: free }), free));
    });
  });

  for (const policy of [{ emailVerification: 'required' }, { 'signUp.concealTaken': 'always' }]) {
    onEveryEngine(`sign-up under ${JSON.stringify(policy)}`, { policy }, (stage) => {
      test.each([{}, { image: 'https://example.com/a.png' }, { callbackURL: '/x', rememberMe: false }])(
        'with %o',
        async (more) => {
          const { email } = await stage.member();
          const free = stage.address();
          const signUp = async (address: string) =>
            seen(
              await stage.browser().post('/sign-up/email', { email: address, password, name: 'A', ...more }),
              address,
            );
          expect(await signUp(email)).toEqual(await signUp(free));
        },
      );

      test('at once and many: still alike, and one user', async () => {
        const email = stage.address();
        const replies = await Promise.all(
          Array.from({ length: 6 }, () => stage.browser().post('/sign-up/email', { email, password, name: 'A' })),
        );
        expect(new Set(replies.map((reply) => JSON.stringify(seen(reply, email)))).size).toBe(1);
      });

      test('sign-in before verification tells only whoever has the password', async () => {
        const { email } = await stage.member();
        const wrong = (address: string) =>
          stage.browser().post('/sign-in/email', { email: address, password: 'wrong one' });
        expect(seen(await wrong(email), '')).toEqual(seen(await wrong(stage.address()), ''));
      });
    });
  }
});
