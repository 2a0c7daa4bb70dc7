import { afterAll, describe, expect, test } from 'vitest';
import type { Browser } from '../kit/browser.ts';
import { startFakeOAuth } from '../kit/fake-oauth.ts';
import { type Member, onEveryEngine, otherPassword, password, type Stage, tokenIn } from '../kit/stage.ts';

const newPassword = 'a third one, long';
const fake = await startFakeOAuth();
afterAll(() => fake.close());

async function visitProvider(browser: Browser): Promise<void> {
  const started = await browser.post('/sign-in/social', { provider: 'github' });
  await browser.get(`/callback/github?code=x&state=${new URL(started.body.url).searchParams.get('state')}`);
}

interface Ending {
  readonly name: string;
  happen(stage: Stage, member: Member): Promise<unknown>;
  /** Core map §2, second matrix. */
  readonly current: 'stays' | 'ends';
  readonly others: 'ends';
}

async function reset(stage: Stage, { email }: Member) {
  await stage.browser().post('/request-password-reset', { email });
  return stage.browser().post('/reset-password', { newPassword, token: await stage.mailedToken(email) });
}

const endings: readonly Ending[] = [
  {
    name: 'password changed',
    happen: (_stage, { browser }) => browser.post('/change-password', { currentPassword: password, newPassword }),
    current: 'stays',
    others: 'ends',
  },
  { name: 'password reset', happen: reset, current: 'ends', others: 'ends' },
  {
    name: 'e-mail replaced',
    async happen(stage, member) {
      const newEmail = stage.address();
      await member.browser.post('/change-email', { newEmail });
      await member.browser.get(`/verify-email?token=${await stage.mailedToken(member.email)}`);
      const reply = await member.browser.get(`/verify-email?token=${await stage.mailedToken(newEmail)}`);
      expect(reply.body.user.email).toBe(newEmail);
    },
    current: 'stays',
    others: 'ends',
  },
  { name: 'banned', happen: (stage, { id }) => stage.ban(id), current: 'ends', others: 'ends' },
  { name: 'deactivated', happen: (stage, { id }) => stage.deactivate(id), current: 'ends', others: 'ends' },
  {
    name: 'deleted',
    happen: (_stage, { browser }) => browser.post('/delete-user', { password }),
    current: 'ends',
    others: 'ends',
  },
];

