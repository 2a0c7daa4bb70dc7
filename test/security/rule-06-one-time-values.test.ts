import { afterAll, describe, expect, test } from 'vitest';
import type { Browser, Reply } from '../kit/browser.ts';
import { startFakeOAuth } from '../kit/fake-oauth.ts';
import { type Member, onEveryEngine, otherPassword, type Stage, tokenIn } from '../kit/stage.ts';

const fake = await startFakeOAuth();
afterAll(() => fake.close());

interface Issued {
  readonly member: Member;
  readonly token: string;
}

interface Purpose {
  readonly name: string;
  /** Has one made. */
  issue(stage: Stage): Promise<Issued>;
  /** Presents a token here, as the person it was made for. */
  use(browser: Browser, token: string): Promise<Reply>;
  readonly succeeded: (reply: Reply) => boolean;
  /** What is in the events of the person exactly once after a success. */
  readonly event: string;
  /** Success may be told again to whoever follows the link again (mail scanners). */
  readonly toldAgain?: boolean;
}

const ok = (reply: Reply) => reply.status === 200;

async function changing(stage: Stage, verified: boolean) {
  const member = await stage.member({ verified });
  const newEmail = stage.address();
  await member.browser.post('/change-email', { newEmail });
  return { member, token: await stage.mailedToken(verified ? member.email : newEmail) };
}

const purposes: readonly Purpose[] = [
  {
    name: 'e-mail verification',
    async issue(stage) {
      const member = await stage.member();
      return { member, token: await stage.mailedToken(member.email) };
    },
    use: (browser, token) => browser.get(`/verify-email?token=${token}`),
    succeeded: ok,
    event: 'email.verified',
    toldAgain: true,
  },
  {
    name: 'confirmation of an e-mail change',
    issue: (stage) => changing(stage, true),
    use: (browser, token) => browser.get(`/verify-email?token=${token}`),
    succeeded: ok,
    event: '', // mails the new address, counted below
    toldAgain: true,
  },
  {
    name: 'e-mail change',
    issue: (stage) => changing(stage, false),
    use: (browser, token) => browser.get(`/verify-email?token=${token}`),
    succeeded: ok,
    event: 'email.changed',
    toldAgain: true,
  },
  {
    name: 'password reset',
    async issue(stage) {
      const member = await stage.member();
      await stage.browser().post('/request-password-reset', { email: member.email });
      return { member, token: await stage.mailedToken(member.email) };
    },
    use: (browser, token) => browser.post('/reset-password', { newPassword: otherPassword, token }),
    succeeded: ok,
    event: 'password.reset',
  },
  {
    name: 'deletion',
    async issue(stage) {
      const member = await stage.member();
      await member.browser.post('/delete-user');
      return { member, token: await stage.mailedToken(member.email) };
    },
    use: (browser, token) => browser.get(`/delete-user/callback?token=${token}`),
    succeeded: ok,
    event: 'account.deleted',
  },
  {
    name: 'provider flow',
    async issue(stage) {
      const member = await stage.member({ verified: true });
      fake.answers.user = { body: { id: member.email, login: 'cat', name: 'Cat' } };
      fake.answers.emails = { body: [{ email: member.email, primary: true, verified: true }] };
      const started = await member.browser.post('/link-social', {
        provider: 'github',
        callbackURL: '/in',
        errorCallbackURL: '/no',
      });
      return { member, token: new URL(started.body.url).searchParams.get('state')! };
    },
    use: (browser, token) => browser.get(`/callback/github?code=x&state=${token}`),
    succeeded: (reply) => reply.headers.get('location')?.endsWith('/in') ?? false,
    event: 'provider.linked',
  },
  {
    name: 'sign-in link',
    async issue(stage) {
      const member = await stage.member({ verified: true });
      await member.browser.post('/sign-in/magic-link', { email: member.email });
      return { member, token: await stage.mailedToken(member.email) };
    },
    use: (browser, token) => browser.get(`/magic-link/verify?token=${token}`),
    succeeded: ok,
    event: '', // signing up signed in already
    toldAgain: true,
  },
  {
    name: 'hand-over of a session',
    async issue(stage) {
      const member = await stage.member();
      return { member, token: (await member.browser.get('/one-time-token/generate')).body.token };
    },
    use: (browser, token) => browser.post('/one-time-token/verify', { token }),
    succeeded: ok,
    event: '', // the session is the same one
  },
];

onEveryEngine(
  'rule 6',
  {
    providers: [fake.config()],
    betterAuth: { oneTimeToken: true },
    policy: { 'users.selfDeletion': true, 'users.deletionProof': 'mail' },
  },
  (stage) => {
    const presented = (member: Member) => member.browser.copy();

    describe.each(purposes)('$name', (purpose) => {
      test('is nothing where another purpose is asked for, and still good where it belongs', async () => {
        const { member, token } = await purpose.issue(stage);
        for (const other of purposes) {
          if (String(other.use) === String(purpose.use)) continue;
          const reply = await other.use(await presented(member), token);
          expect([other.name, other.succeeded(reply)]).toEqual([other.name, false]);
        }
        // The browser's state cookie was cleared by the callback that refused.
        const right = await purpose.use(await presented(member), token);
        expect(purpose.succeeded(right)).toBe(true);
      });

      test('is no session and no bearer token', async () => {
        const { token } = await purpose.issue(stage);
        const reply = await stage.browser().get('/get-session', { authorization: `Bearer ${token}` });
        expect(reply.text).toBe('null');
      });

      test('a part of it, or more than it, is nothing', async () => {
        const { member, token } = await purpose.issue(stage);
        const forms = [
          token.slice(0, -1),
          `${token}0`,
          token.toUpperCase(),
          ` ${token}`,
          `${token}%00`,
          token.slice(1),
          '%',
          '*',
        ];
        for (const form of forms) {
          const reply = await purpose.use(await presented(member), form);
          expect([form, purpose.succeeded(reply), reply.status < 500]).toEqual([form, false, true]);
        }
      });

      test('of fifty at once one wins', async () => {
        const { member, token } = await purpose.issue(stage);
        const browsers = await Promise.all(Array.from({ length: 50 }, () => presented(member)));
        const replies = await Promise.all(browsers.map((browser) => purpose.use(browser, token)));
        const won = replies.filter(purpose.succeeded).length;
        expect(won).toBe(purpose.toldAgain ? 50 : 1);
        expect(replies.every(({ status }) => status < 500)).toBe(true);
        const events = await stage.world.eventTypes(member.id);
        if (purpose.event !== '') expect(events.filter((type) => type === purpose.event)).toHaveLength(1);
      });
    });

    test('the confirmation of a change mails the new address once, however often it is followed', async () => {
      const { member, token } = await changing(stage, true);
      const before = (await stage.world.mails()).length;
      await Promise.all(Array.from({ length: 20 }, () => member.browser.get(`/verify-email?token=${token}`)));
      expect((await stage.world.mails()).length - before).toBe(1);
    });

    test('a token is kept as a hash only', async () => {
      const { email } = await stage.member();
      const token = tokenIn((await stage.world.mail(email)).links[0]!);
      const rows = await stage.world.database!.rows('SELECT * FROM one_time_value');
      const text = rows
        .map((row) =>
          Object.values(row)
            .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)))
            .join(),
        )
        .join();
      expect(text).not.toContain(token);
    });
  },
);
