import { decodeJwt } from 'jose';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { startFakeOAuth } from '../../kit/fake-oauth.ts';
import { type HexclaveProject, hexclaveOnOneEngine } from '../../kit/hexclave.ts';
import { comesAs, oauthSite, sharedProvider } from '../../kit/hexclave-oauth.ts';

const fake = await startFakeOAuth();
afterAll(() => fake.close());

hexclaveOnOneEngine('oauth merge strategy (spec §3.6)', { providers: [fake.config()] }, (stage) => {
  beforeEach(() => fake.reset());
  const open = async (strategy: string | null, config = {}) => {
    const project = await stage.project({
      ...sharedProvider('github'),
      ...(strategy && { 'auth.oauth.accountMergeStrategy': strategy }),
      ...config,
    });
    return { project, site: oauthSite(project) };
  };
  const member = async (project: HexclaveProject, verified: boolean, email = stage.address()) => {
    const made = await project.request('POST /users', {
      access: 'server',
      body: { primary_email: email, primary_email_verified: verified, primary_email_auth_enabled: true },
    });
    expect(made.status).toBe(201);
    return { email, id: made.body.id as string };
  };
  const taken = (url: URL, email: string, flag: boolean) => {
    expect(url.searchParams.get('errorCode')).toBe('CONTACT_CHANNEL_ALREADY_USED_FOR_AUTH_BY_SOMEONE_ELSE');
    expect(JSON.parse(url.searchParams.get('details')!)).toEqual({
      type: 'email',
      contact_channel_value: email,
      would_work_if_email_was_verified: flag,
    });
    const message = `This email "(${email})" is already used for authentication by another account`;
    expect(url.searchParams.get('message')).toMatch(
      flag ? /another account but the email is not verified\. Please login/ : /another account\.$/,
    );
    expect(url.searchParams.get('message')!.startsWith(message)).toBe(true);
  };

  describe.each([[null], ['link_method']])('%s', (strategy) => {
    it('links to whoever verified the address, in any case of letters, also with sign-up off', async () => {
      const { project, site } = await open(strategy, { 'auth.allowSignUp': false });
      const { email, id } = await member(project, true);
      comesAs(fake, email.toUpperCase());
      const { body } = await site.signIn();
      expect(body.is_new_user).toBe(false);
      expect(decodeJwt(body.access_token).sub).toBe(id);
      // By the account from now on, whatever its address.
      fake.answers.emails = { body: [{ email: stage.address(), primary: true, verified: true }] };
      expect(decodeJwt((await site.signIn()).body.access_token).sub).toBe(id);
    });

    it('refuses where the person did not verify it, and says that this would help', async () => {
      const { project, site } = await open(strategy);
      const { email } = await member(project, false);
      comesAs(fake, email);
      taken(await site.roundTrip('github'), email, true);
    });

    it('refuses where the provider did not verify it', async () => {
      const { project, site } = await open(strategy);
      const { email } = await member(project, true);
      comesAs(fake, email, false);
      taken(await site.roundTrip('github'), email, false);
    });
  });

  it('raise_error refuses always, without the flag', async () => {
    const { project, site } = await open('raise_error');
    for (const verified of [true, false]) {
      const { email } = await member(project, verified);
      comesAs(fake, email);
      taken(await site.roundTrip('github'), email, false);
    }
  });

  it('allow_duplicates makes somebody new, who does not sign in by that address', async () => {
    const { project, site } = await open('allow_duplicates');
    const { email, id } = await member(project, true);
    comesAs(fake, email);
    const { body } = await site.signIn();
    expect(body.is_new_user).toBe(true);
    const me = await project.request('GET /users/me', { token: body.access_token });
    expect(me.body).toMatchObject({ primary_email: email, primary_email_verified: true });
    expect(me.body.id).not.toBe(id);
    const channels = await project.request(`GET /contact-channels?user_id=me`, { token: body.access_token });
    expect(channels.body.items).toMatchObject([{ value: email, used_for_auth: false, is_verified: true }]);
    expect((await site.signIn()).body.is_new_user).toBe(false);
    // Free addresses are used for signing in as ever.
    const free = stage.address();
    comesAs(fake, free);
    const token = (await site.signIn()).body.access_token;
    const own = await project.request('GET /contact-channels?user_id=me', { token });
    expect(own.body.items).toMatchObject([{ value: free, used_for_auth: true }]);
  });

  it('allow_duplicates makes nobody where sign-up is off', async () => {
    const { project, site } = await open('allow_duplicates', { 'auth.allowSignUp': false });
    const { email } = await member(project, true);
    comesAs(fake, email);
    expect((await site.roundTrip('github')).searchParams.get('errorCode')).toBe('SIGN_UP_NOT_ENABLED');
  });

  it('does not look at addresses that sign nobody in', async () => {
    const { project, site } = await open(null);
    const email = stage.address();
    await project.request('POST /users', {
      access: 'server',
      body: { primary_email: email, primary_email_verified: true, primary_email_auth_enabled: false },
    });
    comesAs(fake, email);
    expect((await site.signIn()).body.is_new_user).toBe(true);
  });

  describe('an anonymous user (spec §3.4)', () => {
    const anonymous = async (project: HexclaveProject) =>
      (await project.request('POST /auth/anonymous/sign-up')).body as { access_token: string; user_id: string };

    it('becomes the person who comes, with the same id', async () => {
      const { project, site } = await open(null);
      const { access_token: token, user_id } = await anonymous(project);
      const email = stage.address();
      comesAs(fake, email);
      const { body } = await site.signIn('github', { token });
      const claims = decodeJwt(body.access_token);
      expect(claims).toMatchObject({ sub: user_id, is_anonymous: false, email });
    });

    it('stays nobody where sign-up is off, and where the account is somebody else', async () => {
      const { project, site } = await open(null);
      const { access_token: token, user_id } = await anonymous(project);
      const { email, id } = await member(project, true);
      comesAs(fake, email);
      expect(decodeJwt((await site.signIn('github', { token })).body.access_token).sub).toBe(id);
      await project.configure({ 'auth.allowSignUp': false });
      comesAs(fake, stage.address());
      const end = await site.roundTrip('github', { token });
      expect(end.searchParams.get('errorCode')).toBe('SIGN_UP_NOT_ENABLED');
      const still = await project.request(`GET /users/${user_id}`, { access: 'server' });
      expect(still.body.is_anonymous).toBe(true);
    });

    it('a person who is somebody gets an account of their own', async () => {
      const { project, site } = await open(null);
      const { access_token: token, user_id } = await project.signUp();
      comesAs(fake, stage.address());
      const { body } = await site.signIn('github', { token });
      expect(body.is_new_user).toBe(true);
      expect(decodeJwt(body.access_token).sub).not.toBe(user_id);
    });
  });
});