onEveryEngine('the end matrix (rules 12 and 18)', { policy: { 'users.selfDeletion': true } }, (stage) => {
  const alive = async (browser: Browser) => (await browser.get('/get-session')).text !== 'null';

  describe.each(endings)('$name', (ending) => {
    test(`this session ${ending.current}, others end, at the next request`, async () => {
      const member = await stage.member({ verified: true });
      const other = await stage.signIn(member);
      const current = await member.browser.copy();
      expect([await alive(current), await alive(other)]).toEqual([true, true]); // both are in the cache now
      await ending.happen(stage, member);
      expect(await alive(current)).toBe(ending.current === 'stays');
      expect(await alive(other)).toBe(false);
      for (const path of ['/list-sessions', '/list-accounts']) expect((await other.get(path)).status).toBe(401);
      expect((await other.post('/update-user', { name: 'x' })).status).toBe(401);
    });

    test('a sign-in that waits for its second factor is dead', async () => {
      const member = await stage.member({ verified: true });
      await member.browser.post('/two-factor/enable', { password, method: 'otp' });
      const waiting = stage.browser();
      const held = await waiting.post('/sign-in/email', { email: member.email, password });
      expect(held.body).toMatchObject({ twoFactorRedirect: true });
      await waiting.post('/two-factor/send-otp');
      const code = /\b\d{6}\b/.exec((await stage.world.mail(member.email)).text)![0];
      await ending.happen(stage, member);
      const reply = await waiting.post('/two-factor/verify-otp', { code });
      expect(reply.status).toBeGreaterThanOrEqual(400);
      expect(reply.setCookies.join()).not.toMatch(/session_token=\w{45}/);
      expect(await alive(waiting)).toBe(false);
    });
  });

  // Nothing but the gate stands against whoever is deactivated: what was mailed before stays as it is.
  const voiding = endings.filter(({ name }) => name !== 'deactivated');

  describe.each(voiding)('$name', (ending) => {
    test('a reset link mailed before is dead', async () => {
      const member = await stage.member({ verified: true });
      await stage.browser().post('/request-password-reset', { email: member.email });
      const token = await stage.mailedToken(member.email);
      await ending.happen(stage, member);
      const reply = await stage.browser().post('/reset-password', { newPassword: otherPassword, token });
      expect(reply.status).toBe(400);
    });
  });

  describe.each(voiding.filter(({ name }) => name !== 'e-mail replaced'))('$name', (ending) => {
    test('an e-mail change under way is dead', async () => {
      const member = await stage.member({ verified: true });
      const link = await (async () => {
        await member.browser.post('/change-email', { newEmail: stage.address() });
        return tokenIn((await stage.world.mail(member.email)).links[0]!);
      })();
      await ending.happen(stage, member);
      expect((await stage.browser().get(`/verify-email?token=${link}`)).status).toBe(401);
    });
  });

  describe('deactivated', () => {
    const gone = [403, 'BANNED_USER'];

    test('a reset link mailed before sets a password that lets nobody in', async () => {
      const { email, id } = await stage.member({ verified: true });
      const visitor = stage.browser();
      await visitor.post('/request-password-reset', { email });
      const token = await stage.mailedToken(email);
      await stage.deactivate(id);
      const set = await visitor.post('/reset-password', { newPassword, token });
      expect([set.status, set.setCookies]).toEqual([200, []]);
      const reply = await visitor.post('/sign-in/email', { email, password: newPassword });
      expect([reply.status, reply.body.code]).toEqual(gone);
    });

    test('an e-mail change under way lets nobody in', async () => {
      const { browser, email, id } = await stage.member({ verified: true });
      const newEmail = stage.address();
      await browser.post('/change-email', { newEmail });
      const change = await stage.mailedToken(email);
      await stage.deactivate(id);
      const visitor = stage.browser();
      await visitor.get(`/verify-email?token=${change}`);
      const moved = await visitor.get(`/verify-email?token=${await stage.mailedToken(newEmail)}`);
      expect([moved.status, moved.setCookies]).toEqual([200, []]);
      expect(await alive(visitor)).toBe(false);
      const reply = await visitor.post('/sign-in/email', { email: newEmail, password });
      expect([reply.status, reply.body.code]).toEqual(gone);
    });
  });

  test('a reset does not skip the second factor', async () => {
    const member = await stage.member({ verified: true });
    await member.browser.post('/two-factor/enable', { password, method: 'otp' });
    const answered = await reset(stage, member);
    expect(answered.setCookies).toEqual([]);
    const browser = stage.browser();
    const reply = await browser.post('/sign-in/email', { email: member.email, password: newPassword });
    expect(reply.body).toEqual({ twoFactorRedirect: true, twoFactorMethods: ['otp'] });
    expect(await alive(browser)).toBe(false);
  });
});

interface State {
  readonly name: string;
  enter(stage: Stage, member: Member): Promise<unknown>;
  /** What a right password is answered. */
  readonly told: readonly [status: number, code: string | null];
}

const states: readonly State[] = [
  { name: 'active', enter: async () => {}, told: [200, null] },
  { name: 'banned', enter: (stage, { id }) => stage.ban(id), told: [403, 'BANNED_USER'] },
  { name: 'banned for a while', enter: (stage, { id }) => stage.ban(id, 60), told: [403, 'BANNED_USER'] },
  { name: 'deactivated', enter: (stage, { id }) => stage.deactivate(id), told: [403, 'BANNED_USER'] },
  {
    name: 'deleted',
    enter: (_stage, { browser }) => browser.post('/delete-user', { password }),
    told: [401, 'INVALID'],
  },
];

