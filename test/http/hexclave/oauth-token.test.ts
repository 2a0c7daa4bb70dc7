import { decodeJwt } from 'jose';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { asSystem } from '../../../src/core/acting.ts';
import { totpCode, totpStep } from '../../../src/core/factors/totp.ts';
import { issueOuterCode } from '../../../src/core/oauth/issue-outer-code.ts';
import { startFakeOAuth } from '../../kit/fake-oauth.ts';
import { hexclaveOnOneEngine } from '../../kit/hexclave.ts';
import { comesAs, oauthSite, page, sharedProvider, verifier } from '../../kit/hexclave-oauth.ts';

const secret = Buffer.from('12345678901234567890');
const fake = await startFakeOAuth();
afterAll(() => fake.close());

hexclaveOnOneEngine('oauth token (spec §2.7)', { providers: [fake.config()] }, (stage) => {
  beforeEach(() => fake.reset());
  const open = async (config = {}) => {
    const project = await stage.project({ ...sharedProvider('github'), ...config });
    const site = oauthSite(project);
    const code = async (change = {}) => (await site.roundTrip('github', change)).searchParams.get('code')!;
    return { project, site, code };
  };

  it('gives exactly these fields for a code', async () => {
    const { project, site, code } = await open();
    const email = stage.address();
    comesAs(fake, email);
    const first = await site.exchange(await code());
    expect(first.status).toBe(200);
    expect(first.body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 600,
      refresh_token: expect.stringMatching(/^[0-9a-z]{45}$/),
      scope: 'legacy',
      newUser: true,
      is_new_user: true,
      afterCallbackRedirectUrl: null,
      after_callback_redirect_url: null,
    });
    expect(first.headers.get('cache-control')).toBe('no-store');
    expect(first.headers.get('pragma')).toBe('no-cache');
    const me = await project.request('GET /users/me', { token: first.body.access_token });
    expect(me.body).toMatchObject({ primary_email: email, primary_email_verified: true, has_password: false });
    expect(me.body.oauth_providers).toMatchObject([{ id: 'github', email }]);
    const after = 'http://localhost:3000/welcome';
    const second = await site.exchange(await code({ after_callback_redirect_url: after }));
    expect(second.body).toMatchObject({
      is_new_user: false,
      newUser: false,
      afterCallbackRedirectUrl: after,
      after_callback_redirect_url: after,
    });
    expect(decodeJwt(second.body.access_token).sub).toBe(decodeJwt(first.body.access_token).sub);
  });

  it('takes JSON too, and members it does not know', async () => {
    const { project, code } = await open();
    comesAs(fake, stage.address());
    const reply = await project.request('POST /auth/oauth/token', {
      access: null,
      body: {
        ...{ grant_type: 'authorization_code', code: await code(), redirect_uri: page, code_verifier: verifier },
        ...{ client_id: `${project.id}#main`, resource: 'x', nested: { a: 1 } },
      },
    });
    expect(reply.status).toBe(200);
  });

  it('takes no plain challenge, also not of a code that was made when it did', async () => {
    const { project, site } = await open();
    const plain = { code_challenge: 'some-code-challenge', code_challenge_method: 'plain' } as const;
    const asked = await site.authorize('github', plain);
    expect([asked.status, asked.body.code]).toEqual([400, 'SCHEMA_ERROR']);
    const { user_id: userId } = await project.signUp();
    const ctx = await project.context();
    const request = {
      ...{ redirectUri: page, state: 's', returnTo: null, codeChallenge: plain.code_challenge },
      codeChallengeMethod: 'plain' as 'S256',
    };
    const grant = { request, userId, isNewUser: false, strongFrom: null, linking: null };
    const code = await asSystem(ctx, (tx) => issueOuterCode(ctx, tx, grant));
    const reply = await site.exchange(code, { code_verifier: plain.code_challenge });
    expect(reply.body.code).toBe('INVALID_AUTHORIZATION_CODE');
  });

  it('refuses codes that are unknown, used, expired, for another use, or shown with another verifier', async () => {
    const { project, site, code } = await open();
    const refused = async (value: string, change = {}) => {
      const reply = await site.exchange(value, change);
      expect([reply.status, reply.body.code]).toEqual([400, 'INVALID_AUTHORIZATION_CODE']);
      expect(reply.body.error).toBe('The given authorization code is invalid.');
    };
    comesAs(fake, stage.address());
    const used = await code();
    expect((await site.exchange(used)).status).toBe(200);
    await refused(used);
    await refused('x');
    await refused('0'.repeat(45));
    const guessed = await code();
    await refused(guessed, { code_verifier: `${verifier}x` });
    // One wrong guess is all there is.
    await refused(guessed);
    const late = await code();
    stage.world.clock.advance(60_000);
    await refused(late);
    const { refresh_token: token } = await project.signUp();
    await refused(token);
  });

  describe('a code that is shown again (RFC 6749 §4.1.2)', () => {
    const used = async () => {
      const opened = await open();
      comesAs(fake, stage.address());
      const code = await opened.code();
      const { body } = await opened.site.exchange(code);
      const works = async () => (await opened.site.refresh(body.refresh_token)).status === 200;
      const events = async () => {
        const ctx = await opened.project.context();
        const found = await ctx.store.read.events.listOf(decodeJwt(body.access_token).sub!, { limit: 100 });
        return found.filter(({ data }) => data.reason === 'code_used_twice').length;
      };
      return { ...opened, used: code, body, works, events };
    };

    it.each([
      ['by the same client', {}],
      ['with another verifier', { code_verifier: `${verifier}x` }],
      ['with another page', { redirect_uri: `${page}/other` }],
    ])('ends what it gave: %s', async (_how, change) => {
      const { project, site, used: code, body, works, events } = await used();
      expect(await works()).toBe(true);
      expect((await site.exchange(code, change)).body.code).toBe('INVALID_AUTHORIZATION_CODE');
      expect([await works(), await events()]).toEqual([false, 1]);
      const me = await project.request('GET /users/me', { token: body.access_token });
      expect(me.body.code).toBe('ACCESS_TOKEN_EXPIRED');
      await site.exchange(code, change);
      expect(await events()).toBe(1);
    });

    it('also after its minute', async () => {
      const { site, used: code, works } = await used();
      stage.world.clock.advance(120_000);
      await site.exchange(code);
      expect(await works()).toBe(false);
    });

    it('is nothing to other sessions of the person, and of another project nothing at all', async () => {
      const { site, used: code, works, code: another } = await used();
      const second = (await site.exchange(await another())).body.refresh_token;
      const { site: elsewhere } = await open();
      await elsewhere.exchange(code);
      expect(await works()).toBe(true);
      await site.exchange(code);
      expect([await works(), (await site.refresh(second)).status]).toEqual([false, 200]);
    });

    it('ends the sign-in that waits for a second factor, and the session that came of it', async () => {
      const { project, site, body, code } = await used();
      await project.request('PATCH /users/me', {
        token: body.access_token,
        body: { totp_secret_base64: secret.toString('base64') },
      });
      const proveWith = async (attempt: string) => {
        stage.world.clock.advance(30_000);
        const totp = totpCode(secret, totpStep(stage.world.clock.now()));
        return project.request('POST /auth/mfa/sign-in', { body: { type: 'totp', totp, code: attempt } });
      };
      const [first, second] = [await code(), await code()];
      const waiting = (await site.exchange(first)).body.details.attempt_code;
      await site.exchange(first);
      expect((await proveWith(waiting)).body.code).toBe('VERIFICATION_CODE_NOT_FOUND');
      const passed = await proveWith((await site.exchange(second)).body.details.attempt_code);
      expect((await site.refresh(passed.body.refresh_token)).status).toBe(200);
      await site.exchange(second);
      expect((await site.refresh(passed.body.refresh_token)).status).toBe(401);
    });

    it('of fifty uses at once one opens a session, which the others end', async () => {
      const { project, site, code } = await open();
      comesAs(fake, stage.address());
      const value = await code();
      const replies = await Promise.all(Array.from({ length: 50 }, () => site.exchange(value)));
      const won = replies.filter(({ status }) => status === 200);
      expect(won).toHaveLength(1);
      const ctx = await project.context();
      const { sub } = decodeJwt(won[0]!.body.access_token);
      expect(await ctx.store.read.sessions.listOf(sub!, ctx.clock.now())).toEqual([]);
    });
  });

  it('wants the redirect URI that the code went to', async () => {
    const { site, code } = await open();
    comesAs(fake, stage.address());
    const value = await code();
    for (const redirect_uri of [`${page}/`, `${page}?a=b`, 'http://localhost:3001/handler/oauth-callback', 'x']) {
      const reply = await site.exchange(value, { redirect_uri });
      expect([reply.status, reply.text]).toEqual([
        400,
        'Invalid redirect URI. Your redirect URI must be the same as the one used to get the authorization code.',
      ]);
    }
    expect((await site.exchange(value)).status).toBe(200);
  });

  it('asks for the client, and names none when it is wrong', async () => {
    const { project, site, code } = await open();
    const other = await stage.project();
    comesAs(fake, stage.address());
    const value = await code();
    const wrong: Record<string, string | null>[] = [
      { client_id: 'nobody' },
      { client_id: null },
      { client_id: `${project.id}#other` },
      { client_secret: 'pck_wrong' },
      { client_secret: project.keys.server },
      { client_secret: other.keys.publishable },
    ];
    for (const change of wrong) {
      const reply = await site.exchange(value, change);
      expect([reply.status, reply.body.code]).toEqual([400, 'INVALID_OAUTH_CLIENT_ID_OR_SECRET']);
      expect(reply.body.details).toEqual({ client_id: null });
    }
    const elsewhere = await site.exchange(value, { client_id: other.id });
    expect(elsewhere.body.code).toBe('INVALID_AUTHORIZATION_CODE');
    await project.configure({ 'project.requirePublishableClientKey': true });
    for (const client_secret of ['__stack_public_client__', null]) {
      const reply = await site.exchange(value, { client_secret });
      expect([reply.status, reply.body.code]).toEqual([401, 'PUBLISHABLE_CLIENT_KEY_REQUIRED_FOR_PROJECT']);
    }
    expect((await site.exchange(value, { client_secret: project.keys.publishable })).status).toBe(200);
  });

  it('words a malformed request as OAuth does (RFC 6749 §5.2)', async () => {
    const { project, site } = await open();
    const cases: [Record<string, string | null>, string, string][] = [
      [{ grant_type: null }, 'invalid_request', 'Missing parameter: `grant_type`'],
      [{ grant_type: 'password' }, 'unsupported_grant_type', 'Unsupported grant type'],
      [{ grant_type: '__proto__' }, 'unsupported_grant_type', 'Unsupported grant type'],
      [{ code: null }, 'invalid_request', 'Missing parameter: `code`'],
      [{ redirect_uri: null }, 'invalid_request', 'Missing parameter: `redirect_uri`'],
      [{ code_verifier: null }, 'invalid_request', 'Missing parameter: `code_verifier`'],
      [{ grant_type: 'refresh_token' }, 'invalid_request', 'Missing parameter: `refresh_token`'],
    ];
    for (const [change, error, error_description] of cases) {
      const reply = await site.exchange('x', change);
      expect([reply.status, reply.body]).toEqual([400, { error, error_description }]);
    }
    for (const body of [undefined, '[]', '"text"', '5', 'null', '{"grant_type":{}}', '{"grant_type":["a"]}']) {
      const reply = await project.request('POST /auth/oauth/token', { access: null, body });
      expect([body, reply.status, reply.body?.error]).toEqual([body, 400, 'invalid_request']);
    }
  });

  it('asks for the second factor, after which the code is gone', async () => {
    const { project, site, code } = await open();
    comesAs(fake, stage.address());
    const { body } = await site.exchange(await code());
    const set = await project.request('PATCH /users/me', {
      token: body.access_token,
      body: { totp_secret_base64: Buffer.from('12345678901234567890').toString('base64') },
    });
    expect(set.status).toBe(200);
    const value = await code();
    const reply = await site.exchange(value);
    expect([reply.status, reply.body.code]).toEqual([400, 'MULTI_FACTOR_AUTHENTICATION_REQUIRED']);
    expect(reply.body).toMatchObject({ error: expect.any(String), details: { attempt_code: expect.any(String) } });
    expect((await site.exchange(value)).body.code).toBe('INVALID_AUTHORIZATION_CODE');
  });

  it('signs a deleted person up again', async () => {
    const { project, site } = await open();
    comesAs(fake, stage.address());
    const first = decodeJwt((await site.signIn()).body.access_token).sub!;
    await project.request(`DELETE /users/${first}`, { access: 'server' });
    const again = await site.signIn();
    expect(again.body.is_new_user).toBe(true);
    expect(decodeJwt(again.body.access_token).sub).not.toBe(first);
  });

  it('makes somebody without an address where the provider gives none', async () => {
    const { project, site } = await open();
    comesAs(fake, null);
    const { body } = await site.signIn();
    const me = await project.request('GET /users/me', { token: body.access_token });
    expect(me.body).toMatchObject({ primary_email: null, primary_email_verified: false, display_name: 'Octo Cat' });
    expect((await site.signIn()).body.is_new_user).toBe(false);
  });

  describe('refresh token (spec §3.8)', () => {
    it('gives a new access token and stays as it is', async () => {
      const { site } = await open();
      comesAs(fake, stage.address());
      const { body } = await site.signIn();
      for (let turn = 0; turn < 2; turn += 1) {
        const reply = await site.refresh(body.refresh_token);
        expect([reply.status, reply.body]).toEqual([
          200,
          {
            access_token: expect.any(String),
            token_type: 'Bearer',
            expires_in: 600,
            scope: 'legacy',
            afterCallbackRedirectUrl: null,
            after_callback_redirect_url: null,
          },
        ]);
        expect(decodeJwt(reply.body.access_token).refresh_token_id).toBe(decodeJwt(body.access_token).refresh_token_id);
      }
    });

    it('is refused when unknown, ended, of somebody deleted, or of another project', async () => {
      const { project, site } = await open();
      const { site: other } = await open();
      const refused = async (token: string, by = site) => {
        const reply = await by.refresh(token);
        expect([reply.status, reply.body.code]).toEqual([401, 'REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED']);
      };
      await refused('rubbish');
      const one = await project.signUp();
      await refused(one.refresh_token, other);
      await refused(one.access_token);
      await project.request('DELETE /auth/sessions/current', { token: one.access_token });
      await refused(one.refresh_token);
      const two = await project.signUp();
      await project.request(`DELETE /users/${two.user_id}`, { access: 'server' });
      await refused(two.refresh_token);
    });
  });
});
