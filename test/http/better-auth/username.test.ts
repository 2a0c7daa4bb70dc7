import { describe, expect, test } from 'vitest';
import { onOneEngine, password } from '../../kit/stage.ts';

const shapes = [
  ['too short', 'ab', 'USERNAME_TOO_SHORT', 'Username is too short'],
  ['too long', 'a'.repeat(31), 'USERNAME_TOO_LONG', 'Username is too long'],
  ['with a space', 'ada lovelace', 'INVALID_USERNAME', 'Username is invalid'],
  ['with an @', 'ada@home', 'INVALID_USERNAME', 'Username is invalid'],
] as const;

onOneEngine('Username', {}, (stage) => {
  let count = 0;
  const aName = () => `Ada_${++count}`;
  const signUp = (body: Record<string, unknown>) =>
    stage.browser().post('/sign-up/email', { email: stage.address(), password, name: 'Ada', ...body });
  const signIn = (body: Record<string, unknown>) => stage.browser().post('/sign-in/username', { password, ...body });

  test('signs in in any letter case; callbackURL gives redirect and url', async () => {
    const username = aName();
    await signUp({ username });
    const reply = await signIn({ username: username.toUpperCase(), callbackURL: '/home' });
    expect(reply.body).toMatchObject({ redirect: true, url: '/home', token: expect.any(String) });
    expect(reply.body.user).toMatchObject({ username: username.toLowerCase(), displayUsername: username });
    expect(reply.headers.get('location')).toBe('/home');
  });

  test('displayUsername is kept as typed; alone it is the username too when it can be one', async () => {
    const [one, two] = [aName(), aName()];
    expect((await signUp({ username: one, displayUsername: 'Lady Ada' })).body.user).toMatchObject({
      username: one.toLowerCase(),
      displayUsername: 'Lady Ada',
    });
    expect((await signUp({ displayUsername: two })).body.user).toMatchObject({
      username: two.toLowerCase(),
      displayUsername: two,
    });
    expect((await signUp({ displayUsername: 'Lady Ada' })).body.user).toMatchObject({
      username: null,
      displayUsername: 'Lady Ada',
    });
  });

  test('an empty displayUsername, as a form sends it, is none', async () => {
    const username = aName();
    const signedUp = await signUp({ username, displayUsername: '' });
    expect(signedUp.body.user).toMatchObject({ username: username.toLowerCase(), displayUsername: username });
    expect((await signUp({ displayUsername: '' })).body.user).toMatchObject({ username: null, displayUsername: null });
    const { browser } = await stage.member({ body: { username: aName(), displayUsername: 'Lady Ada' } });
    expect((await browser.post('/update-user', { displayUsername: '' })).status).toBe(200);
    expect((await browser.get('/get-session')).body.user.displayUsername).toBeNull();
  });

  test('a chosen displayUsername outlives another username; one that only spells the username follows it', async () => {
    const display = async (start: object, change: object) => {
      const { browser } = await stage.member({ body: { username: aName(), ...start } });
      expect((await browser.post('/update-user', change)).status).toBe(200);
      return (await browser.get('/get-session')).body.user.displayUsername;
    };
    const [one, two] = [aName(), aName()];
    expect(await display({ displayUsername: 'Lady Ada' }, { username: one })).toBe('Lady Ada');
    expect(await display({}, { username: two })).toBe(two);
    expect(await display({ displayUsername: 'Lady Ada' }, { username: aName(), displayUsername: 'Grace' })).toBe(
      'Grace',
    );
  });

  test('a page that sends the username back as it was shown changes nothing about it', async () => {
    for (const displayUsername of ['Lady Ada', undefined]) {
      const { browser } = await stage.member({ body: { username: aName(), displayUsername } });
      const { user } = (await browser.get('/get-session')).body;
      expect((await browser.post('/update-user', { username: user.username, name: 'Grace' })).status).toBe(200);
      expect((await browser.post('/update-user', { username: user.username })).status).toBe(200);
      const now = (await browser.get('/get-session')).body.user;
      expect([now.username, now.displayUsername]).toEqual([user.username, user.displayUsername]);
    }
  });

  test.each(shapes)('at sign-up and update, %s is 400', async (_what, username, code, message) => {
    const { browser } = await stage.member();
    for (const reply of [await signUp({ username }), await browser.post('/update-user', { username })]) {
      expect([reply.status, reply.body]).toEqual([400, { message, code }]);
    }
  });

  test.each(shapes)('at sign-in and the availability check, %s is 422', async (_what, username, code, message) => {
    for (const reply of [
      await signIn({ username }),
      await stage.browser().post('/is-username-available', { username }),
    ]) {
      expect([reply.status, reply.body]).toEqual([422, { message, code }]);
    }
  });

  test('a taken one is refused in any case; the own one may be set again', async () => {
    const username = aName();
    await signUp({ username });
    const other = await stage.member({ body: { username: aName() } });
    const taken = { message: 'Username is already taken. Please try another.', code: 'USERNAME_IS_ALREADY_TAKEN' };
    expect((await signUp({ username: username.toLowerCase() })).body).toEqual(taken);
    expect((await other.browser.post('/update-user', { username: username.toUpperCase() })).body).toEqual(taken);
    const own = (await other.browser.get('/get-session')).body.user.username;
    expect((await other.browser.post('/update-user', { username: own.toUpperCase() })).status).toBe(200);
    expect((await other.browser.get('/get-session')).body.user).toMatchObject({
      username: own,
      displayUsername: own.toUpperCase(),
    });
  });

  test('wrong, unknown and empty are one answer', async () => {
    const username = aName();
    await signUp({ username });
    const told = { message: 'Invalid username or password', code: 'INVALID_USERNAME_OR_PASSWORD' };
    for (const body of [
      { username, password: 'wrong one' },
      { username: aName() },
      { username: '' },
      { username, password: '' },
    ]) {
      const reply = await signIn(body);
      expect([reply.status, reply.body]).toEqual([401, told]);
    }
  });

  test('POST /is-username-available, in any letter case; reserved ones are taken', async () => {
    const username = aName();
    await signUp({ username });
    const available = async (name: string) =>
      (await stage.browser().post('/is-username-available', { username: name })).body;
    expect(await available(aName())).toEqual({ available: true });
    expect(await available(username.toLowerCase())).toEqual({ available: false });
    expect(await available(username.toUpperCase())).toEqual({ available: false });
    expect(await available('Admin')).toEqual({ available: false });
  });
});