onEveryEngine(
  'the gate matrix (rule 18)',
  {
    providers: [fake.config()],
    policy: { 'users.selfDeletion': true, 'emails.signInAfterVerification': true },
  },
  (stage) => {
    let count = 0;
    const paths: Readonly<
      Record<string, (member: Member, browser: Browser, username: string) => ReturnType<Browser['post']>>
    > = {
      'e-mail and password': ({ email }, browser) => browser.post('/sign-in/email', { email, password }),
      'username and password': (_member, browser, username) =>
        browser.post('/sign-in/username', { username, password }),
    };

    for (const state of states) {
      for (const [path, signIn] of Object.entries(paths)) {
        test(`${state.name}: ${path}`, async () => {
          const username = `person_${++count}`;
          const member = await stage.member({ verified: true, body: { username } });
          await state.enter(stage, member);
          const browser = stage.browser();
          const reply = await signIn(member, browser, username);
          const [status, code] = state.told;
          expect(reply.status).toBe(status);
          if (code !== null) expect(reply.body.code).toContain(code);
          expect((await browser.get('/get-session')).text === 'null').toBe(status !== 200);
        });
      }

      test(`${state.name}: a link that would sign in`, async () => {
        const member = await stage.member();
        const token = await stage.mailedToken(member.email);
        await state.enter(stage, member);
        const browser = stage.browser();
        await browser.get(`/verify-email?token=${token}`);
        expect((await browser.get('/get-session')).text === 'null').toBe(state.name !== 'active');
      });

      test(`${state.name}: the session from before`, async () => {
        const member = await stage.member();
        const browser = await member.browser.copy();
        await state.enter(stage, member);
        expect((await browser.get('/get-session')).text === 'null').toBe(state.name !== 'active');
        const bearer = await stage.browser().get('/get-session', { authorization: `Bearer ${member.token}` });
        expect(bearer.text === 'null').toBe(state.name !== 'active');
      });

      test(`${state.name}: a provider`, async () => {
        const member = await stage.member({ verified: true });
        fake.answers.user = { body: { id: member.email, login: 'cat', name: 'Cat' } };
        fake.answers.emails = { body: [{ email: member.email, primary: true, verified: true }] };
        await visitProvider(await member.browser.copy()); // linked
        await state.enter(stage, member);
        const browser = stage.browser();
        await visitProvider(browser);
        const session = (await browser.get('/get-session')).body;
        if (state.name === 'active') expect(session.user.id).toBe(member.id);
        else if (state.name === 'deleted')
          expect(session.user.id).not.toBe(member.id); // somebody new
        else expect(session).toBeNull();
      });
    }

    test('a wrong password tells nothing of the state', async () => {
      const texts = new Set<string>();
      for (const state of states) {
        const member = await stage.member();
        await state.enter(stage, member);
        const reply = await stage.browser().post('/sign-in/email', { email: member.email, password: 'wrong one' });
        texts.add(`${reply.status} ${reply.text}`);
      }
      expect(texts.size).toBe(1);
    });

    test('a ban that ends lets in again, but brings no session back', async () => {
      const member = await stage.member();
      await stage.ban(member.id, 60);
      stage.world.clock.advance(60_000);
      expect((await member.browser.get('/get-session')).text).toBe('null');
      expect((await (await stage.signIn(member)).get('/get-session')).body.user).toMatchObject({
        banned: false,
        banReason: null,
      });
      expect(await stage.world.eventTypes(member.id)).toContain('account.unbanned');
    });
  },
);

onEveryEngine(
  'unverified where verification is required (rule 11)',
  { policy: { emailVerification: 'required' } },
  (stage) => {
    test('no order of steps leads to a session before the address is proven', async () => {
      const { email, browser } = await stage.member();
      expect((await browser.get('/get-session')).text).toBe('null');
      expect((await browser.post('/sign-in/email', { email, password })).status).toBe(403);
      expect((await browser.get('/get-session')).text).toBe('null');
      expect((await browser.post('/change-email', { newEmail: stage.address() })).status).toBe(401);
      expect((await browser.post('/change-password', { currentPassword: password, newPassword })).status).toBe(401);
    });

    test('a reset proves the mailbox: then it does', async () => {
      const member = await stage.member();
      await reset(stage, member);
      const reply = await stage.browser().post('/sign-in/email', { email: member.email, password: newPassword });
      expect([reply.status, reply.body.user.emailVerified]).toEqual([200, true]);
    });
  },
);

onEveryEngine('missing input is never success (rule 11)', { policy: { 'users.selfDeletion': true } }, (stage) => {
  test.each([
    ['/sign-in/email', [{}, { email: '' }, { password }, { email: '', password: '' }, { email: null, password: null }]],
    ['/sign-in/username', [{}, { username: '' }, { username: '', password: '' }]],
    [
      '/reset-password',
      [
        {},
        { newPassword: otherPassword },
        { newPassword: otherPassword, token: '' },
        { newPassword: otherPassword, token: null },
      ],
    ],
    [
      '/change-password',
      [{}, { newPassword }, { newPassword, currentPassword: '' }, { newPassword, currentPassword: null }],
    ],
    ['/verify-password', [{}, { password: '' }, { password: null }]],
    ['/delete-user', [{ token: '' }, { password: '' }, { token: null }]],
    ['/two-factor/verify-totp', [{}, { code: '' }, { code: null }]],
    ['/two-factor/verify-otp', [{}, { code: '' }]],
    ['/two-factor/verify-backup-code', [{}, { code: '' }]],
    ['/get-access-token', [{}, { accountId: '' }, { providerId: '' }]],
  ] as const)('%s', async (path, bodies) => {
    for (const body of bodies) {
      const { browser } = await stage.member();
      const before = await browser.cookie('better-auth.session_token');
      const reply = await browser.post(path, body);
      expect([path, body, reply.status >= 400 && reply.status < 500]).toEqual([path, body, true]);
      expect(await browser.cookie('better-auth.session_token')).toBe(before);
    }
  });
});
