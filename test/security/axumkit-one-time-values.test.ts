import { afterAll, describe, expect, test } from 'vitest';
import { type AxumKitStage, axumKitOnEveryEngine, otherPassword, type Resident } from '../kit/axumkit.ts';
import type { Browser, Reply } from '../kit/browser.ts';
import { startFakeOAuth } from '../kit/fake-oauth.ts';
import { password } from '../kit/stage.ts';

const fake = await startFakeOAuth();
afterAll(() => fake.close());

interface Issued {
  readonly resident: Resident;
  readonly token: string;
}

interface Purpose {
  readonly name: string;
  issue(kit: AxumKitStage): Promise<Issued>;
  use(browser: Browser, token: string): Promise<Reply>;
  /** Success may be told again to whoever follows the link again (mail scanners). */
  readonly toldAgain?: boolean;
  readonly succeeds: number;
}

let strangers = 0;
/** A handle of its own for every try: what is told must not depend on it. */
let handles = 0;

function anotherCat() {
  strangers += 1;
  fake.answers.user = { body: { id: strangers, login: `cat${strangers}`, name: 'Cat' } };
  fake.answers.emails = { body: [{ email: `cat${strangers}@example.org`, primary: true, verified: true }] };
}

const stateOf = async (browser: Browser, flow: 'login' | 'link') => {
  const { body } = await browser.get(`/v0/auth/oauth/github/authorize?flow=${flow}`);
  return new URL(body.auth_url).searchParams.get('state')!;
};

const purposes: readonly Purpose[] = [
  {
    name: 'e-mail verification',
    async issue(kit) {
      const resident = await kit.resident();
      return { resident, token: await kit.mailedToken(resident.email) };
    },
    use: (browser, token) => browser.post('/v0/auth/verify-email', { token }),
    succeeds: 204,
    toldAgain: true,
  },
  {
    name: 'e-mail change',
    async issue(kit) {
      const resident = await kit.resident();
      const new_email = kit.address();
      await resident.browser.post('/v0/auth/change-email', { password, new_email });
      return { resident, token: await kit.mailedToken(new_email) };
    },
    use: (browser, token) => browser.post('/v0/auth/confirm-email-change', { token }),
    succeeds: 204,
  },
  {
    name: 'password reset',
    async issue(kit) {
      const resident = await kit.resident();
      await kit.browser().post('/v0/auth/forgot-password', { email: resident.email });
      return { resident, token: await kit.mailedToken(resident.email) };
    },
    use: (browser, token) => browser.post('/v0/auth/reset-password', { token, new_password: otherPassword }),
    succeeds: 204,
  },
  {
    name: 'state of a link',
    async issue(kit) {
      const resident = await kit.resident();
      anotherCat();
      return { resident, token: await stateOf(resident.browser, 'link') };
    },
    use: (browser, state) => browser.post('/v0/auth/oauth/github/link', { code: 'x', state }),
    succeeds: 204,
  },
  {
    name: 'state of a sign-in',
    async issue(kit) {
      const resident = await kit.resident();
      anotherCat();
      return { resident, token: await stateOf(resident.browser, 'login') };
    },
    use: (browser, state) => browser.post('/v0/auth/oauth/github/login', { code: 'x', state }),
    succeeds: 200,
  },
  {
    name: 'pending sign-up',
    async issue(kit) {
      const resident = await kit.resident();
      anotherCat();
      const state = await stateOf(resident.browser, 'login');
      const { body } = await resident.browser.post('/v0/auth/oauth/github/login', { code: 'x', state });
      return { resident, token: body.pending_token };
    },
    use: (browser, pending_token) =>
      browser.post('/v0/auth/complete-signup', { pending_token, handle: `cat_${++handles}` }),
    succeeds: 204,
  },
];

axumKitOnEveryEngine(
  'rule 6 on AxumKit',
  { providers: [fake.config()], axumkit: { githubRedirectUri: 'https://app.example.com/github' } },
  (kit) => {
    describe.each(purposes)('$name', (purpose) => {
      const presented = ({ browser }: Resident) => browser.copy();

      test('is nothing where another purpose is asked for, and still good where it belongs', async () => {
        const { resident, token } = await purpose.issue(kit);
        for (const other of purposes) {
          // A state is spent by whatever provider operation it is shown to (rule 7).
          if (other === purpose || (purpose.name.startsWith('state') && other.name.startsWith('state'))) continue;
          const reply = await other.use(await presented(resident), token);
          expect([other.name, reply.status >= 400 && reply.status < 500]).toEqual([other.name, true]);
        }
        expect((await purpose.use(await presented(resident), token)).status).toBe(purpose.succeeds);
      });

      test('is no session', async () => {
        const { token } = await purpose.issue(kit);
        const carriers: Record<string, string>[] = [
          { cookie: `session_id=${token}` },
          { authorization: `Bearer ${token}` },
        ];
        for (const headers of carriers) {
          expect((await kit.browser(headers).get('/v0/user/me')).status).toBe(401);
        }
        const reply = await kit.browser().post('/v0/auth/totp/verify', { temp_token: token, code: '123456' });
        expect(reply.body.code).toBe('totp:temp_token_invalid');
      });

      test('a part of it, or more than it, is nothing', async () => {
        const { resident, token } = await purpose.issue(kit);
        for (const form of [token.slice(0, -1), `${token}0`, token.toUpperCase(), ` ${token}`, token.slice(1), '%']) {
          const { status } = await purpose.use(await presented(resident), form);
          expect([form, status >= 400 && status < 500]).toEqual([form, true]);
        }
      });

      test('of twenty at once one wins', async () => {
        const { resident, token } = await purpose.issue(kit);
        const browsers = await Promise.all(Array.from({ length: 20 }, () => presented(resident)));
        const replies = await Promise.all(browsers.map((browser) => purpose.use(browser, token)));
        const won = replies.filter(({ status }) => status === purpose.succeeds).length;
        expect(won).toBe(purpose.toldAgain ? 20 : 1);
        expect(replies.filter(({ status }) => status >= 500)).toEqual([]);
      });
    });
  },
);