onOneEngine('Username where verification is required', { policy: { emailVerification: 'required' } }, (stage) => {
  test('the password comes first: wrong is INVALID_USERNAME_OR_PASSWORD, right is EMAIL_NOT_VERIFIED', async () => {
    const { email } = await stage.member({ body: { username: 'ada_l' } });
    const signIn = (body: Record<string, unknown>) =>
      stage.browser().post('/sign-in/username', { username: 'ada_l', ...body });
    expect((await signIn({ password: 'wrong one' })).body.code).toBe('INVALID_USERNAME_OR_PASSWORD');
    const right = await signIn({ password, callbackURL: '/a?b=c&d' });
    expect([right.status, right.body.code]).toEqual([403, 'EMAIL_NOT_VERIFIED']);
    expect((await stage.world.mail(email)).links[0]).toContain(
      `&callbackURL=${encodeURIComponent(`${stage.world.url}/a?b=c&d`)}`,
    );
  });
});

describe('policy', () => {
  onOneEngine(
    'usernames that stay and cannot be asked for',
    { policy: { 'username.immutable': true, 'username.checkEndpoint': false } },
    (stage) => {
      test('once set, it stays', async () => {
        const { browser } = await stage.member({ body: { username: 'first_one' } });
        expect((await browser.post('/update-user', { username: 'second_one' })).status).toBe(400);
        expect((await browser.get('/get-session')).body.user.username).toBe('first_one');
      });

      test('the check is 404', async () => {
        expect((await stage.browser().post('/is-username-available', { username: 'free_one' })).status).toBe(404);
      });
    },
  );
});
